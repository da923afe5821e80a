// Percent-encoding of URLs (RFC 3986, section 2.1).
#ifndef GATEWAY_ROUTES_PERCENT_H_
#define GATEWAY_ROUTES_PERCENT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// What a decoding leaves as it is.
enum class Percent {
  // Every "%XX" is decoded.
  kAll,
  // Reserved characters (RFC 6570: `:/?#[]@!$&'()*+,;=`) stay encoded, so that
  // an encoded "/" of an id is not taken for one that separates ids.
  kAllButReserved,
  // Every "%XX" is decoded and "+" is a space, as HTML forms write it.
  kForm,
};

// Appends what `text` stands for. False where a "%" has no two digits behind.
bool AppendDecoded(absl::string_view text, Percent percent, std::string* out);

}  // namespace praxis::gateway

#endif  // GATEWAY_ROUTES_PERCENT_H_
