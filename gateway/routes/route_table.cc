#include "gateway/routes/route_table.h"

#include <deque>
#include <set>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gateway/routes/percent.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using Segments = absl::InlinedVector<absl::string_view, 12>;

// Not where: a path is short, and the caller has it.
absl::Status BadPath() {
  return Error(
      Reason::URL_INVALID,
      "the path has a \"%\" that two hexadecimal digits do not follow");
}

// The text of a variable, from the segments it matched.
bool AppendCapture(const PathTemplate::Variable& variable,
                   const Segments& segments, bool has_rest, std::string* text) {
  if (variable.is_single) {
    return AppendDecoded(segments[variable.begin], Percent::kAll, text);
  }
  const size_t end = has_rest ? segments.size() : variable.end;
  for (size_t i = variable.begin; i < end; ++i) {
    if (i > variable.begin) text->push_back('/');
    if (!AppendDecoded(segments[i], Percent::kAllButReserved, text)) {
      return false;
    }
  }
  return true;
}

// Whether the variable reaches into "**", and so to the end of the path.
bool HasRest(const PathTemplate& path, const PathTemplate::Variable& variable) {
  return path.segments[variable.end - 1].kind == PathTemplate::Segment::kRest;
}

// As the header Allow has it (RFC 9110, 10.2.1).
std::string AllowOf(std::set<std::string> methods) {
  if (methods.count("GET") > 0) methods.insert("HEAD");
  methods.insert("OPTIONS");
  return absl::StrJoin(methods, ", ");
}

}  // namespace

// One request on its way through the trie.
class RouteTable::Search {
 public:
  Search(absl::string_view http_method, Segments raw)
      : http_method_(http_method), raw_(std::move(raw)) {}

  // Looks for routes with a verb, which is not among the segments. False if a
  // segment is wrongly encoded.
  bool Run(const Node& root, absl::string_view verb) {
    verb_ = verb;
    segments_.clear();
    for (const absl::string_view raw : raw_) {
      if (raw.find('%') == absl::string_view::npos) {
        segments_.push_back(raw);
        continue;
      }
      decoded_.emplace_back();
      if (!AppendDecoded(raw, Percent::kAll, &decoded_.back())) return false;
      segments_.push_back(decoded_.back());
    }
    Visit(root, 0);
    return true;
  }

  const Route* found() const { return found_; }
  // The methods of other routes that match.
  const std::set<std::string>& allowed() const { return allowed_; }
  Segments& raw() { return raw_; }

 private:
  // True once the route is found. Every node is visited at most once.
  bool Visit(const Node& node, size_t depth) {
    if (depth == segments_.size()) {
      return Offer(node.here) || Offer(node.rest);
    }
    const auto literal = node.literals.find(segments_[depth]);
    if (literal != node.literals.end() && Visit(*literal->second, depth + 1)) {
      return true;
    }
    if (node.one != nullptr && !segments_[depth].empty() &&
        Visit(*node.one, depth + 1)) {
      return true;
    }
    return Offer(node.rest);
  }

  // The routes of the verb that end here: the one of the method, else that of
  // any method. Without either, they are remembered as allowed.
  bool Offer(const Endpoints& endpoints) {
    const auto routes = endpoints.find(verb_);
    if (routes == endpoints.end()) return false;
    const Route* any = nullptr;
    for (const Route* route : routes->second) {
      if (route->http_method == http_method_) found_ = route;
      if (route->http_method == "*") any = route;
      allowed_.insert(route->http_method);
    }
    if (found_ == nullptr) found_ = any;
    return found_ != nullptr;
  }

  const absl::string_view http_method_;
  Segments raw_;  // as in the request
  absl::string_view verb_;
  Segments segments_;  // decoded
  std::deque<std::string> decoded_;
  const Route* found_ = nullptr;
  std::set<std::string> allowed_;
};

absl::StatusOr<RouteTable> RouteTable::Build(
    absl::Span<const google::protobuf::ServiceDescriptor* const> services,
    SchemaSet* schemas) {
  RouteTable table;
  for (const google::protobuf::ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& options = service->method(i)->options();
      if (!options.HasExtension(google::api::http)) continue;
      RETURN_IF_ERROR(table.Add(service->method(i),
                                options.GetExtension(google::api::http),
                                schemas));
    }
  }
  return table;
}

absl::Status RouteTable::Add(const google::protobuf::MethodDescriptor* method,
                             const google::api::HttpRule& rule,
                             SchemaSet* schemas) {
  ASSIGN_OR_RETURN(Route route, Route::Make(method, rule, schemas));
  RETURN_IF_ERROR(AddRoute(std::move(route)));
  for (const google::api::HttpRule& more : rule.additional_bindings()) {
    if (more.additional_bindings_size() > 0) {
      return Error(Reason::INTERNAL,
                   absl::StrCat("the http rule of ", method->full_name(),
                                " nests additional_bindings"));
    }
    ASSIGN_OR_RETURN(Route added, Route::Make(method, more, schemas));
    RETURN_IF_ERROR(AddRoute(std::move(added)));
  }
  return absl::OkStatus();
}

absl::Status RouteTable::AddRpcs(
    absl::Span<const google::protobuf::ServiceDescriptor* const> services,
    SchemaSet* schemas) {
  for (const google::protobuf::ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      const auto& options = method->options();
      if (!options.HasExtension(google::api::http)) continue;
      RETURN_IF_ERROR(AddRoute(Route::MakeRpc(method, "POST", schemas)));
      if (options.idempotency_level() !=
              google::protobuf::MethodOptions::NO_SIDE_EFFECTS ||
          method->server_streaming()) {
        continue;
      }
      RETURN_IF_ERROR(AddRoute(Route::MakeRpc(method, "GET", schemas)));
    }
  }
  return absl::OkStatus();
}

// Walks the template down the trie, making what is not there. Variables have no
// part in it: templates that differ in names only end at the same place.
absl::Status RouteTable::AddRoute(Route route) {
  Node* node = root_.get();
  Endpoints* endpoints = nullptr;
  for (const PathTemplate::Segment& segment : route.path.segments) {
    if (segment.kind == PathTemplate::Segment::kRest) {
      endpoints = &node->rest;  // it is the last
      break;
    }
    std::unique_ptr<Node>& next = segment.kind == PathTemplate::Segment::kOne
                                      ? node->one
                                      : node->literals[segment.literal];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  if (endpoints == nullptr) endpoints = &node->here;
  std::vector<const Route*>& there = (*endpoints)[route.path.verb];
  for (const Route* other : there) {
    if (other->http_method != route.http_method) continue;
    return Error(Reason::INTERNAL,
                 absl::StrCat(route.method->full_name(), " and ",
                              other->method->full_name(),
                              " have the same route: ", route.http_method, " ",
                              route.path_text));
  }
  routes_.push_back(std::make_unique<const Route>(std::move(route)));
  there.push_back(routes_.back().get());
  return absl::OkStatus();
}

absl::StatusOr<RouteMatch> RouteTable::Find(absl::string_view http_method,
                                            absl::string_view path) const {
  if (!absl::ConsumePrefix(&path, "/")) {
    return Error(Reason::ROUTE_NOT_FOUND, "there is no such path");
  }
  // HEAD is GET without the body.
  Search search(http_method == "HEAD" ? "GET" : http_method,
                absl::StrSplit(path, '/'));
  const absl::string_view last = search.raw().back();
  const size_t colon = last.rfind(':');
  if (colon != absl::string_view::npos && colon + 1 < last.size()) {
    search.raw().back() = last.substr(0, colon);
    if (!search.Run(*root_, last.substr(colon + 1))) return BadPath();
  }
  if (search.allowed().empty()) {
    search.raw().back() = last;
    if (!search.Run(*root_, "")) return BadPath();
  }
  if (search.allowed().empty()) {
    return Error(Reason::ROUTE_NOT_FOUND, "there is no such path");
  }

  RouteMatch match;
  match.route = search.found();
  if (match.route == nullptr) {
    match.allow = AllowOf(search.allowed());
    return match;
  }
  const PathTemplate& found = match.route->path;
  for (const PathTemplate::Variable& variable : found.variables) {
    match.captures.emplace_back();
    if (!AppendCapture(variable, search.raw(), HasRest(found, variable),
                       &match.captures.back())) {
      return BadPath();
    }
  }
  return match;
}

}  // namespace praxis::gateway
