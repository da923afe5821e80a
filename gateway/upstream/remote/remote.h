// Remote: a service behind a gRPC address.
#ifndef GATEWAY_UPSTREAM_REMOTE_REMOTE_H_
#define GATEWAY_UPSTREAM_REMOTE_REMOTE_H_

#include <memory>
#include <string>

#include "gateway/upstream/remote/breaker.h"
#include "gateway/upstream/upstream.h"

namespace praxis::telemetry {
class Registry;
}  // namespace praxis::telemetry

namespace praxis::gateway {

class Backend;

// Calls over one channel (rpc::OpenChannel) that keeps a connection to each
// address and takes them in turn. While none can be reached, calls wait for a
// moment, as long as a restart takes; a call that fails as UNAVAILABLE is made
// again, where that cannot do anything twice and within a budget; and a backend
// that does not answer is left alone for a while. The gateway is the only layer
// that retries: see docs/adr/0021. Folder of its own, so that only who names it
// links gRPC.
class Remote : public Upstream {
 public:
  // `name` is its line in the health report and its label in the metrics of
  // `registry`, which outlives this; `addresses` as OpenChannel takes them.
  // Nothing is dialled before the first call, and a backend that is away is
  // tried again for ever.
  Remote(std::string name, const std::string& addresses,
         telemetry::Registry& registry, Breaker::Options breaker = {});
  // Waits for the calls that are still under way: cancel them first.
  ~Remote() override;

  // Cannot tell what is served there: never null.
  std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor& method) override;
  // By praxis.ops.v1.StatusService, within a second; of several replicas, one
  // answers.
  void Check(absl::AnyInvocable<void(std::vector<Health>)> done) override;

 private:
  class RemoteEndpoint;

  const std::string name_;
  const std::unique_ptr<Backend> backend_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_REMOTE_H_
