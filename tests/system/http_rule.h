// How a request message is said in HTTP, by the google.api.http rule of its
// method: the way that the gateway goes, backwards.
#ifndef TESTS_SYSTEM_HTTP_RULE_H_
#define TESTS_SYSTEM_HTTP_RULE_H_

#include <string>
#include <vector>

#include "google/api/http.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "tests/system/http_client.h"

namespace praxis::system {

// Every binding of a method: the rule itself, then its additional_bindings.
// None when it has no rule.
std::vector<google::api::HttpRule> BindingsOf(
    const google::protobuf::MethodDescriptor& method);

// "GET" and "/v1/{name=communities/*}" of a rule.
std::string VerbOf(const google::api::HttpRule& rule);
std::string TemplateOf(const google::api::HttpRule& rule);
// The template with "*" for every variable: "/v1/communities/*".
std::string PlainTemplateOf(const google::api::HttpRule& rule);
// The fields that the path holds: "community.name".
std::vector<std::string> PathFieldsOf(const google::api::HttpRule& rule);

// The request in HTTP: path fields into the path, the body's field into the
// body, all others into the query.
HttpRequest ToHttp(const google::api::HttpRule& rule,
                   const google::protobuf::Message& request);

// Percent-encodes all but unreserved characters and "/".
std::string Encoded(absl::string_view text);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_HTTP_RULE_H_
