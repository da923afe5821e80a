#include "services/common/program/status_service.h"

#include <utility>

#include "services/common/config/version.h"

namespace praxis::program {
namespace {

std::vector<ops::Check> All(std::vector<ops::Check> checks, SharedCache& cache,
                            EventStream& stream) {
  cache.AddCheck(&checks);
  stream.AddCheck(&checks);
  return checks;
}

}  // namespace

StatusService::StatusService(const std::string& name,
                             std::vector<ops::Check> checks, SharedCache& cache,
                             EventStream& stream, const rpc::Host& host)
    : board_({{name, All(std::move(checks), cache, stream)}},
             config::Version()),
      server_(board_, host) {}

}  // namespace praxis::program
