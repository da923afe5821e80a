// GrpcServer: the gRPC rim. Pipelines in, a port out.
#ifndef SERVICES_COMMON_RPC_GRPC_SERVER_H_
#define SERVICES_COMMON_RPC_GRPC_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace praxis::rpc {

class Pipeline;

// Serves pipelines over gRPC, without generated services: every method of every
// ServiceDescriptor by its wire bytes. Beside them grpc.health.v1 and server
// reflection, v1 and v1alpha.
//
// What a caller may do to it is bounded: a message has at most 4 MiB (not
// compressed: what unpacks to a thousand times its size is not unpacked),
// metadata 16 KiB, a connection 1000 calls at once and 5 minutes of new ones,
// after which clients that balance load find new servers. A port is never
// shared with another server.
class GrpcServer {
 public:
  // One pipeline, and how its services do.
  struct Served {
    Pipeline* pipeline = nullptr;
    // OK while they can be called; asked every health_interval by one thread,
    // and it should not take long. Null: always.
    std::function<absl::Status()> check;
  };

  struct Options {
    // "127.0.0.1:8081", "[::]:8081"; port 0 is any free one.
    std::string address;
    // No service may be in two of them. They outlive the server.
    std::vector<Served> served;
    absl::Duration health_interval = absl::Seconds(1);
    // After the first a connection takes no new calls, after the second what
    // is left of the old ones is cut off (an upload, a watcher of events).
    absl::Duration connection_age_max = absl::Minutes(5);
    absl::Duration connection_age_grace = absl::Hours(1);
    // How long calls under way are waited for when the server ends.
    absl::Duration shutdown_limit = absl::Seconds(10);
  };

  // FAILED_PRECONDITION when the address is taken or no address, or when a
  // pipeline's methods are not sound.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(Options options);

  // Ends at once what has not been drained.
  ~GrpcServer();

  // The port it listens on.
  int port() const;

  // Tells everyone NOT_SERVING and serves on for `grace`, so that load
  // balancers look away before anything is refused; then ends the streams, lets
  // the calls under way end and stops. Returns when all is done.
  void Drain(absl::Duration grace);

 private:
  struct State;
  explicit GrpcServer(std::unique_ptr<State> state);

  const std::unique_ptr<State> state_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_SERVER_H_
