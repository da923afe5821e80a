// Our JSON against protobuf's own, for random messages of random types.
//
// Every run takes other types; what failed is seen again with the seed it
// tells:
//   PRAXIS_SEED=7 gateway_transcode_test --gtest_filter=RandomSchemaTest.*
// With PRAXIS_SLOW=1 it goes on for a million messages.
#include "gateway/transcode/testing/random_schema.h"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "gateway/transcode/testing/comparison.h"
#include "gateway/transcode/testing/random_message.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using ::praxis::testing::Succeeds;

constexpr int kMessagesOfAType = 25;

// Messages in one run: a few seconds of them, or a million.
int Messages() {
  return std::getenv("PRAXIS_SLOW") != nullptr ? 1'000'000 : 25'000;
}

uint64_t Seed() {
  uint64_t seed = 0;
  const char* text = std::getenv("PRAXIS_SEED");
  if (text == nullptr || !absl::SimpleAtoi(text, &seed)) {
    seed = std::chrono::system_clock::now().time_since_epoch().count();
  }
  return seed;
}

// The message types of one random file, and protobuf's JSON for them.
class World {
 public:
  explicit World(uint64_t seed)
      : pool_(google::protobuf::DescriptorPool::generated_pool()),
        file_(pool_.BuildFile(testing::RandomSchema(seed).File("random"))),
        resolver_(google::protobuf::util::NewTypeResolverForDescriptorPool(
            "type.googleapis.com", &pool_)) {
    factory_.SetDelegateToGeneratedFactory(true);
  }

  bool is_valid() const { return file_ != nullptr; }
  int types() const { return file_->message_type_count(); }
  const Descriptor& type(int i) const { return *file_->message_type(i); }
  const MessageSchema& schema(int i) { return schemas_.Get(&type(i)); }

  std::unique_ptr<Message> New(int i) {
    return std::unique_ptr<Message>(factory_.GetPrototype(&type(i))->New());
  }
  std::string Write(int i, const std::string& wire) {
    std::string json;
    const auto status = google::protobuf::util::BinaryToJsonString(
        resolver_.get(), Url(i), wire, &json);
    EXPECT_TRUE(status.ok()) << status;
    return json;
  }
  std::string Read(int i, const std::string& json) {
    std::string wire;
    const auto status = google::protobuf::util::JsonToBinaryString(
        resolver_.get(), Url(i), json, &wire);
    EXPECT_TRUE(status.ok()) << status << json;
    return wire;
  }

 private:
  std::string Url(int i) const {
    return absl::StrCat("type.googleapis.com/", type(i).full_name());
  }

  google::protobuf::DescriptorPool pool_;
  const google::protobuf::FileDescriptor* file_;
  std::unique_ptr<google::protobuf::util::TypeResolver> resolver_;
  google::protobuf::DynamicMessageFactory factory_;
  SchemaSet schemas_;
};

class RandomSchemaTest : public ::testing::Test {
 protected:
  // Whether `wire` is the message; what most often tells is the quickest.
  static void ExpectSame(World& world, int type, const Message& message,
                         const std::string& wire) {
    const std::unique_ptr<Message> parsed = world.New(type);
    ASSERT_TRUE(parsed->ParseFromString(wire));
    if (parsed->SerializeAsString() == message.SerializeAsString()) return;
    ASSERT_TRUE(testing::Same(message, *parsed));
  }

  // All that is asked of one message.
  void Check(World& world, int type) {
    const std::unique_ptr<Message> message = world.New(type);
    random_.Fill(message.get());
    const std::string wire = message->SerializeAsString();
    const std::string theirs = world.Write(type, wire);
    std::string ours;
    ASSERT_THAT(WriteJson(world.schema(type), wire, &ours), Succeeds());
    SCOPED_TRACE(absl::StrCat("ours: ", ours, "\ntheirs: ", theirs));
    if (!testing::HasLargeMap(*message)) {
      ASSERT_EQ(ours, theirs);
    }
    ExpectSame(world, type, *message, world.Read(type, ours));

    std::string read;
    ASSERT_THAT(ReadJson(world.schema(type), theirs, &read), Succeeds());
    ExpectSame(world, type, *message, read);
    read.clear();
    ASSERT_THAT(ReadJson(world.schema(type), ours, &read), Succeeds());
    ExpectSame(world, type, *message, read);

    std::string shuffled;
    ASSERT_THAT(
        WriteJson(world.schema(type),
                  testing::Shuffled(*message, *world.New(type), &random_),
                  &shuffled),
        Succeeds());
    read.clear();
    ASSERT_THAT(ReadJson(world.schema(type), shuffled, &read), Succeeds());
  }

  const uint64_t seed_ = Seed();
  testing::RandomMessage random_{seed_, /*depth=*/4};
};

TEST_F(RandomSchemaTest, AgreesWithProtobuf) {
  int checked = 0;
  for (uint64_t n = 0; checked < Messages(); ++n) {
    SCOPED_TRACE(absl::StrCat("PRAXIS_SEED=", seed_, " file ", n));
    World world(seed_ + n);
    ASSERT_TRUE(world.is_valid());
    for (int type = 0; type < world.types(); ++type) {
      for (int i = 0; i < kMessagesOfAType; ++i, ++checked) {
        Check(world, type);
        ASSERT_FALSE(HasFatalFailure() || HasNonfatalFailure())
            << world.type(type).DebugString();
      }
    }
  }
  RecordProperty("messages", checked);
}

}  // namespace
}  // namespace praxis::gateway
