#include "gateway/upstream/remote/attempts.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// How long a call waits for a backend that cannot be reached. A process that is
// started anew is back sooner.
constexpr absl::Duration kPatience = absl::Seconds(3);
// How often it looks meanwhile.
constexpr absl::Duration kLook = absl::Milliseconds(10);

std::string PushbackIn(const grpc::ClientContext& context) {
  const auto& trailing = context.GetServerTrailingMetadata();
  const auto found = trailing.find("grpc-retry-pushback-ms");
  return found == trailing.end()
             ? ""
             : std::string(found->second.data(), found->second.size());
}

}  // namespace

Attempts::Attempts(Backend& backend, rpc::Incoming incoming)
    : count_(backend.calls()),
      backend_(backend),
      incoming_(std::move(incoming)),
      begun_(absl::Now()),
      patience_(begun_ + kPatience) {}

void Attempts::Try() {
  if (stopped()) {
    return GiveUp(Error(Reason::CANCELLED, "The caller gave up."));
  }
  const absl::Time now = absl::Now();
  switch (backend_.Look(now, patience_)) {
    case Backend::Reach::kReady:
      backend_.CountAttempt(++attempts_);
      tried_ = now;
      return Start();
    case Backend::Reach::kWait:
      if (now < incoming_.deadline) return TryAfter(kLook);
      return GiveUp(Error(Reason::DEADLINE_EXCEEDED,
                          "The backend could not be reached in time."));
    case Backend::Reach::kAway:
      return GiveUp(
          RetryAfter(Error(Reason::BACKEND_UNAVAILABLE,
                           "The backend cannot be reached; try again."),
                     absl::Seconds(1)));
  }
}

bool Attempts::TryAgain(const absl::Status& status,
                        const grpc::ClientContext& context) {
  if (stopped()) return false;
  const auto pause = PauseBefore(attempts_, status, PushbackIn(context),
                                 incoming_.deadline - absl::Now());
  if (!pause.has_value() || !backend_.MayRetry()) return false;
  // The connection may be gone for as long as a restart takes.
  patience_ = absl::Now() + *pause + kPatience;
  TryAfter(*pause);
  return true;
}

// An alarm keeps its callback as long as it lives, and the callback this: so
// each wait has its own, which goes with it.
void Attempts::TryAfter(absl::Duration pause) {
  absl::MutexLock lock(&mutex_);
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(absl::ToChronoTime(absl::Now() + pause),
              [self = shared_from_this()](bool) {
                std::unique_ptr<grpc::Alarm> alarm;
                {
                  absl::MutexLock lock(&self->mutex_);
                  alarm = std::move(self->alarm_);
                }
                self->Try();
              });
  if (stopped_) alarm_->Cancel();
}

void Attempts::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  if (alarm_ != nullptr) alarm_->Cancel();
}

}  // namespace praxis::gateway
