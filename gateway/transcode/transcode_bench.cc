// JSON written and read by us and by protobuf, of one item (a Thread, 0.9 KB
// of JSON) and of a page (50 Posts, 43 KB).
//
// As a benchmark it measures time. With --op=NAME --times=N it does one thing N
// times and nothing else, for a count of instructions that any machine repeats:
// tests/bench/instructions.py takes what callgrind counts for once from what it
// counts for several times. The operations hostile_NAME read or write input
// that is made to be slow, of --size=BYTES.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "benchmark/benchmark.h"
#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "gateway/transcode/testing/hostile_input.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "google/protobuf/util/json_util.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"

namespace praxis::gateway {
namespace {

using discussions::v1::ListPostsResponse;
using discussions::v1::Post;
using discussions::v1::Thread;
using google::protobuf::Message;

// Prose as people write it: a line break, quotes and a letter that is not ASCII
// now and then.
std::string Prose(size_t bytes) {
  const std::string paragraph =
      "We moved the retrospective from Friday to the day after the release, "
      "and "
      "since then people talk about what happened instead of what they hope to "
      "have forgotten by Monday.\nThe facilitator asks one question, \"what "
      "surprised you?\", and waits. Ren\xc3\xa9 from the second team keeps the "
      "list of open points; nobody else may touch it. ";
  std::string text;
  while (text.size() < bytes) text += paragraph;
  text.resize(bytes);
  return text;
}

Thread Item() {
  Thread thread;
  thread.set_name("communities/lean/threads/01hq3zj5v8r6k2m4n7p9q1s3t5");
  thread.set_kind(discussions::v1::PROBLEM_SOLVING);
  thread.set_title("How do you keep retrospectives from going stale?");
  thread.set_body(Prose(340));
  thread.set_author("members/01hq3zj5v8r6k2m4n7p9q1s3t6");
  thread.mutable_create_time()->set_seconds(1709200000);
  thread.mutable_create_time()->set_nanos(123456000);
  thread.mutable_update_time()->set_seconds(1709200300);
  thread.mutable_update_time()->set_nanos(654321000);
  thread.set_post_count(17);
  thread.mutable_outcome()->mutable_solution()->set_solution(Prose(60));
  thread.mutable_resolve_time()->set_seconds(1709300300);
  thread.set_resolver("members/01hq3zj5v8r6k2m4n7p9q1s3t6");
  thread.set_etag("7");
  return thread;
}

ListPostsResponse Page() {
  ListPostsResponse page;
  for (int i = 0; i < 50; ++i) {
    Post* post = page.add_posts();
    post->set_name(absl::StrCat(
        "communities/lean/threads/01hq3zj5v8r6k2m4n7p9q1s3t5/posts/"
        "01hq3zj5v8r6k2m4n7p9q1s3",
        10 + i));
    post->set_body(Prose(560));
    post->set_author("members/01hq3zj5v8r6k2m4n7p9q1s3t6");
    post->mutable_create_time()->set_seconds(1709200000 + i * 3000);
    post->mutable_create_time()->set_nanos(123456000);
    post->mutable_update_time()->set_seconds(1709200000 + i * 4000);
    post->mutable_update_time()->set_nanos(123456000);
    post->set_etag("3");
  }
  page.set_next_page_token("kq0Jb1n5m8s2v4x7z0c3f6h9k2n5q8t1w4y7b0d3g6j9m2p5");
  return page;
}

// One message in the three forms it takes.
struct Sample {
  explicit Sample(const Message& message)
      : prototype(message.New()),
        schema(schemas.Get(message.GetDescriptor())),
        wire(message.SerializeAsString()) {
    if (!WriteJson(schema, wire, &json).ok()) std::abort();
  }

  SchemaSet schemas;
  std::unique_ptr<Message> prototype;
  const MessageSchema& schema;
  std::string wire;
  std::string json;
};

void Write(const Sample& sample) {
  std::string json;
  if (!WriteJson(sample.schema, sample.wire, &json).ok()) std::abort();
  benchmark::DoNotOptimize(json.data());
}

void Read(const Sample& sample) {
  std::string wire;
  if (!ReadJson(sample.schema, sample.json, &wire).ok()) std::abort();
  benchmark::DoNotOptimize(wire.data());
}

// protobuf has to go through a message object, both ways.
void ProtobufWrite(const Sample& sample) {
  std::unique_ptr<Message> message(sample.prototype->New());
  message->ParseFromString(sample.wire);
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*message, &json).ok()) {
    std::abort();
  }
  benchmark::DoNotOptimize(json.data());
}

void ProtobufRead(const Sample& sample) {
  std::unique_ptr<Message> message(sample.prototype->New());
  if (!google::protobuf::util::JsonStringToMessage(sample.json, message.get())
           .ok()) {
    std::abort();
  }
  std::string wire = message->SerializeAsString();
  benchmark::DoNotOptimize(wire.data());
}

std::map<std::string, std::function<void()>> Operations() {
  static const Sample& item = *new Sample(Item());
  static const Sample& page = *new Sample(Page());
  return {
      {"write_item", [] { Write(item); }},
      {"write_page", [] { Write(page); }},
      {"read_item", [] { Read(item); }},
      {"read_page", [] { Read(page); }},
      {"protobuf_write_item", [] { ProtobufWrite(item); }},
      {"protobuf_write_page", [] { ProtobufWrite(page); }},
      {"protobuf_read_item", [] { ProtobufRead(item); }},
      {"protobuf_read_page", [] { ProtobufRead(page); }},
  };
}

// Reads or writes an input that is made to be slow. False if the name is none.
bool RunHostile(absl::string_view name, size_t size, int times) {
  SchemaSet schemas;
  const MessageSchema& schema = schemas.Get(testing::Everything::descriptor());
  for (const testing::HostileInput& input : testing::HostileInputs(size)) {
    if (name != input.name) continue;
    for (int i = 0; i < times; ++i) {
      std::string out;
      const absl::Status status = input.is_json
                                      ? ReadJson(schema, input.bytes, &out)
                                      : WriteJson(schema, input.bytes, &out);
      if (!status.ok()) {
        std::fprintf(stderr, "%s\n", status.ToString().c_str());
        std::abort();
      }
    }
    return true;
  }
  return false;
}

// Does what --op, --times and --size say. False without --op.
bool RunOnce(int argc, char** argv) {
  absl::string_view op;
  int times = 1;
  int size = 10'000;
  for (int i = 1; i < argc; ++i) {
    absl::string_view value = argv[i];
    if (absl::ConsumePrefix(&value, "--op=")) op = value;
    if (absl::ConsumePrefix(&value, "--times=") &&
        !absl::SimpleAtoi(value, &times)) {
      std::abort();
    }
    if (absl::ConsumePrefix(&value, "--size=") &&
        !absl::SimpleAtoi(value, &size)) {
      std::abort();
    }
  }
  if (op.empty()) return false;
  if (absl::ConsumePrefix(&op, "hostile_") && RunHostile(op, size, times)) {
    return true;
  }
  const auto operations = Operations();
  const auto found = operations.find(std::string(op));
  if (found == operations.end()) {
    std::fprintf(stderr, "no operation %s\n", std::string(op).c_str());
    std::exit(2);
  }
  for (int i = 0; i < times; ++i) found->second();
  return true;
}

void RegisterAll() {
  for (const auto& [name, operation] : Operations()) {
    benchmark::RegisterBenchmark(
        name.c_str(), [operation = operation](benchmark::State& state) {
          for (auto _ : state) operation();
        });
  }
}

}  // namespace
}  // namespace praxis::gateway

int main(int argc, char** argv) {
  if (praxis::gateway::RunOnce(argc, argv)) return 0;
  praxis::gateway::RegisterAll();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
