// proto3 JSON (protobuf.dev/programming-guides/json) to wire bytes.
#ifndef GATEWAY_TRANSCODE_JSON_READER_H_
#define GATEWAY_TRANSCODE_JSON_READER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// Appends to `wire` the message that `json` is. Appended to the wire bytes of
// another message of the type, it is merged with it by whoever parses them.
//
// Strict where the format leaves a choice: unknown and duplicate fields, two
// members of one oneof, null in a list, numbers out of range, bad UTF-8, lone
// surrogates and more than kMaxJsonDepth levels are refused. Any such failure
// is BODY_INVALID, says where and what was expected, and appends nothing.
absl::Status ReadJson(const MessageSchema& schema, absl::string_view json,
                      std::string* wire);

// The same where `json` is the value of one field, for `body: "thread"`: the
// field is appended as it stands in its message. null appends nothing.
absl::Status ReadJsonField(const FieldSchema& field, absl::string_view json,
                           std::string* wire);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_JSON_READER_H_
