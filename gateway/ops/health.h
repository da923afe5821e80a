// Health: how the gateway and what is behind it do.
#ifndef GATEWAY_OPS_HEALTH_H_
#define GATEWAY_OPS_HEALTH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/upstream/upstream.h"

namespace praxis::gateway {

// Asks all backends how they do, and keeps the answer for a second: probes that
// come faster, or from many, cost the backends nothing more. Thread-safe.
class HealthChecks : public std::enable_shared_from_this<HealthChecks> {
 public:
  using Done = absl::AnyInvocable<void(const std::vector<Health>&)>;

  // The upstreams outlive the last check.
  explicit HealthChecks(std::vector<Upstream*> upstreams);

  // One line each, by name. Where an upstream does not tell since when it does
  // so, it is since it was first seen. `done` is called on any thread, now if
  // the answer is known.
  void Ask(Done done);

 private:
  void CheckAll();
  void Add(std::vector<Health> lines);
  void TellSince(std::vector<Health>* lines) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<Upstream*> upstreams_;
  absl::Mutex mutex_;
  std::vector<Health> known_ ABSL_GUARDED_BY(mutex_);
  absl::Time good_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // Of the check under way.
  size_t missing_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Health> coming_ ABSL_GUARDED_BY(mutex_);
  std::vector<Done> waiting_ ABSL_GUARDED_BY(mutex_);
};

// What failed, in words that were written to be shown; empty for OK.
std::string WhyOf(const Health& line);

// How many events a part is behind: the stream of "books/events" behind the
// log, "loans/access" behind the log of the service that it follows. `all` are
// the lines it stands among. None where nothing is followed.
std::optional<int64_t> LagOf(const Health& line,
                             const std::vector<Health>& all);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_HEALTH_H_
