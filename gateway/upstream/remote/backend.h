// Backend: what all calls of one service share.
#ifndef GATEWAY_UPSTREAM_REMOTE_BACKEND_H_
#define GATEWAY_UPSTREAM_REMOTE_BACKEND_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/upstream/remote/breaker.h"
#include "gateway/upstream/remote/calls.h"
#include "gateway/upstream/remote/retry.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/status.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// A channel to all replicas of a service, with what is known of how they do:
//   praxis_gateway_upstream_attempts_total{upstream}
//   praxis_gateway_upstream_retries_total{upstream}
//   praxis_gateway_upstream_retries_refused_total{upstream}   no budget left
//   praxis_gateway_upstream_refused_total{upstream,cause}
//       away, not_answering, full
//   praxis_gateway_upstream_open{upstream}     1 while calls are refused
// Thread-safe.
class Backend {
 public:
  // `registry` outlives this.
  Backend(absl::string_view name, const std::string& addresses,
          Breaker::Options breaker, telemetry::Registry& registry);
  // Waits for the calls that are still under way.
  ~Backend();

  grpc::GenericStub& stub() { return stub_; }
  const std::shared_ptr<Calls>& calls() const { return calls_; }

  // See Breaker. A stream passes; what it holds is not counted.
  absl::Status Enter(absl::Time now);
  absl::Status Pass(absl::Time now);
  void Leave() { breaker_.Leave(); }

  // Whether there is a connection to send by.
  enum class Reach { kReady, kWait, kAway };
  // While there is none, whoever comes waits until its `patience` is over; when
  // that was in vain the backend is away, and nobody waits until there is one
  // again. gRPC tries all the time.
  Reach Look(absl::Time now, absl::Time patience);

  // There is a connection.
  void Reached();

  void CountAttempt(int attempts);
  // Whether a retry is in the budget.
  bool MayRetry();

  // What a service says itself has details, and what gRPC says in its place has
  // none.
  static bool IsAnswer(const grpc::Status& status);
  // How an attempt at a unary call ended; `given` is how long it had.
  void Note(const grpc::Status& status, bool cancelled, absl::Time deadline,
            absl::Duration given);
  void Answered();

 private:
  void Failed();
  void ShowState();

  const std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  Breaker breaker_;
  RetryBudget budget_;
  std::atomic<bool> away_{false};
  telemetry::Counter& attempts_;
  telemetry::Counter& retries_;
  telemetry::Counter& retries_refused_;
  telemetry::Counter& refused_away_;
  telemetry::Counter& refused_;
  telemetry::Counter& refused_full_;
  absl::Mutex show_mutex_;
  telemetry::Gauge& open_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_BACKEND_H_
