#include "tests/system/json.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace praxis::system {
namespace {

google::protobuf::StringPiece Piece(absl::string_view text) {
  return google::protobuf::StringPiece(text.data(), text.size());
}

const Json* Member(const Json& json, absl::string_view name) {
  int index = 0;
  if (json.has_list_value()) {
    const auto& values = json.list_value().values();
    return absl::SimpleAtoi(name, &index) && index < values.size()
               ? &values[index]
               : nullptr;
  }
  const auto& fields = json.struct_value().fields();
  const auto field = fields.find(std::string(name));
  return field == fields.end() ? nullptr : &field->second;
}

}  // namespace

std::optional<Json> ParseJson(absl::string_view text) {
  Json json;
  const auto status =
      google::protobuf::util::JsonStringToMessage(Piece(text), &json);
  if (!status.ok()) return std::nullopt;
  return json;
}

const Json* At(const Json& json, absl::string_view path) {
  const Json* at = &json;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    at = Member(*at, name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string TextAt(const Json& json, absl::string_view path) {
  const Json* at = At(json, path);
  return at == nullptr ? "" : at->string_value();
}

double NumberAt(const Json& json, absl::string_view path) {
  const Json* at = At(json, path);
  return at == nullptr ? 0 : at->number_value();
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return json;
}

bool FromJson(absl::string_view text, google::protobuf::Message* message) {
  const auto status =
      google::protobuf::util::JsonStringToMessage(Piece(text), message);
  EXPECT_TRUE(status.ok()) << "no " << message->GetTypeName() << " ("
                           << status.ToString() << "): " << text;
  return status.ok();
}

}  // namespace praxis::system
