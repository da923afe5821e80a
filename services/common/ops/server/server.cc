#include "services/common/ops/server/server.h"

namespace praxis::ops {

absl::StatusOr<v1::GetStatusResponse> StatusServer::Statuses::GetStatus(
    const rpc::Call&, const v1::GetStatusRequest&) {
  return board.Get();
}

StatusServer::StatusServer(const StatusBoard& board, const rpc::Host& host)
    : statuses_{board},
      methods_([this] {
        rpc::Methods methods;
        methods.Add(&statuses_, &Statuses::GetStatus);
        return methods;
      }()),
      pipeline_({.methods = methods_,
                 .access = access_,
                 .sealer = sealer_,
                 .host = host},
                {.inline_reads = true}) {}

}  // namespace praxis::ops
