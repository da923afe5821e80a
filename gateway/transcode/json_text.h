// The tokens of JSON (RFC 8259), written.
#ifndef GATEWAY_TRANSCODE_JSON_TEXT_H_
#define GATEWAY_TRANSCODE_JSON_TEXT_H_

#include <charconv>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "gateway/transcode/append_buffer.h"

namespace praxis::gateway {

// Appends `text` as a JSON string. False if it is not UTF-8. Escaped are what
// JSON wants escaped, and "<" and ">" as protobuf does it, so that a value
// inside an HTML page cannot end its script element. protobuf also escapes DEL
// and invisible characters such as joiners; they are legal and written as they
// are.
//
// `limit` is an end of readable memory, at or behind the end of `text`: the
// more may be read beyond the text, the fewer bytes are looked at one by one.
bool AppendJsonString(absl::string_view text, const char* limit,
                      AppendBuffer* out);

// As a JSON string of RFC 4648 base64 with padding.
void AppendBase64(absl::string_view bytes, AppendBuffer* out);

// The shortest text that reads back as the same number, or "NaN", "Infinity",
// "-Infinity". Float is float or double.
template <typename Float>
void AppendFloat(Float value, AppendBuffer* out);

template <typename Integer>
void AppendInteger(Integer value, AppendBuffer* out) {
  char* const at = out->Reserve(20);
  out->Advance(std::to_chars(at, at + 20, value).ptr);
}

// 64-bit integers are strings: JSON readers keep only 53 bits of a number.
template <typename Integer>
void AppendQuotedInteger(Integer value, AppendBuffer* out) {
  char* const at = out->Reserve(22);
  *at = '"';
  char* const end = std::to_chars(at + 1, at + 21, value).ptr;
  *end = '"';
  out->Advance(end + 1);
}

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_JSON_TEXT_H_
