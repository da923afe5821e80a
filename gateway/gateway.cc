#include "gateway/gateway.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/call/answer.h"
#include "gateway/call/unary_call.h"
#include "gateway/connect/rpc_stream.h"
#include "gateway/connect/rpc_unary.h"
#include "gateway/forms/coding.h"
#include "gateway/stream/download.h"
#include "gateway/stream/messages.h"
#include "gateway/stream/upload.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

constexpr absl::string_view kPageMethods = "GET, HEAD, OPTIONS";

// Who serves the route's method; null when nobody does.
std::unique_ptr<Endpoint> EndpointOf(
    const std::vector<Gateway::Backend>& backends, const Route& route) {
  for (const Gateway::Backend& backend : backends) {
    for (const auto* service : backend.services) {
      if (service == route.method->service()) {
        return backend.upstream->Bind(*route.method);
      }
    }
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Make(
    Options options, std::unique_ptr<RouteTable> routes,
    std::unique_ptr<Pages> pages, telemetry::Registry& registry) {
  std::unique_ptr<Gateway> made(new Gateway(
      std::move(options), std::move(routes), std::move(pages), registry));
  const absl::Status bound = made->Bind(registry);
  if (!bound.ok()) return bound;
  return made;
}

Gateway::Gateway(Options options, std::unique_ptr<RouteTable> routes,
                 std::unique_ptr<Pages> pages, telemetry::Registry& registry)
    : options_(std::move(options)),
      admission_(options_.admission, registry),
      cors_(options_.cors_origins),
      context_{.cors = cors_,
               .log = options_.log,
               .tracer = options_.tracer,
               .cache = options_.cache,
               .streams = streams_,
               .stream_age = options_.stream_age},
      routes_(std::move(routes)),
      pages_(std::move(pages)),
      unrouted_(registry, "", "", "gateway") {}

// All problems at once: who starts a program wants to hear of each.
absl::Status Gateway::Bind(telemetry::Registry& registry) {
  std::vector<std::string> problems;
  for (const std::string& origin : options_.cors_origins) {
    if (Cors::IsOrigin(origin)) continue;
    problems.push_back(absl::StrCat(
        "\"", origin, "\" is no origin, such as https://app.example.org"));
  }
  for (const auto& route : routes_->routes()) {
    std::unique_ptr<Endpoint> endpoint = EndpointOf(options_.backends, *route);
    absl::Status status;
    if (endpoint == nullptr) {
      status = absl::FailedPreconditionError("no backend serves it");
    } else {
      auto operation = Operation::Make(*route, std::move(endpoint), registry);
      status = operation.status();
      if (status.ok()) operations_[route.get()] = *std::move(operation);
    }
    if (!status.ok()) {
      problems.push_back(
          absl::StrCat(route->method->full_name(), ": ", status.message()));
    }
  }
  if (problems.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrJoin(problems, "; "));
}

// Pages come before routes and never depend on them.
void Gateway::Handle(std::shared_ptr<Exchange> exchange) {
  const RequestHead& head = exchange->head();
  const absl::Status admitted = admission_.Admit(*exchange);
  if (!admitted.ok()) return TurnAway(*exchange, admitted);
  if (head.method == "OPTIONS") return TellMethods(*exchange);
  if (pages_->Has(head.path)) return ServePage(std::move(exchange));
  absl::StatusOr<RouteMatch> match = routes_->Find(head.method, head.path);
  if (!match.ok()) return Fail(*exchange, match.status());
  if (match->route == nullptr) return RefuseMethod(*exchange, match->allow);
  Call(std::move(exchange), *std::move(match));
}

void Gateway::Call(std::shared_ptr<Exchange> exchange, RouteMatch match) {
  const Operation& operation = *operations_.find(match.route)->second;
  const auto run = [&](auto call) { call->Run(); };
  switch (operation.shape) {
    case Shape::kUnary:
      return run(std::make_shared<UnaryCall>(std::move(exchange), operation,
                                             context_, std::move(match)));
    case Shape::kDownload:
      return run(std::make_shared<Download>(std::move(exchange), operation,
                                            context_, std::move(match)));
    case Shape::kRpcUnary:
      return run(std::make_shared<RpcUnary>(std::move(exchange), operation,
                                            context_, std::move(match)));
    case Shape::kRpcStream:
      return run(std::make_shared<RpcStream>(std::move(exchange), operation,
                                             context_, std::move(match)));
    case Shape::kUpload:
      return run(std::make_shared<Upload>(std::move(exchange), operation,
                                          context_, std::move(match)));
    case Shape::kMessages:
      return run(std::make_shared<Messages>(std::move(exchange), operation,
                                            context_, std::move(match)));
  }
}

void Gateway::ServePage(std::shared_ptr<Exchange> exchange) {
  const RequestHead& head = exchange->head();
  if (head.method != "GET" && head.method != "HEAD") {
    return RefuseMethod(*exchange, kPageMethods);
  }
  pages_->Serve(std::move(exchange),
                [this](const RequestHead& asked, Response* answer) {
                  EncodeBody(asked, answer);
                  cors_.AddFields(asked, &answer->fields);
                });
}

// OPTIONS (RFC 9110, 9.3.7) and the preflights of browsers.
void Gateway::TellMethods(Exchange& exchange) {
  const RequestHead& head = exchange.head();
  absl::string_view allow = kPageMethods;
  absl::StatusOr<RouteMatch> match = RouteMatch();
  if (head.path == "*") {
    allow = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
  } else if (!pages_->Has(head.path)) {
    match = routes_->Find(head.method, head.path);
    if (!match.ok()) return Fail(exchange, match.status());
    allow = match->allow;
  }
  Response response;
  response.status = 204;
  AddField("Allow", allow, &response.fields);
  cors_.AddPreflightFields(head, allow, &response.fields);
  Respond(exchange, std::move(response), 204);
}

// 405 always says what is allowed (RFC 9110, 15.5.6).
void Gateway::RefuseMethod(Exchange& exchange, absl::string_view allow) {
  Fail(exchange,
       Error(Reason::METHOD_NOT_ALLOWED,
             absl::StrCat("This path takes the methods ", allow, ".")),
       absl::StrCat("Allow: ", allow, "\r\n"));
}

// Overload is the gateway's own trouble: 503, unlike the 429 of services, whose
// callers have each their share.
void Gateway::TurnAway(Exchange& exchange, const absl::Status& status) {
  const int http_status = ReasonOf(status) == Reason::OVERLOADED ? 503 : 429;
  Respond(exchange,
          ErrorResponse(status, ErrorFormOf(exchange.head()),
                        exchange.request_id(), http_status),
          http_status);
}

// RPC protocols have a code of their own for what is not there: the path is
// not found, the method is not implemented.
void Gateway::Fail(Exchange& exchange, absl::Status status,
                   absl::string_view fields) {
  const Form& form = ErrorFormOf(exchange.head());
  const int http_status = HttpStatusOf(status);
  if (ReasonOf(status) == Reason::ROUTE_NOT_FOUND && form.is_rpc()) {
    status = Error(Reason::METHOD_UNKNOWN, status.message());
  }
  Response response =
      ErrorResponse(status, form, exchange.request_id(), http_status);
  response.fields.append(fields.data(), fields.size());
  Respond(exchange, std::move(response), http_status);
}

void Gateway::Respond(Exchange& exchange, Response response, int http_status) {
  unrouted_.Answered(http_status, absl::ZeroDuration());
  cors_.AddFields(exchange.head(), &response.fields);
  exchange.Respond(std::move(response));
}

Response Gateway::Refuse(const RequestHead& head, absl::string_view request_id,
                         const absl::Status& status, int http_status) {
  Response response =
      ErrorResponse(status, ErrorFormOf(head), request_id, http_status);
  unrouted_.Answered(http_status != 0 ? http_status : HttpStatusOf(status),
                     absl::ZeroDuration());
  cors_.AddFields(head, &response.fields);
  return response;
}

}  // namespace praxis::gateway
