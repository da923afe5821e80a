// Single values read from text: those of JSON tokens, of path segments and of
// query parameters.
#ifndef GATEWAY_TRANSCODE_SCALAR_TEXT_H_
#define GATEWAY_TRANSCODE_SCALAR_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/append_buffer.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// Appends to `wire` the record of `field` whose value is `text`, always, also
// when it is the default: appended last, it wins over earlier ones. Of a list
// it is one element. Scalars, enums (name or number), wrappers, Timestamp,
// Duration and FieldMask have a text form; others, bad text and bad UTF-8 are
// URL_INVALID with a message that says what was expected, but not where.
absl::Status ParseScalar(const FieldSchema& field, absl::string_view text,
                         std::string* wire);

// Whether ParseScalar() can read a value of the field.
bool HasTextForm(const FieldSchema& field);

// The following append a value without tag. All are false, having appended
// nothing or a part, when the text is not of the form.

// A value of any field that HasTextForm().
bool AppendText(const FieldSchema& field, absl::string_view text,
                AppendBuffer* out);

// A number of the kind, or "NaN", "Infinity" and "-Infinity" of a float.
bool AppendNumber(FieldKind kind, absl::string_view text, AppendBuffer* out);

// An enum value by its name.
bool AppendEnumName(const EnumSchema& type, absl::string_view name,
                    AppendBuffer* out);

// Bytes, from base64 with either alphabet of RFC 4648, padded or not.
bool AppendBytesOfBase64(absl::string_view text, AppendBuffer* out);

// The fields of a message of one of the kinds written as text: Timestamp,
// Duration or FieldMask.
bool AppendTextMessage(MessageKind kind, absl::string_view text,
                       AppendBuffer* out);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_SCALAR_TEXT_H_
