// JSON from a client: refused, or understood the same by everyone after us.
#include "gateway/transcode/json_reader.h"

#include <memory>
#include <string>

#include "gateway/transcode/field_paths.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gateway/transcode/text_scan.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "tests/fuzz/target.h"

namespace praxis::fuzz {
namespace {

using gateway::MessageSchema;

struct Type {
  const google::protobuf::Message& prototype;
  const MessageSchema& schema;
};

Type ChooseType(Input* input) {
  static gateway::SchemaSet& schemas = *new gateway::SchemaSet;
  const google::protobuf::Message* const prototypes[] = {
      &gateway::testing::Everything::default_instance(),
      &discussions::v1::Thread::default_instance(),
      &google::protobuf::Struct::default_instance()};
  const google::protobuf::Message& prototype = *prototypes[input->Choose(3)];
  return {prototype, schemas.Get(prototype.GetDescriptor())};
}

void CheckRefusal(const absl::Status& status, const std::string& wire) {
  const absl::string_view message = status.message();
  Expect(wire.empty(), "a refusal leaves nothing");
  Expect(gateway::IsUtf8(message.begin(), message.end()),
         "an error message fits into JSON");
  Expect(message.size() < 20'000, "an error message is not long");
}

void CheckAccepted(const Type& type, const std::string& wire) {
  const std::unique_ptr<google::protobuf::Message> message(
      type.prototype.New());
  Expect(message->ParseFromString(wire), "protobuf parses what was read");
  std::string json;
  const absl::Status written = WriteJson(type.schema, wire, &json);
  if (HasNoJson(written)) return;
  Expect(written.ok(), "it can be written");
  std::string again;
  Expect(ReadJson(type.schema, json, &again).ok(), "it can be read again");
  std::string same;
  Expect(WriteJson(type.schema, again, &same).ok() && same == json,
         "it is the same again");
}

void Run(Input input) {
  const Type type = ChooseType(&input);
  // A copy of its own: then any byte read beyond it is seen.
  const std::string json(input.rest());
  std::string wire;
  const absl::Status status = ReadJson(type.schema, json, &wire);
  const bool has_paths = FieldPaths(type.schema, json).ok();
  if (!status.ok()) return CheckRefusal(status, wire);
  CheckAccepted(type, wire);
  Expect(has_paths || type.schema.kind != gateway::MessageKind::kPlain,
         "the fields of what was read can be named");
}

}  // namespace
}  // namespace praxis::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  praxis::fuzz::Run(praxis::fuzz::Input(data, size));
  return 0;
}
