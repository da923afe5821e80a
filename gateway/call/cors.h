// Which web pages of other origins may call (the Fetch standard, CORS).
#ifndef GATEWAY_CALL_CORS_H_
#define GATEWAY_CALL_CORS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gateway/http/head.h"

namespace praxis::gateway {

// An allow-list of origins such as "https://app.example.org". Empty, which is
// the default, no page of another origin is let in. Tokens are sent by scripts
// and never by browsers on their own, so credentials mode is not allowed.
class Cors {
 public:
  explicit Cors(std::vector<std::string> origins);

  // Whether a browser can say so of a page: "https://app.example.org:8443", in
  // lower case and without a path. Others would be listed and never let in.
  static bool IsOrigin(absl::string_view text);

  // For every answer: whether the page that asks may read it.
  void AddFields(const RequestHead& head, std::string* fields) const;

  // For the answer to OPTIONS: what the page may ask. `allow` lists methods.
  void AddPreflightFields(const RequestHead& head, absl::string_view allow,
                          std::string* fields) const;

 private:
  bool Allows(absl::string_view origin) const;

  const std::vector<std::string> origins_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_CORS_H_
