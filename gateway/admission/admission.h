// Admission: who is turned away at the door.
#ifndef GATEWAY_ADMISSION_ADMISSION_H_
#define GATEWAY_ADMISSION_ADMISSION_H_

#include "absl/status/status.h"
#include "gateway/http/exchange.h"
#include "services/common/limits/local_limiter.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// Looks at each request before anything is asked of anyone: nothing but its
// head has been read, no token verified and no JSON parsed, so that turning
// away costs next to nothing, however many come. What one *caller* may do is
// the services' to say, who know callers; here it is addresses. Probes are
// always let in: an overloaded process that did not answer them would be
// killed, and its load go to the others.
//   praxis_gateway_turned_away_total{reason}
// Thread-safe.
class Admission {
 public:
  struct Options {
    // Requests of one address (of IPv6, one /64) a second, in a burst twice as
    // many. 0: any number.
    int address_rate = 0;
    // Requests that are worked on at a time. Each may hold a body and a place
    // in a service's queue; more would only wait longer.
    int requests_max = 2000;
  };

  // `registry` outlives this.
  Admission(Options options, telemetry::Registry& registry);

  // OK lets the request in. Else RATE_LIMITED or OVERLOADED, both with the time
  // to wait.
  absl::Status Admit(const Exchange& exchange);

 private:
  absl::Status TakeRate(absl::string_view address);

  const Options options_;
  limits::LocalLimiter addresses_;
  telemetry::Counter& too_often_;
  telemetry::Counter& overloaded_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_ADMISSION_ADMISSION_H_
