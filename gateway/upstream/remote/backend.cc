#include "gateway/upstream/remote/backend.h"

#include "absl/time/clock.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// A client may give a call a millisecond; that it was too short says nothing
// about the backend.
constexpr absl::Duration kGivenMin = absl::Seconds(1);

telemetry::Counter& CounterOf(telemetry::Registry& registry,
                              absl::string_view name, absl::string_view help,
                              absl::string_view upstream) {
  return registry.FindCounter(name, help,
                              {{"upstream", std::string(upstream)}});
}

telemetry::Counter& RefusedOf(telemetry::Registry& registry,
                              absl::string_view upstream, const char* cause) {
  return registry.FindCounter(
      "praxis_gateway_upstream_refused_total",
      "Calls that were not sent to a backend, for what it is known to be.",
      {{"upstream", std::string(upstream)}, {"cause", cause}});
}

}  // namespace

Backend::Backend(absl::string_view name, const std::string& addresses,
                 Breaker::Options breaker, telemetry::Registry& registry)
    : channel_(rpc::OpenChannel(addresses)),
      stub_(channel_),
      breaker_(breaker),
      attempts_(CounterOf(registry, "praxis_gateway_upstream_attempts_total",
                          "Calls sent to a backend, retries included.", name)),
      retries_(CounterOf(registry, "praxis_gateway_upstream_retries_total",
                         "Calls sent to a backend once more.", name)),
      retries_refused_(CounterOf(
          registry, "praxis_gateway_upstream_retries_refused_total",
          "Calls not sent once more, for the budget was spent.", name)),
      refused_away_(RefusedOf(registry, name, "away")),
      refused_(RefusedOf(registry, name, "not_answering")),
      refused_full_(RefusedOf(registry, name, "full")),
      open_(registry.FindGauge("praxis_gateway_upstream_open",
                               "1 while calls to a backend are refused.",
                               {{"upstream", std::string(name)}})) {}

Backend::~Backend() { calls_->AwaitNone(); }

absl::Status Backend::Enter(absl::Time now) {
  RETURN_IF_ERROR(Pass(now));
  absl::Status entered = breaker_.Enter();
  if (!entered.ok()) refused_full_.Add();
  return entered;
}

absl::Status Backend::Pass(absl::Time now) {
  absl::Status passed = breaker_.Pass(now);
  if (!passed.ok()) refused_.Add();
  return passed;
}

Backend::Reach Backend::Look(absl::Time now, absl::Time patience) {
  if (channel_->GetState(/*try_to_connect=*/true) == GRPC_CHANNEL_READY) {
    Reached();
    return Reach::kReady;
  }
  if (!away_ && now < patience) return Reach::kWait;
  away_ = true;
  ShowState();
  refused_away_.Add();
  return Reach::kAway;
}

void Backend::Reached() {
  if (!away_.load(std::memory_order_relaxed)) return;
  away_ = false;
  ShowState();
}

// What is not sent pays for no retry.
void Backend::CountAttempt(int attempts) {
  attempts_.Add();
  attempts > 1 ? retries_.Add() : budget_.Deposit();
}

bool Backend::MayRetry() {
  if (budget_.Withdraw()) return true;
  retries_refused_.Add();
  return false;
}

bool Backend::IsAnswer(const grpc::Status& status) {
  return status.ok() || !status.error_details().empty();
}

// A connection that broke says nothing about the backend: there are others, or
// calls wait for one. A call that was not answered in its time does.
void Backend::Note(const grpc::Status& status, bool cancelled,
                   absl::Time deadline, absl::Duration given) {
  if (IsAnswer(status)) return Answered();
  const bool timed_out =
      status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
      (cancelled && absl::Now() >= deadline);
  if (timed_out && given >= kGivenMin) Failed();
}

void Backend::Answered() {
  const bool was_open = breaker_.is_open();
  breaker_.Answered();
  if (was_open) ShowState();
}

void Backend::Failed() {
  breaker_.Failed(absl::Now());
  ShowState();
}

// Under a lock, so that the gauge shows what came last.
void Backend::ShowState() {
  absl::MutexLock lock(&show_mutex_);
  open_.Set(away_ || breaker_.is_open() ? 1 : 0);
}

}  // namespace praxis::gateway
