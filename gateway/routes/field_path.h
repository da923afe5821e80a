#ifndef GATEWAY_ROUTES_FIELD_PATH_H_
#define GATEWAY_ROUTES_FIELD_PATH_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// A field of a request or of a message within it: "thread.name". All steps but
// the last are singular messages.
class FieldPath {
 public:
  // Names are those of the .proto or of JSON. Nothing if there is no such
  // field.
  static std::optional<FieldPath> Resolve(const MessageSchema& schema,
                                          absl::string_view path);

  // Appends the field with a value of text, within its messages, to the wire
  // bytes of the message it was resolved in: there it is merged with what is
  // before, and wins. URL_INVALID as by ParseScalar().
  absl::Status Append(absl::string_view text, std::string* wire) const;

  const FieldSchema& first() const { return *steps_.front(); }
  const FieldSchema& last() const { return *steps_.back(); }
  // "thread.name", in names of the .proto.
  std::string ToString() const;
  // What only one value is set of: the field, or the oneof that it is in.
  std::string Slot() const;

  friend bool operator==(const FieldPath& a, const FieldPath& b) = default;

 private:
  std::vector<const FieldSchema*> steps_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_ROUTES_FIELD_PATH_H_
