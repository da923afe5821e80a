// JSON documents under construction.
#ifndef GATEWAY_OPS_OPENAPI_OBJECT_H_
#define GATEWAY_OPS_OPENAPI_OBJECT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

namespace praxis::gateway {

using Object = google::protobuf::Struct;
using Value = google::protobuf::Value;

inline Value ValueOf(absl::string_view text) {
  Value value;
  value.set_string_value(text.data(), text.size());
  return value;
}
inline Value ValueOf(const char* text) {
  return ValueOf(absl::string_view(text));
}
inline Value ValueOf(const std::string& text) {
  return ValueOf(absl::string_view(text));
}
inline Value ValueOf(bool flag) {
  Value value;
  value.set_bool_value(flag);
  return value;
}
inline Value ValueOf(double number) {
  Value value;
  value.set_number_value(number);
  return value;
}
inline Value ValueOf(int number) { return ValueOf(double{1} * number); }
inline Value ValueOf(Object object) {
  Value value;
  *value.mutable_struct_value() = std::move(object);
  return value;
}
inline Value ValueOf(Value value) { return value; }
template <typename T>
Value ValueOf(std::vector<T> elements) {
  Value value;
  value.mutable_list_value();
  for (T& element : elements) {
    *value.mutable_list_value()->add_values() = ValueOf(std::move(element));
  }
  return value;
}

template <typename T>
void Set(Object& object, const std::string& name, T&& value) {
  (*object.mutable_fields())[name] = ValueOf(std::forward<T>(value));
}

// Leaves out what is empty.
inline void SetText(Object& object, const std::string& name,
                    const std::string& text) {
  if (!text.empty()) Set(object, name, text);
}

// The object under `name`, made when it is not there.
inline Object& In(Object& object, const std::string& name) {
  return *(*object.mutable_fields())[name].mutable_struct_value();
}

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_OBJECT_H_
