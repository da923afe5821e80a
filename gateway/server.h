// GatewayServer: the gateway put together.
#ifndef GATEWAY_SERVER_H_
#define GATEWAY_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/admission/admission.h"
#include "gateway/http/server.h"
#include "gateway/upstream/upstream.h"

namespace google::protobuf {
class ServiceDescriptor;
}  // namespace google::protobuf
namespace praxis::events {
class Source;
}  // namespace praxis::events
namespace praxis::telemetry {
class AccessLog;
class Log;
class Registry;
class Tracer;
}  // namespace praxis::telemetry

namespace praxis::gateway {

// Serves the HTTP rules of some services on one port, with the pages for
// operators. The composition root: the only place that names concrete parts.
class GatewayServer {
 public:
  // Services, and where they are.
  struct Backend {
    std::unique_ptr<Upstream> upstream;
    std::vector<const google::protobuf::ServiceDescriptor*> services;
  };
  struct Options {
    HttpServer::Options http;
    std::vector<Backend> backends;
    // Origins of web pages that may call; none by default.
    std::vector<std::string> cors_origins;
    // HTTPS by this pair of PEM files; with neither, HTTP in the clear.
    std::string tls_certificate_file;
    std::string tls_key_file;
    // See TrustedProxies::Parse.
    std::string trusted_proxies;
    Admission::Options admission;
    // What operators should hear of; null: nothing is said.
    telemetry::Log* program_log = nullptr;
    // Null: nothing is recorded. Outlives the server.
    telemetry::Tracer* tracer = nullptr;
    // How long a stream of messages may last.
    absl::Duration stream_age = absl::Hours(1);
    // Where every service tells what has changed, for answers to be kept, first
    // the one that decides access; with none, or with no room for them, all are
    // asked for. They outlive the server.
    std::vector<events::Source*> events;
    size_t cache_bytes = 64 << 20;
    // The API reference at /docs.
    bool docs = true;
    // Where operators read /metrics, /status, /config and more; 0 is any free
    // port. None: they read at the one port what may be seen there.
    std::optional<int> admin_port;
    std::string admin_address = "127.0.0.1";
    // The settings as they came to be, JSON, nothing secret in it.
    std::string config;
    // What gRPC knows of its channels, by the query; see rpc::ChannelzJson.
    std::function<std::string(absl::string_view)> channelz;
    // For /version.
    std::string program = "praxis-gateway";
    std::string version;
  };

  // `registry` outlives the server. `log` gets the requests that failed; null
  // where the services live in this process and log them. INVALID_ARGUMENT for
  // half a certificate, FAILED_PRECONDITION
  // when a route cannot be served, BACKEND_UNAVAILABLE when the address is
  // taken. Starts also while backends are away.
  static absl::StatusOr<std::unique_ptr<GatewayServer>> Start(
      Options options, telemetry::Registry& registry,
      telemetry::AccessLog* log);
  // Cuts off what has not been drained.
  ~GatewayServer();

  int port() const;
  // 0 where there is none.
  int admin_port() const;

  // Fails /readyz and asks clients to come on other connections, but serves
  // everything for `grace`, so that load balancers look away before anything is
  // refused; then takes no more and returns when the requests under way are
  // answered, or after `limit`.
  void Drain(absl::Duration grace, absl::Duration limit = absl::Seconds(10));

 private:
  struct Parts;
  explicit GatewayServer(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

// The services of a package of the contract, such as "praxis.members.v1".
std::vector<const google::protobuf::ServiceDescriptor*> ServicesOf(
    absl::string_view package);

}  // namespace praxis::gateway

#endif  // GATEWAY_SERVER_H_
