// A JSON object, read strictly.
#ifndef SERVICES_COMMON_AUTH_JSON_H_
#define SERVICES_COMMON_AUTH_JSON_H_

#include <jansson.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/string_view.h"

namespace praxis::auth {

// Lets go of a value of jansson's.
struct JsonDeleter {
  void operator()(json_t* json) const { json_decref(json); }
};
using OwnedJson = std::unique_ptr<json_t, JsonDeleter>;

// The object that `text` is. Null when it is anything else, names a member
// twice (RFC 8725, 2.4), is not UTF-8, or has anything behind it.
inline OwnedJson ParseJsonObject(absl::string_view text) {
  json_error_t error;
  OwnedJson json(
      json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  return json_is_object(json.get()) ? std::move(json) : nullptr;
}

// What `json` holds, none unless it is a string.
inline std::optional<absl::string_view> JsonString(const json_t* json) {
  if (!json_is_string(json)) return std::nullopt;
  return absl::string_view(json_string_value(json), json_string_length(json));
}

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_JSON_H_
