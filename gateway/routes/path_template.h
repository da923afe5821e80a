#ifndef GATEWAY_ROUTES_PATH_TEMPLATE_H_
#define GATEWAY_ROUTES_PATH_TEMPLATE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace praxis::gateway {

// A path template of google.api.http, taken apart. The grammar is that of
// google/api/http.proto:
//
//   Template  = "/" Segments [ Verb ] ;
//   Segments  = Segment { "/" Segment } ;
//   Segment   = "*" | "**" | LITERAL | Variable ;
//   Variable  = "{" FieldPath [ "=" Segments ] "}" ;
//   FieldPath = IDENT { "." IDENT } ;
//   Verb      = ":" LITERAL ;
//
// "**" comes last, but for the verb, and variables hold no variables. A literal
// is made of characters that need no encoding in a path, less "*", ":" and "=".
struct PathTemplate {
  struct Segment {
    enum Kind { kLiteral, kOne, kRest };
    Kind kind = kLiteral;
    std::string literal;  // of a kLiteral
  };

  // A field of the request and the segments that are its value.
  struct Variable {
    std::string field_path;  // "thread.name"
    size_t begin = 0;        // of the segments, from the front
    size_t end = 0;
    // It is the value of one segment. Otherwise segments are joined by "/", and
    // an encoded one within them stays encoded.
    bool is_single = false;
  };

  std::vector<Segment> segments;
  std::vector<Variable> variables;
  std::string verb;  // without ":"; may be empty

  // INTERNAL, with what is wrong where, if the text is no template: it comes
  // from a contract of ours.
  static absl::StatusOr<PathTemplate> Parse(absl::string_view text);
};

}  // namespace praxis::gateway

#endif  // GATEWAY_ROUTES_PATH_TEMPLATE_H_
