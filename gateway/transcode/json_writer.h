// Wire bytes to proto3 JSON (protobuf.dev/programming-guides/json).
#ifndef GATEWAY_TRANSCODE_JSON_WRITER_H_
#define GATEWAY_TRANSCODE_JSON_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// Appends the JSON of a message to `json`: lowerCamelCase names, in the order
// of field numbers, fields with default values left out, maps by key, no white
// space. It is what a parser and MessageToJsonString would make of the bytes,
// in whatever order they come. Bytes that are malformed, nested deeper than
// kMaxJsonDepth or that JSON cannot say (bad UTF-8, a time out of range, an Any
// of a type that is not in the descriptor pool) are INTERNAL: they come from a
// service of ours. `json` is then as it was.
absl::Status WriteJson(const MessageSchema& schema, absl::string_view wire,
                       std::string* json);

// The same of the value of one field of the message, for `response_body`. A
// field that is not set is written as its default: {}, [], "", 0 ...
absl::Status WriteJsonField(const MessageSchema& schema,
                            const FieldSchema& field, absl::string_view wire,
                            std::string* json);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_JSON_WRITER_H_
