// Remote: a service behind a gRPC address.
#ifndef GATEWAY_UPSTREAM_REMOTE_REMOTE_H_
#define GATEWAY_UPSTREAM_REMOTE_REMOTE_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "gateway/upstream/upstream.h"

namespace praxis::gateway {

// Calls over one channel (rpc::OpenChannel) that keeps a connection to each
// address and takes them in turn. What has been sent is never sent again:
// clients retry, with a request id, and a second layer that does so makes an
// outage last. Folder of its own, so that only who names it links gRPC.
class Remote : public Upstream {
 public:
  // `name` is its line in the health report; `addresses` as OpenChannel takes
  // them. Nothing is dialled before the first call, and a backend that is away
  // is tried again for ever.
  Remote(std::string name, const std::string& addresses);
  // Waits for the calls that are still under way: cancel them first.
  ~Remote() override;

  // Cannot tell what is served there: never null.
  std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor& method) override;
  // By grpc.health.v1, within a second.
  void Check(absl::AnyInvocable<void(std::vector<Health>)> done) override;

 private:
  class Stub;
  class RemoteEndpoint;

  const std::string name_;
  const std::shared_ptr<Stub> stub_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_REMOTE_H_
