// HealthService: grpc.health.v1.Health over a HealthBoard.
#ifndef SERVICES_COMMON_RPC_GRPC_HEALTH_SERVICE_H_
#define SERVICES_COMMON_RPC_GRPC_HEALTH_SERVICE_H_

#include "services/common/rpc/grpc/health_board.h"
#include "services/common/rpc/grpc/open_streams.h"
#include "services/common/rpc/grpc/raw_service.h"

namespace praxis::rpc {

// Answers probes of Kubernetes and of clients that balance load. It needs no
// token and passes no pipeline, so that it answers also when the workers have
// too much to do.
class HealthService : public RawService {
 public:
  // Both outlive this.
  HealthService(HealthBoard& board, OpenStreams& streams);
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_HEALTH_SERVICE_H_
