// OwnedHost: the Host of one program, with all that is in it.
#ifndef SERVICES_COMMON_RPC_OWNED_HOST_H_
#define SERVICES_COMMON_RPC_OWNED_HOST_H_

#include <string>

#include "services/common/auth/token.h"
#include "services/common/limits/local_limiter.h"
#include "services/common/rpc/host.h"
#include "services/common/rpc/workers.h"
#include "services/common/telemetry/access_log.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/telemetry/process_metrics.h"
#include "services/common/telemetry/rpc_metrics.h"
#include "services/common/telemetry/trace_options.h"
#include "services/common/telemetry/tracer.h"

namespace praxis::rpc {

// What every main makes before its servers and keeps until they are gone.
class OwnedHost {
 public:
  // `keys` verify the tokens; they and `log` outlive this. `rates` says how
  // often, whoever its limiter is.
  OwnedHost(auth::KeySource& keys, telemetry::Log& log,
            telemetry::AccessLog::Options access_log,
            const telemetry::TraceOptions& traces, Workers::Options workers,
            const CallRates& rates)
      : log_(log),
        tracer_(traces, log, registry_),
        tokens_(keys, auth::TokenRules{}),
        requests_(log, access_log),
        workers_(workers) {
    telemetry::AddProcessMetrics(registry_);
    host_.rates = rates;
    host_.rates.limiter = &limiter_;
    host_.tracer = &tracer_;
  }

  // Counts calls by `limiter`, which may ask another process and lives as long
  // as calls come. Before the servers are made.
  void Use(limits::Limiter& limiter) {
    host_.rates.limiter = &limiter;
    host_.rates.waits = true;
  }

  const Host& host() const { return host_; }
  telemetry::Registry& registry() { return registry_; }

 private:
  telemetry::Log& log_;
  telemetry::Registry registry_;
  telemetry::RpcMetrics metrics_{registry_};
  telemetry::Tracer tracer_;
  auth::TokenVerifier tokens_;
  telemetry::AccessLog requests_;
  limits::LocalLimiter limiter_;
  // After what its threads use until they end; what follows only refers to it.
  Workers workers_;
  Host host_{workers_, tokens_, registry_, metrics_, log_, requests_};
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_OWNED_HOST_H_
