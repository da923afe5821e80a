// Follower: how a consumer keeps up with another service's events.
#ifndef SERVICES_COMMON_EVENTS_FOLLOWER_H_
#define SERVICES_COMMON_EVENTS_FOLLOWER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/events/lease.h"
#include "services/common/events/lease_clock.h"
#include "services/common/events/source.h"

namespace praxis::events {

// What events do at a consumer. One call at a time but for Show().
class Applier {
 public:
  virtual ~Applier() = default;

  struct Progress {
    // Number of the last event that has taken effect: what it was before the
    // batch, and what it is then. It may be lower: then something that was
    // acknowledged is lost, and read again.
    int64_t position = 0;
    // Somebody may wait to hear of it: it is acknowledged at once.
    bool is_urgent = false;
  };
  // Applies events that come next after `progress->position`, or begin before
  // it: what was applied is then passed over.
  virtual absl::Status Apply(const v1::ReadEventsResponse& batch,
                             Progress* progress) = 0;

  // What comes after `number` follows, whatever was before: at the start of one
  // that follows kFromNow, and when the source ends before what was applied, so
  // that it was restored and gives those numbers again. False for one that
  // cannot do without what was before: then nothing is known any more until a
  // person has looked.
  virtual bool StartFrom(int64_t) { return false; }

  // How it goes may have changed: after every acknowledgement and failure.
  virtual void Show() {}
};

// One thread that follows a source, has each batch applied, acknowledges what
// is urgent at once and that it is alive every second, and holds a lease for
// it (lease.h): while the lease holds, nobody is told that access was taken
// away before it is so here. Thread-safe.
class Follower {
 public:
  // In the place of a position: what has been committed before is no concern.
  static constexpr int64_t kFromNow = -1;

  struct Options {
    // Which consumer it is, "discussions/access"; each process adds a word of
    // its own.
    std::string consumer;
    // Number of the last event that has taken effect.
    int64_t position = 0;
    // What CatchUp says when the source hangs or has gone back.
    absl::Status unknown =
        absl::UnavailableError("The source does not answer.");
  };

  // It starts whether or not the source answers. `source` and `applier` outlive
  // it; stopping it gives the lease back and leaves the source in use by
  // others.
  Follower(Source& source, Applier& applier, Options options);
  // Nobody may rely on the lease any more, nor ask whether it holds.
  ~Follower();

  // Whether what is known here may be relied on.
  bool Holds() const {
    return absl::ToInt64Nanoseconds(LeaseNow()) <= holds_until_ns_;
  }
  // Returns when all is applied that was committed before the call.
  absl::Status CatchUp();
  int64_t position() const { return position_.load(); }
  const std::string& source() const { return source_.name(); }

 private:
  void Follow();
  absl::Status FollowOnce();
  absl::Status BeginAtEnd();
  // Waits; false when it is time to stop.
  bool Pause(std::chrono::milliseconds time);
  absl::Status Acknowledge();
  // What the lease and the position say together.
  void Judge();

  absl::Status ReadOn();
  absl::Status WentBack(int64_t latest, int64_t position);
  absl::Status Apply(const v1::ReadEventsResponse& batch);
  void GoBackTo(int64_t position);

  Source& source_;
  Applier& applier_;
  const std::string consumer_;
  const absl::Status unknown_;
  std::atomic<int64_t> position_;
  // Number of the last event applied that was urgent.
  std::atomic<int64_t> urgent_at_{0};
  std::atomic<bool> source_went_back_{false};
  // The last batch was not applied: nothing is acknowledged until it is.
  std::atomic<bool> apply_failed_{false};
  // By the monotonic clock; before now: no lease, or not caught up since.
  std::atomic<int64_t> holds_until_ns_{0};

  // Guards the lease.
  std::mutex lease_mutex_;
  Lease lease_;

  // Held while a batch is applied.
  std::mutex applying_;

  // Guards what follows.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool stopped_ = false;
  // Runs of ReadOn, numbered; one at a time.
  int64_t begun_ = 0;
  int64_t ended_ = 0;
  absl::Status outcome_;
  // While the last outcome, a failure, is taken for what it would be again.
  absl::Duration failed_until_ = -absl::InfiniteDuration();

  // The thread's own: when it acknowledged last, and what.
  absl::Duration acked_time_ = -absl::InfiniteDuration();
  int64_t acked_ = -1;
  absl::Duration ack_every_;
  std::thread thread_;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_FOLLOWER_H_
