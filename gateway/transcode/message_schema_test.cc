#include "gateway/transcode/message_schema.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using testing::Choice;
using testing::Everything;
using testing::Lists;
using testing::Maps;
using testing::Node;
using testing::Scalars;

TEST(MessageSchemaTest, FindsFieldsByEitherNameAndByNumber) {
  SchemaSet schemas;
  const MessageSchema& schema = schemas.Get(Scalars::descriptor());
  EXPECT_EQ(schema.fields.size(), 21u);
  for (const FieldSchema& field : schema.fields) {
    EXPECT_EQ(schema.FindName(field.descriptor->name()), &field);
    EXPECT_EQ(schema.FindName(field.descriptor->json_name()), &field);
    EXPECT_EQ(schema.FindNumber(field.number), &field);
    EXPECT_EQ(&schema.fields[field.index], &field);
  }
  EXPECT_EQ(schema.FindName("nope"), nullptr);
  for (const uint32_t number : {0u, 20u, 255u, 256u, 301u, 536870910u}) {
    EXPECT_EQ(schema.FindNumber(number), nullptr) << number;
  }
  EXPECT_EQ(schema.FindName("renamed")->json_key, ",\"aliasName\":");
}

TEST(MessageSchemaTest, KnowsPresencePackingAndOneofs) {
  SchemaSet schemas;
  const MessageSchema& scalars = schemas.Get(Scalars::descriptor());
  EXPECT_FALSE(scalars.FindName("an_int32")->has_presence);
  EXPECT_TRUE(scalars.FindName("maybe_int32")->has_presence);
  EXPECT_EQ(scalars.FindName("maybe_int32")->oneof, -1);
  const MessageSchema& lists = schemas.Get(Lists::descriptor());
  EXPECT_TRUE(lists.FindName("int32s")->packed);
  EXPECT_FALSE(lists.FindName("unpacked")->packed);
  EXPECT_TRUE(lists.FindName("unpacked")->Accepts(WireType::kBytes));
  EXPECT_FALSE(lists.FindName("strings")->Accepts(WireType::kVarint));
  const MessageSchema& choice = schemas.Get(Choice::descriptor());
  EXPECT_EQ(choice.oneof_count, 2u);
  EXPECT_EQ(choice.FindName("node")->oneof, 0);
  EXPECT_EQ(choice.FindName("between")->oneof, -1);
  EXPECT_EQ(choice.FindName("value")->oneof, 1);
  EXPECT_TRUE(choice.FindName("value")->takes_null);
  EXPECT_TRUE(choice.FindName("nothing")->takes_null);
  EXPECT_FALSE(choice.FindName("node")->takes_null);
  EXPECT_TRUE(
      schemas.Get(Everything::descriptor()).FindName("assigned")->output_only);
}

TEST(MessageSchemaTest, LinksTypesAlsoToThemselves) {
  SchemaSet schemas;
  const MessageSchema& node = schemas.Get(Node::descriptor());
  EXPECT_EQ(node.FindName("left")->message, &node);
  EXPECT_EQ(&schemas.Get(Node::descriptor()), &node);
  const FieldSchema& map = *schemas.Get(Maps::descriptor()).FindName("nodes");
  EXPECT_EQ(map.cardinality, Cardinality::kMap);
  EXPECT_EQ(map.message->FindNumber(2)->message, &node);
  const MessageSchema& value =
      schemas.Get(google::protobuf::Value::descriptor());
  EXPECT_EQ(value.kind, MessageKind::kValue);
  EXPECT_EQ(value.FindNumber(5)->message->kind, MessageKind::kStruct);
}

TEST(MessageSchemaTest, TakesTypesOfAnyPoolAndLeavesOutGroups) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("other.proto");
  file.set_package("other");
  auto* type = file.add_message_type();
  type->set_name("Old");
  type->add_nested_type()->set_name("Group");
  auto* group = type->add_field();
  group->set_name("group");
  group->set_number(1);
  group->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  group->set_type(google::protobuf::FieldDescriptorProto::TYPE_GROUP);
  group->set_type_name(".other.Old.Group");
  auto* name = type->add_field();
  name->set_name("a_name");
  name->set_number(2);
  name->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  name->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
  google::protobuf::DescriptorPool pool;
  ASSERT_NE(pool.BuildFile(file), nullptr);

  SchemaSet schemas;
  const MessageSchema& schema =
      schemas.Get(pool.FindMessageTypeByName("other.Old"));
  ASSERT_EQ(schema.fields.size(), 1u);
  EXPECT_EQ(schema.FindNumber(1), nullptr);
  EXPECT_EQ(schema.FindName("aName")->number, 2u);
}

TEST(MessageSchemaTest, GivesEveryThreadTheSameSchema) {
  SchemaSet schemas;
  std::vector<const MessageSchema*> seen(4);
  std::vector<std::thread> threads;
  for (auto& slot : seen) {
    threads.emplace_back(
        [&] { slot = &schemas.Get(Everything::descriptor()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(seen, ::testing::Each(&schemas.Get(Everything::descriptor())));
}

// A type with many fields: f0 ... of strings, each in a oneof of its own.
const MessageSchema& WideSchema(int fields,
                                google::protobuf::DescriptorPool* pool,
                                SchemaSet* schemas) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("wide.proto");
  file.set_syntax("proto3");
  auto* type = file.add_message_type();
  type->set_name("Wide");
  for (int i = 0; i < fields; ++i) {
    auto* field = type->add_field();
    field->set_name(absl::StrCat("f", i));
    field->set_number(i + 1);
    field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    field->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
    field->set_oneof_index(i);
    type->add_oneof_decl()->set_name(absl::StrCat("o", i));
  }
  return schemas->Get(pool->BuildFile(file)->message_type(0));
}

TEST(MessageSchemaTest, ServesTypesWithMoreFieldsAndOneofsThanAWordHasBits) {
  google::protobuf::DescriptorPool pool;
  SchemaSet schemas;
  const MessageSchema& schema = WideSchema(400, &pool, &schemas);
  std::string json = "{";
  for (int i = 0; i < 400; ++i) {
    absl::StrAppend(&json, i > 0 ? "," : "", "\"f", i, "\":\"", i, "\"");
  }
  std::string wire, back;
  ASSERT_TRUE(ReadJson(schema, json + "}", &wire).ok());
  ASSERT_TRUE(WriteJson(schema, wire, &back).ok());
  EXPECT_EQ(back, json + "}");
  EXPECT_FALSE(ReadJson(schema, json + ",\"f399\":\"\"}", &wire).ok());
}

TEST(EnumSchemaTest, KnowsNamesAndNumbers) {
  const EnumSchema colours(testing::Colour_descriptor());
  EXPECT_EQ(colours.JsonOf(0), "\"COLOUR_UNSPECIFIED\"");
  EXPECT_EQ(colours.JsonOf(2), "\"GREEN\"");
  EXPECT_EQ(colours.JsonOf(1000), "\"ULTRAVIOLET\"");
  EXPECT_EQ(colours.JsonOf(-1), "\"INFRARED\"");
  EXPECT_EQ(colours.JsonOf(3), "");
  EXPECT_EQ(colours.JsonOf(-2), "");
  EXPECT_EQ(colours.numbers()[colours.Find("VERT")], 2);
  EXPECT_EQ(colours.Find("BLUE"), NameTable::kNone);
  EXPECT_EQ(EnumSchema(google::protobuf::NullValue_descriptor()).JsonOf(0),
            "null");
}

}  // namespace
}  // namespace praxis::gateway
