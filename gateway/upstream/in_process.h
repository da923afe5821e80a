// InProcess: a service that lives in the gateway's process.
#ifndef GATEWAY_UPSTREAM_IN_PROCESS_H_
#define GATEWAY_UPSTREAM_IN_PROCESS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/upstream/upstream.h"
#include "praxis/ops/v1/status.pb.h"

namespace praxis::gateway {

// Hands the wire bytes of a call straight to a pipeline: reads run to their end
// on the thread that asks, everything else on the pipeline's workers.
class InProcess : public Upstream {
 public:
  // `name` and `status` make its lines in the health report. The pipelines
  // outlive this.
  InProcess(std::string name, std::vector<rpc::Pipeline*> pipelines,
            std::function<ops::v1::ServiceStatus()> status);

  std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor& method) override;
  void Check(absl::AnyInvocable<void(std::vector<Health>)> done) override;

 private:
  const std::string name_;
  const std::vector<rpc::Pipeline*> pipelines_;
  const std::function<ops::v1::ServiceStatus()> status_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_IN_PROCESS_H_
