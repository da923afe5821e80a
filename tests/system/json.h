// JSON as tests look at it: google.protobuf.Struct and a few short cuts.
#ifndef TESTS_SYSTEM_JSON_H_
#define TESTS_SYSTEM_JSON_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"

namespace praxis::system {

using Json = google::protobuf::Value;

// None for what is not JSON.
std::optional<Json> ParseJson(absl::string_view text);

// The value at a path of member names and list indices, such as
// "error.details.0.reason"; null when there is none.
const Json* At(const Json& json, absl::string_view path);
// Empty and 0 when there is none, or one of another type.
std::string TextAt(const Json& json, absl::string_view path);
double NumberAt(const Json& json, absl::string_view path);

// A message as JSON, with every field in the order of the contract.
std::string ToJson(const google::protobuf::Message& message);
// Reads JSON strictly: an unknown field is a failure of the test.
bool FromJson(absl::string_view text, google::protobuf::Message* message);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_JSON_H_
