// Our JSON against protobuf's own, for every message type that is linked.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "gateway/transcode/testing/comparison.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gateway/transcode/testing/random_message.h"
#include "gmock/gmock.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using ::praxis::testing::Succeeds;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::NotNull;
using ::testing::SizeIs;

// The contracts, found as they lie: a new one is tested without a word here.
std::vector<const FileDescriptor*> Contracts() {
  std::vector<const FileDescriptor*> files;
  std::error_code error;
  const std::filesystem::path root = "proto";
  for (std::filesystem::recursive_directory_iterator at(root, error), end;
       !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".proto") continue;
    files.push_back(
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
            at->path().lexically_relative(root)));
  }
  return files;
}

std::vector<const FileDescriptor*> Files() {
  std::vector<const FileDescriptor*> files = {
      testing::Scalars::descriptor()->file(),
      google::protobuf::Any::descriptor()->file(),
      google::protobuf::Duration::descriptor()->file(),
      google::protobuf::Empty::descriptor()->file(),
      google::protobuf::FieldMask::descriptor()->file(),
      google::protobuf::Struct::descriptor()->file(),
      google::protobuf::Timestamp::descriptor()->file(),
      google::protobuf::BoolValue::descriptor()->file(),
      google::rpc::Status::descriptor()->file(),
      google::rpc::BadRequest::descriptor()->file(),
  };
  for (const FileDescriptor* file : Contracts()) files.push_back(file);
  return files;
}

TEST(ContractsTest, AreAllLinked) {
  EXPECT_THAT(Contracts(), AllOf(SizeIs(Ge(13)), Each(NotNull())));
}

// Every message type of the files, nested ones included.
std::vector<const Descriptor*> Types() {
  std::vector<const Descriptor*> types;
  const std::function<void(const Descriptor*)> add = [&](const Descriptor* t) {
    if (!t->options().map_entry()) types.push_back(t);
    for (int i = 0; i < t->nested_type_count(); ++i) add(t->nested_type(i));
  };
  for (const FileDescriptor* file : Files()) {
    if (file == nullptr) continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      add(file->message_type(i));
    }
  }
  return types;
}

class DifferentialTest : public ::testing::TestWithParam<const Descriptor*> {
 protected:
  static constexpr int kRounds = 60;
  static constexpr uint64_t kSeed = 20240229;

  std::unique_ptr<Message> New() const {
    auto* factory = google::protobuf::MessageFactory::generated_factory();
    return std::unique_ptr<Message>(factory->GetPrototype(GetParam())->New());
  }
  std::unique_ptr<Message> Random() {
    std::unique_ptr<Message> message = New();
    random_.Fill(message.get());
    return message;
  }
  std::unique_ptr<Message> ReadByProtobuf(const std::string& json) const {
    std::unique_ptr<Message> message = New();
    const auto status =
        google::protobuf::util::JsonStringToMessage(json, message.get());
    EXPECT_TRUE(status.ok()) << status << json;
    return message;
  }
  const MessageSchema& schema() { return schemas_.Get(GetParam()); }

  SchemaSet schemas_;
  testing::RandomMessage random_{kSeed};
};

TEST_P(DifferentialTest, WritesWhatProtobufWrites) {
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", kSeed, " round ", round));
    const std::unique_ptr<Message> message = Random();
    std::string expected;
    ASSERT_TRUE(
        google::protobuf::util::MessageToJsonString(*message, &expected).ok());
    std::string json;
    ASSERT_THAT(WriteJson(schema(), message->SerializeAsString(), &json),
                Succeeds());
    if (!testing::HasLargeMap(*message)) {
      ASSERT_EQ(json, expected);
    }

    ASSERT_TRUE(testing::Same(*message, *ReadByProtobuf(json))) << json;
  }
}

TEST_P(DifferentialTest, ReadsWhatProtobufWrites) {
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", kSeed, " round ", round));
    const std::unique_ptr<Message> message = Random();
    std::string json;
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = round % 2 == 1;
    options.preserve_proto_field_names = round % 3 == 1;
    ASSERT_TRUE(
        google::protobuf::util::MessageToJsonString(*message, &json, options)
            .ok());
    std::string wire;
    ASSERT_THAT(ReadJson(schema(), json, &wire), Succeeds()) << json;
    const std::unique_ptr<Message> back = New();
    ASSERT_TRUE(back->ParseFromString(wire));
    ASSERT_TRUE(testing::Same(*message, *back)) << json;
  }
}

TEST_P(DifferentialTest, WritesBytesInAnyOrderAsProtobufReadsThem) {
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", kSeed, " round ", round));
    const std::string wire = testing::Shuffled(*Random(), *Random(), &random_);
    const std::unique_ptr<Message> message = New();
    ASSERT_TRUE(message->ParseFromString(wire));
    std::string expected;
    if (!google::protobuf::util::MessageToJsonString(*message, &expected)
             .ok()) {
      continue;  // such as the type of one Any and the value of another
    }
    std::string json;
    ASSERT_THAT(WriteJson(schema(), wire, &json), Succeeds()) << expected;
    if (testing::HasLargeMap(*message)) {
      ASSERT_TRUE(testing::Same(*message, *ReadByProtobuf(json))) << json;
    } else {
      ASSERT_EQ(json, expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    AllTypes, DifferentialTest, ::testing::ValuesIn(Types()),
    [](const ::testing::TestParamInfo<const Descriptor*>& info) {
      std::string name = info.param->full_name();
      for (char& c : name) {
        if (c == '.') c = '_';
      }
      return name;
    });

}  // namespace
}  // namespace praxis::gateway
