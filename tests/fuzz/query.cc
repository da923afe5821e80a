// Query parameters: refused with a message, or fields of the request.
#include "gateway/routes/query.h"

#include <string>

#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gateway/transcode/text_scan.h"
#include "google/api/http.pb.h"
#include "google/protobuf/descriptor.h"
#include "tests/fuzz/target.h"

namespace praxis::fuzz {
namespace {

using gateway::Route;
using gateway::testing::Everything;

gateway::SchemaSet& Schemas() {
  static gateway::SchemaSet& schemas = *new gateway::SchemaSet;
  return schemas;
}

// One route with all fields in the query, one with some in path and body.
const Route& ChooseRoute(Input* input) {
  const auto make = [](const char* path, const char* body) {
    google::api::HttpRule rule;
    rule.set_post(path);
    rule.set_body(body);
    return *Route::Make(Everything::descriptor()
                            ->file()
                            ->FindServiceByName("KindService")
                            ->FindMethodByName("GetEverything"),
                        rule, &Schemas());
  };
  static const Route& whole = *new Route(make("/x", ""));
  static const Route& part = *new Route(make("/{assigned}", "node"));
  return input->Choose(2) == 0 ? whole : part;
}

void CheckRefusal(const absl::Status& status) {
  const absl::string_view message = status.message();
  Expect(gateway::IsUtf8(message.begin(), message.end()),
         "an error message fits into JSON");
  Expect(message.size() < 2'000, "an error message is not long");
}

void Run(Input input) {
  const Route& route = ChooseRoute(&input);
  const std::string query(input.rest());
  const auto mask = ReadMaskOf(route, query);
  if (!mask.ok()) CheckRefusal(mask.status());
  QueryNames(query, *route.request->FindName("node"));

  std::string wire;
  const absl::Status status = AppendQuery(route, query, &wire);
  if (!status.ok()) return CheckRefusal(status);
  Everything request;
  Expect(request.ParseFromString(wire), "protobuf parses what was read");
  std::string json;
  const absl::Status written = WriteJson(*route.request, wire, &json);
  if (HasNoJson(written)) return;
  Expect(written.ok(), "it can be written");
  std::string read;
  Expect(ReadJson(*route.request, json, &read).ok(), "it can be read again");
  if (!mask.ok()) return;
  json.clear();
  Expect(WriteJson(*route.request, wire, &json, &*mask).ok() &&
             ReadJson(*route.request, json, &read).ok(),
         "what the mask leaves is JSON");
}

}  // namespace
}  // namespace praxis::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  praxis::fuzz::Run(praxis::fuzz::Input(data, size));
  return 0;
}
