// HttpServer: HTTP/1.1 on one address.
#ifndef GATEWAY_HTTP_SERVER_H_
#define GATEWAY_HTTP_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/http/address.h"
#include "gateway/http/exchange.h"
#include "gateway/http/limits.h"

namespace praxis::telemetry {
class Gauge;
}  // namespace praxis::telemetry

namespace praxis::gateway {

class TlsIdentity;

// Listens, and spreads its connections over a few threads that never wait for
// a client. Requests are handled on those threads.
class HttpServer {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    // 0 takes a free one; see port().
    int port = 0;
    int threads = 2;
    HttpLimits limits;
    // Whose X-Forwarded-For is believed. They may have as many connections as
    // there can be.
    TrustedProxies proxies;
    // Null: HTTP in the clear. Outlives the server.
    const TlsIdentity* tls = nullptr;
    // TLS connections of one client that may begin in a second, in a burst
    // twice as many: each costs what many requests do. 0: any number. Those of
    // `proxies` have no such limit.
    int handshake_rate = 0;
    // Told how many connections are open, and how many requests are being
    // worked on (Exchange::requests_waiting). They outlive the server and may
    // be null.
    telemetry::Gauge* connections = nullptr;
    telemetry::Gauge* requests_waiting = nullptr;
  };

  // UNAVAILABLE with the reason BACKEND_UNAVAILABLE when the address cannot be
  // listened on. `handler` must outlive the server.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const Options& options, Handler& handler);
  // Stops without waiting.
  ~HttpServer();

  int port() const;
  int connections() const;

  // From now on answers ask their clients to come on another connection, and
  // so on to another server. Everything is still served.
  void Drain();

  // Takes no new connections, waits until the requests under way are answered
  // but no longer than `limit`, then closes what is left.
  void Stop(absl::Duration limit);

 private:
  class Listener;
  explicit HttpServer(std::unique_ptr<Listener> listener);

  std::unique_ptr<Listener> listener_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_SERVER_H_
