#include "gateway/transcode/json_reader.h"

#include "gateway/transcode/message_reader.h"

namespace praxis::gateway {
namespace {

template <typename Target>
absl::Status Read(const Target& target, absl::string_view json,
                  std::string* wire) {
  MessageReader reader(json);
  if (!reader.ReadDocument(target)) return reader.error();
  wire->append(reader.wire().data(), reader.wire().size());
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadJson(const MessageSchema& schema, absl::string_view json,
                      std::string* wire) {
  return Read(schema, json, wire);
}

absl::Status ReadJsonField(const FieldSchema& field, absl::string_view json,
                           std::string* wire) {
  return Read(field, json, wire);
}

}  // namespace praxis::gateway
