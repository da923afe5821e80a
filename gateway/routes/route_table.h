#ifndef GATEWAY_ROUTES_ROUTE_TABLE_H_
#define GATEWAY_ROUTES_ROUTE_TABLE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway/routes/route.h"

namespace google::protobuf {
class ServiceDescriptor;
}  // namespace google::protobuf

namespace praxis::gateway {

// What a request's method and path lead to.
struct RouteMatch {
  // Null: the path is there, but not for this method.
  const Route* route = nullptr;
  // The text of each of the route's variables, decoded.
  std::vector<std::string> captures;
  // Without a route: the methods there are, sorted, as in the header Allow.
  // HEAD is among them where GET is, OPTIONS always; answering these two is
  // the caller's, HEAD is matched as GET.
  std::string allow;
};

// The routes of all services: a trie of path segments. Immutable once built, so
// any thread may search it.
//
// A literal is preferred to "*" and "*" to "**", from the first segment on; a
// route that has not the request's method does not stand in the way of one that
// has. What follows the last ":" of a path is a verb if any route has it there;
// else it is part of the last segment. An encoded ":" never starts a verb.
class RouteTable {
 public:
  // The routes of every method with a google.api.http rule. INTERNAL if a rule
  // is no good (Route::Make), or if two rules match the same requests.
  static absl::StatusOr<RouteTable> Build(
      absl::Span<const google::protobuf::ServiceDescriptor* const> services,
      SchemaSet* schemas);

  // Adds a rule and its additional bindings; errors as Build().
  absl::Status Add(const google::protobuf::MethodDescriptor* method,
                   const google::api::HttpRule& rule, SchemaSet* schemas);

  // Adds, for every method with a google.api.http rule, its own path: what has
  // one is open to clients on the web.
  absl::Status AddRpcs(
      absl::Span<const google::protobuf::ServiceDescriptor* const> services,
      SchemaSet* schemas);

  // `path` is what stands before "?" in the request's target, undecoded.
  // ROUTE_NOT_FOUND, or URL_INVALID if it is wrongly encoded.
  absl::StatusOr<RouteMatch> Find(absl::string_view http_method,
                                  absl::string_view path) const;

  // In the order in which they were added.
  const std::vector<std::unique_ptr<const Route>>& routes() const {
    return routes_;
  }

 private:
  // The routes that end at one place, by verb; "" is none.
  using Endpoints = absl::flat_hash_map<std::string, std::vector<const Route*>>;

  struct Node {
    absl::flat_hash_map<std::string, std::unique_ptr<Node>> literals;
    std::unique_ptr<Node> one;  // "*"
    Endpoints here;             // of paths that end here
    Endpoints rest;             // of "**"
  };
  class Search;

  absl::Status AddRoute(Route route);

  std::vector<std::unique_ptr<const Route>> routes_;
  std::unique_ptr<Node> root_ = std::make_unique<Node>();
};

}  // namespace praxis::gateway

#endif  // GATEWAY_ROUTES_ROUTE_TABLE_H_
