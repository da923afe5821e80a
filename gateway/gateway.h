// Gateway: which request is answered by what.
#ifndef GATEWAY_GATEWAY_H_
#define GATEWAY_GATEWAY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "gateway/admission/admission.h"
#include "gateway/call/cors.h"
#include "gateway/call/http_call.h"
#include "gateway/call/operation.h"
#include "gateway/http/exchange.h"
#include "gateway/ops/pages.h"
#include "gateway/routes/route_table.h"
#include "gateway/upstream/upstream.h"
#include "services/common/rpc/grpc/open_streams.h"

namespace praxis::gateway {

// Sends each request its way: to a page for operators, to the RPC that a route
// names, or back with what is wrong. It holds no code for any RPC; all it knows
// of them are their descriptors. It authenticates nobody and permits nothing:
// services do. Thread-safe.
class Gateway : public Handler {
 public:
  // Services and who serves them.
  struct Backend {
    Upstream* upstream = nullptr;
    std::vector<const google::protobuf::ServiceDescriptor*> services;
  };
  struct Options {
    // They outlive the gateway.
    std::vector<Backend> backends;
    std::vector<std::string> cors_origins;
    Admission::Options admission;
    // See CallContext.
    telemetry::AccessLog* log = nullptr;
    telemetry::Tracer* tracer = nullptr;
    absl::Duration stream_age = absl::Hours(1);
    ResponseCache* cache = nullptr;
  };

  // FAILED_PRECONDITION with every route that cannot be served and every
  // cors_origins that is no origin.
  static absl::StatusOr<std::unique_ptr<Gateway>> Make(
      Options options, std::unique_ptr<RouteTable> routes,
      std::unique_ptr<Pages> pages, telemetry::Registry& registry);

  void Handle(std::shared_ptr<Exchange> exchange) override;
  Response Refuse(const RequestHead& head, absl::string_view request_id,
                  const absl::Status& status, int http_status) override;

  Pages& pages() { return *pages_; }

  // Ends the streams of messages, with BACKEND_UNAVAILABLE: the server stops,
  // and they would not end by themselves.
  void EndStreams() { streams_->EndAll(); }

 private:
  Gateway(Options options, std::unique_ptr<RouteTable> routes,
          std::unique_ptr<Pages> pages, telemetry::Registry& registry);

  absl::Status Bind(telemetry::Registry& registry);
  void Call(std::shared_ptr<Exchange> exchange, RouteMatch match);
  void ServePage(std::shared_ptr<Exchange> exchange);
  void TellMethods(Exchange& exchange);
  void RefuseMethod(Exchange& exchange, absl::string_view allow);
  void TurnAway(Exchange& exchange, const absl::Status& status);
  // Answers what no operation counts: an error in the form that the client
  // reads, or what else is to be said, counted as `http_status`.
  void Fail(Exchange& exchange, absl::Status status,
            absl::string_view fields = "");
  void Respond(Exchange& exchange, Response response, int http_status);

  const Options options_;
  Admission admission_;
  const Cors cors_;
  // Calls may outlive this, until their upstreams have let go of them.
  const std::shared_ptr<rpc::OpenStreams> streams_ =
      std::make_shared<rpc::OpenStreams>();
  const CallContext context_;
  const std::unique_ptr<RouteTable> routes_;
  const std::unique_ptr<Pages> pages_;
  // Requests that no route was found for.
  const RouteMetrics unrouted_;
  absl::flat_hash_map<const Route*, std::unique_ptr<Operation>> operations_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_GATEWAY_H_
