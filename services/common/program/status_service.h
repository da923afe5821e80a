// StatusService of a program that serves one service.
#ifndef SERVICES_COMMON_PROGRAM_STATUS_SERVICE_H_
#define SERVICES_COMMON_PROGRAM_STATUS_SERVICE_H_

#include <string>
#include <vector>

#include "services/common/ops/server/server.h"
#include "services/common/ops/status_board.h"
#include "services/common/program/redis.h"
#include "services/common/rpc/host.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::program {

// Looks after the service and after what the program has in Redis, and says
// over gRPC how they do.
class StatusService {
 public:
  // `name` is "members". What `checks` look at, `cache`, `stream` and what is
  // in `host` outlive this.
  StatusService(const std::string& name, std::vector<ops::Check> checks,
                SharedCache& cache, EventStream& stream, const rpc::Host& host);

  rpc::Pipeline& pipeline() { return server_.pipeline(); }

 private:
  const ops::StatusBoard board_;
  ops::StatusServer server_;
};

}  // namespace praxis::program

#endif  // SERVICES_COMMON_PROGRAM_STATUS_SERVICE_H_
