// Our JSON against protobuf's own, for every message type that is linked.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gateway/transcode/testing/random_message.h"
#include "gateway/transcode/wire.h"
#include "gmock/gmock.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/field_comparator.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/protobuf/wrappers.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/events/v1/events.pb.h"
#include "praxis/http/v1/body.pb.h"
#include "praxis/members/v1/communities.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "praxis/members/v1/sessions.pb.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using ::praxis::testing::Succeeds;

std::vector<const FileDescriptor*> Files() {
  return {
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
      discussions::v1::Post::descriptor()->file(),
      discussions::v1::Thread::descriptor()->file(),
      events::v1::Event::descriptor()->file(),
      http::v1::BodyChunk::descriptor()->file(),
      members::v1::Community::descriptor()->file(),
      members::v1::Member::descriptor()->file(),
      members::v1::Membership::descriptor()->file(),
      members::v1::SessionTokens::descriptor()->file(),
      resources::v1::Resource::descriptor()->file(),
  };
}

// Every message type of the files, nested ones included.
std::vector<const Descriptor*> Types() {
  std::vector<const Descriptor*> types;
  const std::function<void(const Descriptor*)> add = [&](const Descriptor* t) {
    if (!t->options().map_entry()) types.push_back(t);
    for (int i = 0; i < t->nested_type_count(); ++i) add(t->nested_type(i));
  };
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      add(file->message_type(i));
    }
  }
  return types;
}

// protobuf writes maps in no order: with two entries texts cannot be compared.
bool HasLargeMap(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto& r = *message.GetReflection();
    if (!field->is_repeated()) {
      if (HasLargeMap(r.GetMessage(message, field))) return true;
      continue;
    }
    const int size = r.FieldSize(message, field);
    if (field->is_map() && size > 1) return true;
    for (int i = 0; i < size; ++i) {
      if (HasLargeMap(r.GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

// Equal to a parser: the bytes within an Any may differ, and NaN is NaN.
::testing::AssertionResult Same(const Message& a, const Message& b) {
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  return differencer.Compare(a, b)
             ? ::testing::AssertionSuccess()
             : ::testing::AssertionFailure() << differences;
}

class DifferentialTest : public ::testing::TestWithParam<const Descriptor*> {
 protected:
  static constexpr int kRounds = 60;
  static constexpr uint64_t kSeed = 20240229;

  std::unique_ptr<Message> New() const {
    auto* factory = google::protobuf::MessageFactory::generated_factory();
    return std::unique_ptr<Message>(factory->GetPrototype(GetParam())->New());
  }
  // Parsed once more: reflection puts a key twice into a map.
  std::unique_ptr<Message> Random() {
    std::unique_ptr<Message> message = New();
    random_.Fill(message.get());
    EXPECT_TRUE(message->ParseFromString(message->SerializeAsString()));
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
    if (!HasLargeMap(*message)) {
      ASSERT_EQ(json, expected);
    }

    ASSERT_TRUE(Same(*message, *ReadByProtobuf(json))) << json;
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
    ASSERT_TRUE(Same(*message, *back)) << json;
  }
}

// The records of two messages, in any order.
std::string Shuffled(const Message& a, const Message& b,
                     testing::RandomMessage* random) {
  const std::string wire = a.SerializeAsString() + b.SerializeAsString();
  std::vector<absl::string_view> records;
  for (WireCursor in(wire); !in.done();) {
    const char* const start = in.position();
    WireRecord record;
    EXPECT_TRUE(in.ReadRecord(&record));
    records.emplace_back(start, in.position() - start);
  }
  for (size_t i = records.size(); i > 1; --i) {
    std::swap(records[i - 1], records[random->Below(static_cast<int>(i))]);
  }
  return absl::StrJoin(records, "");
}

TEST_P(DifferentialTest, WritesBytesInAnyOrderAsProtobufReadsThem) {
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("seed ", kSeed, " round ", round));
    const std::string wire = Shuffled(*Random(), *Random(), &random_);
    const std::unique_ptr<Message> message = New();
    ASSERT_TRUE(message->ParseFromString(wire));
    std::string expected;
    if (!google::protobuf::util::MessageToJsonString(*message, &expected)
             .ok()) {
      continue;  // such as the type of one Any and the value of another
    }
    std::string json;
    ASSERT_THAT(WriteJson(schema(), wire, &json), Succeeds()) << expected;
    if (HasLargeMap(*message)) {
      ASSERT_TRUE(Same(*message, *ReadByProtobuf(json))) << json;
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
