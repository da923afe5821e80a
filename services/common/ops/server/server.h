// StatusServer: StatusService over a StatusBoard.
#ifndef SERVICES_COMMON_OPS_SERVER_SERVER_H_
#define SERVICES_COMMON_OPS_SERVER_SERVER_H_

#include "absl/status/statusor.h"
#include "praxis/ops/v1/status.pb.h"
#include "services/common/access/no_scopes.h"
#include "services/common/auth/secrets.h"
#include "services/common/ops/status_board.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/host.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::ops {

// Serves StatusService through a pipeline of its own, on the transport's
// thread: it answers also when the workers have too much to do.
class StatusServer {
 public:
  // Both outlive this.
  StatusServer(const StatusBoard& board, const rpc::Host& host);

  rpc::Pipeline& pipeline() { return pipeline_; }

 private:
  // The handler.
  struct Statuses {
    absl::StatusOr<v1::GetStatusResponse> GetStatus(
        const rpc::Call& call, const v1::GetStatusRequest& request);
    const StatusBoard& board;
  };

  Statuses statuses_;
  access::NoScopes access_;
  const auth::Sealer sealer_ = auth::Sealer::Random();
  const rpc::Methods methods_;
  rpc::Pipeline pipeline_;
};

}  // namespace praxis::ops

#endif  // SERVICES_COMMON_OPS_SERVER_SERVER_H_
