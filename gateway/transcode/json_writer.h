// Wire bytes to proto3 JSON (protobuf.dev/programming-guides/json).
#ifndef GATEWAY_TRANSCODE_JSON_WRITER_H_
#define GATEWAY_TRANSCODE_JSON_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/message_schema.h"
#include "gateway/transcode/read_mask.h"

namespace praxis::gateway {

// Appends the JSON of a message to `json`: lowerCamelCase names, in the order
// of field numbers, fields with default values left out, maps by key, no white
// space. It is what a parser and MessageToJsonString would make of the bytes,
// in whatever order they come. Bytes that are malformed, nested deeper than
// kMaxJsonDepth or that JSON cannot say (bad UTF-8, a time out of range, an Any
// of a type that is not in the descriptor pool) are INTERNAL: they come from a
// service of ours. `json` is then as it was. With a mask, which must be one of
// the schema, the fields that it does not keep are stepped over.
absl::Status WriteJson(const MessageSchema& schema, absl::string_view wire,
                       std::string* json, const ReadMask* mask = nullptr);

// The same of the value of one field of the message, for `response_body`. A
// field that is not set is written as its default: {}, [], "", 0 ... A mask is
// one within the field.
absl::Status WriteJsonField(const MessageSchema& schema,
                            const FieldSchema& field, absl::string_view wire,
                            std::string* json, const ReadMask* mask = nullptr);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_JSON_WRITER_H_
