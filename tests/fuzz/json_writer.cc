// Wire bytes from a service: whatever they are, an error or JSON that reads
// back as what protobuf understands of them.
#include "gateway/transcode/json_writer.h"

#include <memory>
#include <string>

#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/read_mask.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "tests/fuzz/target.h"

namespace praxis::fuzz {
namespace {

using gateway::MessageSchema;
using gateway::testing::Everything;

constexpr const char* kMasks[] = {
    "*", "node.name,assigned", "more.scalars,maps.nodes.*.left",
    "choice.name,choice.value,well_known", "more.more.more.node.children"};

// With a mask it is less, and JSON all the same.
void CheckMasked(const MessageSchema& schema, const std::string& wire,
                 absl::string_view text) {
  const auto mask = gateway::ReadMask::Parse(schema, text);
  Expect(mask.ok(), "the masks are good");
  std::string json;
  Expect(WriteJson(schema, wire, &json, &*mask).ok(),
         "a part can be written where the whole can");
  std::string read;
  Expect(ReadJson(schema, json, &read).ok(), "a part can be read");
}

void Run(Input input) {
  static gateway::SchemaSet& schemas = *new gateway::SchemaSet;
  const MessageSchema& schema = schemas.Get(Everything::descriptor());
  const char* const mask = kMasks[input.Choose(std::size(kMasks))];
  const std::string wire(input.rest());
  std::string json;
  if (!WriteJson(schema, wire, &json).ok()) {
    Expect(json.empty(), "a failure leaves nothing");
    return;
  }
  std::string read;
  Expect(ReadJson(schema, json, &read).ok(), "what is written can be read");
  std::string again;
  Expect(WriteJson(schema, read, &again).ok() && again == json,
         "it is the same again");
  // protobuf refuses a text that is no UTF-8 even if another displaced it.
  Everything message;
  if (message.ParseFromString(wire)) {
    std::string theirs;
    Expect(WriteJson(schema, message.SerializeAsString(), &theirs).ok() &&
               theirs == json,
           "protobuf understands the same");
  }
  CheckMasked(schema, wire, mask);
}

}  // namespace
}  // namespace praxis::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  praxis::fuzz::Run(praxis::fuzz::Input(data, size));
  return 0;
}
