// The transcoder as tests want it: messages and JSON, no wire bytes.
#ifndef GATEWAY_TRANSCODE_TESTING_CONVERT_H_
#define GATEWAY_TRANSCODE_TESTING_CONVERT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace praxis::gateway::testing {

// The schemas of every test.
inline SchemaSet& Schemas() {
  static SchemaSet& schemas = *new SchemaSet;
  return schemas;
}

template <typename T>
const MessageSchema& SchemaOf() {
  return Schemas().Get(T::descriptor());
}

// JSON of a message in wire form, or "error: " and why not.
template <typename T>
std::string JsonOfWire(absl::string_view wire) {
  std::string json;
  const absl::Status status = WriteJson(SchemaOf<T>(), wire, &json);
  if (status.ok()) return json;
  return "error: " + std::string(status.message());
}

template <typename T>
std::string JsonOf(const T& message) {
  return JsonOfWire<T>(message.SerializeAsString());
}

// The message of a JSON, or why there is none.
template <typename T>
absl::StatusOr<T> FromJson(absl::string_view json) {
  std::string wire;
  const absl::Status status = ReadJson(SchemaOf<T>(), json, &wire);
  if (!status.ok()) return status;
  T message;
  if (!message.ParseFromString(wire)) return absl::InternalError("bad wire");
  return message;
}

// The message of a JSON in text format, or "error: " and why there is none.
template <typename T>
std::string TextFromJson(absl::string_view json) {
  const absl::StatusOr<T> message = FromJson<T>(json);
  if (!message.ok()) return "error: " + std::string(message.status().message());
  std::string text = message->ShortDebugString();
  return text;
}

// A message of its text format.
template <typename T>
T FromText(const std::string& text) {
  T message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) abort();
  return message;
}

}  // namespace praxis::gateway::testing

#endif  // GATEWAY_TRANSCODE_TESTING_CONVERT_H_
