#ifndef GATEWAY_TRANSCODE_JSON_CURSOR_H_
#define GATEWAY_TRANSCODE_JSON_CURSOR_H_

#include <cstring>
#include <string>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace praxis::gateway {

// What a caller sent, fit for an error message: short, escaped and in quotes.
std::string Shown(absl::string_view text);

// Arrays and objects may lie this deep in each other, read and written.
constexpr int kMaxJsonDepth = 64;

// Reads the tokens of one JSON text, strictly by RFC 8259, from front to back.
//
// Every call that reads answers false when the text is not what it reads; the
// first failure is kept, and the cursor is then of no further use. Whoever
// passes a failure on adds where it was (AddField ... ), so that a text without
// error pays nothing for its path.
class JsonCursor {
 public:
  explicit JsonCursor(absl::string_view text)
      : begin_(text.data()), next_(begin_), end_(begin_ + text.size()) {}

  // The first byte of the next token, NUL at the end of the text.
  char Peek() {
    SkipSpace();
    return ABSL_PREDICT_TRUE(next_ != end_) ? *next_ : '\0';
  }

  // Steps over `c` if it is next.
  bool Take(char c) {
    if (Peek() != c || next_ == end_) return false;
    ++next_;
    return true;
  }
  // Steps over `token` if the text goes on with exactly these bytes. They are
  // whole tokens.
  bool TakeExactly(absl::string_view token) {
    if (static_cast<size_t>(end_ - next_) < token.size() ||
        std::memcmp(next_, token.data(), token.size()) != 0) {
      return false;
    }
    next_ += token.size();
    return true;
  }

  // The end of the text: nothing but white space may follow.
  bool ReadEnd();
  // "[" or "{", at most kMaxJsonDepth deep.
  bool Open(char bracket);
  // Steps over "]" or "}" if it is next: what was opened is empty.
  bool Close(char bracket) {
    if (!Take(bracket)) return false;
    --depth_;
    return true;
  }
  // After an element: "," (more is then true) or `bracket`.
  bool ReadNextOrClose(char bracket, bool* more);
  // The text of a string. It points into the JSON, or into a buffer that the
  // next ReadString() overwrites.
  bool ReadString(absl::string_view* text);
  // A string and the colon after it.
  bool ReadKey(absl::string_view* key);
  // Steps over the key "@type" of a google.protobuf.Any and its colon, if they
  // are next; else over nothing.
  bool TakeTypeKey() {
    SkipSpace();
    const char* const key = next_;
    if (TakeExactly("\"@type\"") && Take(':')) return true;
    next_ = key;
    return false;
  }
  bool ReadNumber(absl::string_view* number);
  bool ReadBool(bool* value);
  bool ReadNull();
  // Any value, which must be well-formed.
  bool SkipValue();

  // The offset of the next token.
  size_t Position() {
    SkipSpace();
    return next_ - begin_;
  }

  // Fails at the next token, or at `position`. Always false.
  bool Fail(absl::string_view message) { return FailAt(Position(), message); }
  bool FailAt(size_t position, absl::string_view message);
  // Fails at the next token: "expected <expectation>, not a number".
  bool FailExpecting(absl::string_view expectation);

  // The failure was in this field, element or map value. Always false.
  bool AddField(absl::string_view name);
  bool AddIndex(size_t index);
  bool AddKey(absl::string_view key);

  // The failure as BODY_INVALID: "at $.thread.kind (line 1, column 20): ...".
  absl::Status error() const;

 private:
  void SkipSpace() {
    while (next_ != end_ && (*next_ == ' ' || *next_ == '\n' ||
                             *next_ == '\r' || *next_ == '\t')) {
      ++next_;
    }
  }
  bool FailInString();
  bool SkipContainer();
  std::string Unexpected();

  const char* begin_;
  const char* next_;
  const char* end_;
  int depth_ = 0;
  std::string unescaped_;

  size_t error_position_ = 0;
  std::string error_;
  std::vector<std::string> path_;  // innermost first
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_JSON_CURSOR_H_
