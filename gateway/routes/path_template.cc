#include "gateway/routes/path_template.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// pchar of RFC 3986 less "%XX" and what the grammar uses itself.
bool IsLiteralByte(char c) {
  return absl::ascii_isalnum(c) ||
         absl::string_view("-._~!$&'()+,;@").find(c) != absl::string_view::npos;
}

// A recursive descent through the grammar; each Parse method reads the rule of
// its name. False on the first failure.
class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  bool ParseTemplate() {
    if (!Take('/')) return Fail("\"/\"");
    if (!ParseSegments()) return false;
    if (Take(':') && !ParseLiteral(&result_.verb)) return false;
    return at_ == text_.size() || Fail("\"/\", \":\" or the end");
  }
  PathTemplate TakeResult() { return std::move(result_); }
  std::string error() const {
    return absl::StrCat("the path template \"", text_, "\" has ", error_,
                        " at byte ", at_);
  }

 private:
  bool ParseSegments() {
    do {
      if (!ParseSegment()) return false;
    } while (Take('/'));
    return true;
  }

  bool ParseSegment() {
    if (has_rest_) return Fail("a segment after \"**\", instead of none");
    if (Peek() == '{') return ParseVariable();
    PathTemplate::Segment segment;
    if (Take('*')) {
      has_rest_ = Take('*');
      segment.kind = has_rest_ ? PathTemplate::Segment::kRest
                               : PathTemplate::Segment::kOne;
    } else if (!ParseLiteral(&segment.literal)) {
      return false;
    }
    result_.segments.push_back(std::move(segment));
    return true;
  }

  // "{name}" is short for "{name=*}".
  bool ParseVariable() {
    if (in_variable_) return Fail("a variable within a variable");
    in_variable_ = true;
    ++at_;
    PathTemplate::Variable variable;
    variable.begin = result_.segments.size();
    if (!ParseFieldPath(&variable.field_path)) return false;
    if (Take('=')) {
      if (!ParseSegments()) return false;
    } else {
      if (has_rest_) return Fail("a segment after \"**\", instead of none");
      result_.segments.push_back({PathTemplate::Segment::kOne, ""});
    }
    if (!Take('}')) return Fail("no \"}\"");
    variable.end = result_.segments.size();
    variable.is_single = variable.end - variable.begin == 1 && !has_rest_;
    result_.variables.push_back(std::move(variable));
    in_variable_ = false;
    return true;
  }

  // IDENT { "." IDENT }
  bool ParseFieldPath(std::string* path) {
    const size_t start = at_;
    do {
      if (!absl::ascii_isalpha(Peek()) && Peek() != '_') {
        return Fail("no field name");
      }
      while (absl::ascii_isalnum(Peek()) || Peek() == '_') ++at_;
    } while (Take('.'));
    *path = std::string(text_.substr(start, at_ - start));
    return true;
  }

  bool ParseLiteral(std::string* literal) {
    const size_t start = at_;
    while (IsLiteralByte(Peek())) ++at_;
    if (at_ == start) return Fail("no literal, \"*\", \"**\" or variable");
    *literal = std::string(text_.substr(start, at_ - start));
    return true;
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  bool Fail(absl::string_view error) {
    error_ = std::string(error);
    return false;
  }

  absl::string_view text_;
  size_t at_ = 0;
  bool in_variable_ = false;
  bool has_rest_ = false;  // "**" has come
  PathTemplate result_;
  std::string error_;
};

}  // namespace

absl::StatusOr<PathTemplate> PathTemplate::Parse(absl::string_view text) {
  Parser parser(text);
  if (!parser.ParseTemplate()) return Error(Reason::INTERNAL, parser.error());
  return parser.TakeResult();
}

}  // namespace praxis::gateway
