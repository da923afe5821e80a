#include "gateway/transcode/json_writer.h"

#include "absl/strings/str_cat.h"
#include "gateway/transcode/message_writer.h"
#include "gateway/transcode/wire_order.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// JSON is about 1.5 times its wire bytes, names in place of numbers; room that
// is not used costs nothing.
size_t ExpectedSize(absl::string_view wire) { return 2 * wire.size() + 256; }

absl::Status Finish(const AppendBuffer& out, std::string* json) {
  json->append(out.view().data(), out.size());
  return absl::OkStatus();
}

absl::Status Failure(const MessageSchema& schema, absl::string_view error) {
  return Error(Reason::INTERNAL,
               absl::StrCat("cannot write a ", schema.descriptor->full_name(),
                            " as JSON: ", error));
}

}  // namespace

// In order first, which it nearly always is; see MessageWriter. Any failure may
// come from a record that a later one displaces.
absl::Status WriteJson(const MessageSchema& schema, absl::string_view wire,
                       std::string* json, const ReadMask* mask) {
  AppendBuffer out(ExpectedSize(wire));
  MessageWriter writer(wire, /*ordering=*/false, mask, &out);
  if (writer.WriteMessage(schema, wire)) return Finish(out, json);

  out.Truncate(0);
  MessageWriter ordering(wire, /*ordering=*/true, mask, &out);
  if (ordering.WriteMessage(schema, wire)) return Finish(out, json);
  return Failure(schema, ordering.error());
}

// Rare, so it takes the way that always works: order, then look for the field.
absl::Status WriteJsonField(const MessageSchema& schema,
                            const FieldSchema& field, absl::string_view wire,
                            std::string* json, const ReadMask* mask) {
  std::string ordered;
  if (!OrderWire(schema, wire, &ordered)) {
    return Failure(schema, "the wire bytes are malformed");
  }
  AppendBuffer out(ExpectedSize(wire));
  MessageWriter writer(ordered, /*ordering=*/true, mask, &out);
  if (writer.WriteFieldOf(field, ordered)) return Finish(out, json);
  return Failure(schema, writer.error());
}

}  // namespace praxis::gateway
