#include "gateway/transcode/json_cursor.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/transcode/json_unescape.h"
#include "gateway/transcode/number_text.h"
#include "gateway/transcode/text_scan.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
std::string Shown(absl::string_view text) {
  constexpr size_t kShown = 40;
  size_t size = std::min(text.size(), kShown);
  // Not within a character.
  while (size < text.size() && size > 0 && (text[size] & 0xc0) == 0x80) --size;
  const absl::string_view shown = text.substr(0, size);
  return absl::StrCat("\"",
                      IsUtf8(shown.begin(), shown.end())
                          ? absl::Utf8SafeCHexEscape(shown)
                          : absl::CHexEscape(shown),
                      size < text.size() ? "..." : "", "\"");
}

bool JsonCursor::ReadEnd() {
  SkipSpace();
  return next_ == end_ || FailExpecting("the end of the body");
}

bool JsonCursor::Open(char bracket) {
  if (!Take(bracket)) {
    return FailExpecting(bracket == '{' ? "an object" : "an array");
  }
  if (++depth_ > kMaxJsonDepth) {
    return Fail(absl::StrCat("nested deeper than ", kMaxJsonDepth, " levels"));
  }
  return true;
}

bool JsonCursor::ReadNextOrClose(char bracket, bool* more) {
  *more = Take(',');
  if (*more) return true;
  if (!Take(bracket)) {
    return FailExpecting(bracket == '}' ? "\",\" or \"}\"" : "\",\" or \"]\"");
  }
  --depth_;
  return true;
}

// One scan to the closing quote: plain bytes in blocks, everything else one by
// one. Nearly all strings are then a piece of the text as it stands.
bool JsonCursor::ReadString(absl::string_view* text) {
  if (!Take('"')) return FailExpecting("a string");
  const char* const start = next_;
  bool escaped = false;
  while (true) {
    next_ = SkipPlain(next_, end_);
    if (next_ == end_) return FailInString();
    if (*next_ == '"') break;
    int length = 0;
    if (*next_ == '\\') {
      escaped = true;
      length = end_ - next_ >= 2 ? 2 : 0;  // looked at by UnescapeJson()
    } else if (*next_ < 0) {
      length = Utf8Length(next_, end_);
    }
    if (length == 0) return FailInString();
    next_ += length;
  }
  *text = absl::string_view(start, next_ - start);
  ++next_;
  if (!escaped) return true;
  const char* const failed = UnescapeJson(*text, &unescaped_);
  if (failed != nullptr) {
    return FailAt(failed - begin_, "this is no escape sequence");
  }
  *text = unescaped_;
  return true;
}

// What is wrong at `next_`, which is inside of a string.
bool JsonCursor::FailInString() {
  const size_t position = next_ - begin_;
  if (next_ == end_ || *next_ == '\\') {
    return FailAt(position, "the string does not end");
  }
  return FailAt(position,
                *next_ < 0 ? "the body is not UTF-8"
                           : "control characters in strings must be escaped");
}

bool JsonCursor::ReadKey(absl::string_view* key) {
  if (Peek() != '"') return FailExpecting("a member's name in quotes");
  return ReadString(key) && (Take(':') || FailExpecting("\":\""));
}

bool JsonCursor::ReadNumber(absl::string_view* number) {
  SkipSpace();
  const char* const start = next_;
  const char* const stop = SkipNumber(start, end_);
  if (stop == nullptr) return FailExpecting("a number");
  *number = absl::string_view(start, stop - start);
  next_ = stop;
  return true;
}

// The token after a literal is looked at by whoever reads on: "truex" fails
// there, and so does "nullx".
bool JsonCursor::ReadBool(bool* value) {
  *value = Peek() == 't';
  return TakeExactly(*value ? "true" : "false") ||
         FailExpecting("true or false");
}

bool JsonCursor::ReadNull() {
  Peek();
  return TakeExactly("null") || FailExpecting("null");
}

bool JsonCursor::SkipValue() {
  absl::string_view ignored;
  bool value;
  switch (Peek()) {
    case '{':
    case '[':
      return SkipContainer();
    case '"':
      return ReadString(&ignored);
    case 't':
    case 'f':
      return ReadBool(&value);
    case 'n':
      return ReadNull();
    default:
      return ReadNumber(&ignored);
  }
}

// Recursion is as deep as Open() lets it be.
bool JsonCursor::SkipContainer() {
  const char open = Peek();
  const char close = open == '{' ? '}' : ']';
  if (!Open(open)) return false;
  if (Close(close)) return true;
  bool more = true;
  while (more) {
    absl::string_view key;
    if (open == '{' && !ReadKey(&key)) return false;
    if (!SkipValue() || !ReadNextOrClose(close, &more)) return false;
  }
  return true;
}

bool JsonCursor::FailAt(size_t position, absl::string_view message) {
  error_position_ = position;
  error_ = std::string(message);
  return false;
}

bool JsonCursor::FailExpecting(absl::string_view expectation) {
  return Fail(absl::StrCat("expected ", expectation, ", not ", Unexpected()));
}

// The kind of the next token, never its value, which may be a secret.
std::string JsonCursor::Unexpected() {
  const char c = Peek();
  if (next_ == end_) return "the end of the body";
  switch (c) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    case '"':
      return "this string";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      break;
  }
  if (absl::ascii_isdigit(c) || c == '-') return "this number";
  if (absl::ascii_isgraph(c))
    return absl::StrCat("\"", std::string(1, c), "\"");
  return "this byte";
}

bool JsonCursor::AddField(absl::string_view name) {
  path_.push_back(absl::StrCat(".", name));
  return false;
}

bool JsonCursor::AddKey(absl::string_view key) {
  path_.push_back(absl::StrCat("[", Shown(key), "]"));
  return false;
}

bool JsonCursor::AddIndex(size_t index) {
  path_.push_back(absl::StrCat("[", index, "]"));
  return false;
}

// Lines and columns are counted only now, when there is an error to tell.
absl::Status JsonCursor::error() const {
  const absl::string_view before(begin_, error_position_);
  const size_t line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const absl::string_view in_line =
      newline == absl::string_view::npos ? before : before.substr(newline + 1);
  // Characters, not bytes: those that continue one are not counted.
  const size_t column =
      1 + std::count_if(in_line.begin(), in_line.end(),
                        [](char c) { return (c & 0xc0) != 0x80; });
  std::string path = "$";
  for (auto step = path_.rbegin(); step != path_.rend(); ++step) path += *step;
  return Error(Reason::BODY_INVALID,
               absl::StrCat("at ", path, " (line ", line, ", column ", column,
                            "): ", error_));
}

}  // namespace praxis::gateway
