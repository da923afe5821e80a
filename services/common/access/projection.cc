#include "services/common/access/projection.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/common/access/lease.h"
#include "services/common/access/projection_store.h"
#include "services/common/access/projection_writer.h"
#include "services/common/access/schema/schema.h"
#include "services/common/access/standing_cache.h"
#include "services/common/events/instance_name.h"
#include "services/common/events/lease_clock.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"
#include "spdlog/spdlog.h"

namespace praxis::access {
namespace {

using events::LeaseNow;
using events::v1::Event;
using events::v1::ReadEventsResponse;

constexpr int kBatch = 500;
// Between two signs of life, while no lease says how long it is.
constexpr absl::Duration kAckEvery = absl::Seconds(1);
constexpr std::chrono::milliseconds kBackoffMin(50);
constexpr std::chrono::milliseconds kBackoffMax(1000);
// How long a caller waits to be caught up with, and how often one looks who
// waits for another's run. A failure counts for as long as it took to come, but
// for a moment at least.
constexpr absl::Duration kCatchUpMax = absl::Milliseconds(2500);
constexpr std::chrono::milliseconds kLook(50);
constexpr absl::Duration kFailureKeptMin = absl::Milliseconds(200);
// Events that change no access are passed without a write; after so many, the
// position is written down all the same, so that a restart need not read them.
constexpr int64_t kPassedMax = 1000;

bool ChangesAccess(const ReadEventsResponse& batch) {
  return std::any_of(batch.events().begin(), batch.events().end(),
                     [](const Event& event) { return event.has_access(); });
}

absl::Status AccessUnknown() {
  return RetryAfter(
      Error(errors::v1::ACCESS_UNKNOWN,
            "Who may do this cannot be told just now; try again shortly."),
      absl::Seconds(1));
}

class FollowingProjection final : public Projection {
 public:
  FollowingProjection(sql::Database& db, events::Source& source,
                      const ProjectionOptions& options, int64_t position)
      : db_(db),
        source_(source),
        consumer_(
            absl::StrCat(options.consumer, "/", events::DrawInstanceName())),
        registry_(options.registry),
        position_(position),
        writer_(db, source.name(), position) {
    thread_ = std::thread([this] { Follow(); });
  }
  ~FollowingProjection() override;

  absl::StatusOr<Standing> StandingOf(absl::string_view principal,
                                      absl::string_view scope) override;
  absl::Status CatchUp() override;
  absl::Status CheckCurrent(absl::string_view principal) override;
  bool IsCurrent() const override { return Holds(); }
  int64_t position() const override { return position_.load(); }

 private:
  // Whether what is known here may be relied on.
  bool Holds() const {
    return ToInt64Nanoseconds(LeaseNow()) <= holds_until_ns_;
  }
  absl::StatusOr<Standing> Find(absl::string_view principal,
                                absl::string_view scope);

  void Follow();
  absl::Status FollowOnce();
  // Waits; false when it is time to stop.
  bool Pause(std::chrono::milliseconds time);
  absl::Status Acknowledge();
  // What the lease and the position say together.
  void Judge();

  absl::Status ReadOn();
  absl::Status WentBack(int64_t latest, int64_t position);
  absl::Status Apply(const ReadEventsResponse& batch);
  void GoBackTo(int64_t position);
  void Show();

  sql::Database& db_;
  events::Source& source_;
  const std::string consumer_;
  telemetry::Registry* const registry_;
  StandingCache cache_;
  std::atomic<int64_t> position_;
  // Number of the last event applied that changed any access.
  std::atomic<int64_t> changed_at_{0};
  // The source ends before what was applied here, so it was restored and gives
  // those numbers again: nothing is known any more, until a person has looked.
  std::atomic<bool> source_went_back_{false};
  // By the monotonic clock; before now: no lease, or not caught up since.
  std::atomic<int64_t> holds_until_ns_{0};

  // Guards the lease.
  std::mutex lease_mutex_;
  Lease lease_;

  // Held while a batch is applied; guards what follows.
  std::mutex applying_;
  ProjectionWriter writer_;

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
  absl::Duration ack_every_ = kAckEvery;
  std::thread thread_;
};

FollowingProjection::~FollowingProjection() {
  std::unique_lock<std::mutex> lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  // Again and again: it may have been about to wait.
  while (!stopped_) {
    lock.unlock();
    source_.Wake();
    lock.lock();
    changed_.wait_for(lock, std::chrono::milliseconds(5),
                      [this] { return stopped_; });
  }
  lock.unlock();
  thread_.join();
}

absl::StatusOr<Standing> FollowingProjection::StandingOf(
    absl::string_view principal, absl::string_view scope) {
  if (Holds() || CatchUp().ok()) return Find(principal, scope);
  ASSIGN_OR_RETURN(const Standing anyones, Find("", scope));
  if (anyones.visibility == events::v1::PUBLIC) return anyones;
  return AccessUnknown();
}

absl::Status FollowingProjection::CheckCurrent(absl::string_view principal) {
  if (principal.empty() || Holds() || CatchUp().ok()) return absl::OkStatus();
  return AccessUnknown();
}

absl::StatusOr<Standing> FollowingProjection::Find(absl::string_view principal,
                                                   absl::string_view scope) {
  if (const std::optional<Standing> known = cache_.Get(principal, scope)) {
    return *known;
  }
  const uint64_t generation = cache_.generation();
  absl::StatusOr<Standing> standing;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) {
    standing = GetStanding(reader, principal, scope);
    return standing.status();
  }));
  cache_.Put(principal, scope, generation, *standing);
  return standing;
}

// Only a run that begins after the call serves it: one under way may have read
// the source before. Whoever finds none under way runs it for all that wait.
// But nobody waits for long, and after a failure nobody tries again at once:
// where the source hangs, whoever asks must not hang with it.
absl::Status FollowingProjection::CatchUp() {
  const absl::Duration end = LeaseNow() + kCatchUpMax;
  std::unique_lock<std::mutex> lock(mutex_);
  const int64_t needed = begun_ + 1;
  while (ended_ < needed) {
    if (!outcome_.ok() && LeaseNow() < failed_until_) return outcome_;
    if (begun_ > ended_) {
      if (LeaseNow() > end) return AccessUnknown();
      changed_.wait_for(lock, kLook);
      continue;
    }
    ++begun_;
    lock.unlock();
    const absl::Duration begin = LeaseNow();
    absl::Status outcome = ReadOn();
    const absl::Duration now = LeaseNow();
    lock.lock();
    ended_ = begun_;
    outcome_ = std::move(outcome);
    failed_until_ = now + std::max(now - begin, kFailureKeptMin);
    changed_.notify_all();
  }
  return outcome_;
}

void FollowingProjection::Follow() {
  std::chrono::milliseconds backoff = kBackoffMin;
  while (Pause(std::chrono::milliseconds(0))) {
    const absl::Status status = FollowOnce();
    if (status.ok()) {
      backoff = kBackoffMin;
      continue;
    }
    spdlog::warn("access: {} cannot be followed: {}", source_.name(),
                 status.ToString());
    Show();
    Pause(backoff);
    backoff = std::min(backoff * 2, kBackoffMax);
  }
  std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

// Waits for news until it is time for a sign of life, unless there is a change
// that CatchUp applied: whoever made it waits to hear so.
absl::Status FollowingProjection::FollowOnce() {
  const absl::Duration asked = LeaseNow();
  const absl::Duration left = acked_time_ + ack_every_ - asked;
  if (left > absl::ZeroDuration() && changed_at_ <= acked_) {
    const int64_t before = position();
    ASSIGN_OR_RETURN(const ReadEventsResponse batch,
                     source_.Next(before, kBatch, left));
    RETURN_IF_ERROR(Apply(batch));
    // A source that was interrupted does not wait any more.
    if (position() == before &&
        LeaseNow() - asked < absl::FromChrono(kBackoffMin)) {
      Pause(kBackoffMin);
    }
  }
  const bool is_due = LeaseNow() - acked_time_ >= ack_every_;
  return is_due || changed_at_ > acked_ ? Acknowledge() : absl::OkStatus();
}

bool FollowingProjection::Pause(std::chrono::milliseconds time) {
  std::unique_lock<std::mutex> lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

absl::Status FollowingProjection::Acknowledge() {
  const absl::Duration sent = LeaseNow();
  const int64_t number = position();
  ASSIGN_OR_RETURN(const events::Grant grant, source_.Ack(consumer_, number));
  acked_time_ = sent;
  acked_ = number;
  // So that one may fail and another be tried.
  if (grant.lease > absl::ZeroDuration()) ack_every_ = grant.lease / 3;
  {
    std::lock_guard<std::mutex> lock(lease_mutex_);
    lease_.Granted(sent, LeaseNow(), grant.lease, grant.latest);
  }
  Judge();
  Show();
  // What a stream has lost, or not yet told.
  return grant.latest > position() ? CatchUp() : absl::OkStatus();
}

void FollowingProjection::Judge() {
  std::lock_guard<std::mutex> lock(lease_mutex_);
  const bool holds = lease_.Holds(LeaseNow(), position()) && !source_went_back_;
  holds_until_ns_ = holds ? ToInt64Nanoseconds(lease_.until()) : 0;
}

// Reads and applies until all is applied that was there at the first read.
absl::Status FollowingProjection::ReadOn() {
  int64_t target = -1;
  do {
    // The thread may be ahead of this run by the time the answer is here.
    const int64_t after = position();
    ASSIGN_OR_RETURN(const ReadEventsResponse batch,
                     source_.Read(after, kBatch));
    if (batch.latest() < after) return WentBack(batch.latest(), after);
    if (target < 0) target = batch.latest();
    if (batch.events().empty() || batch.events().rbegin()->number() <= after) {
      break;
    }
    RETURN_IF_ERROR(Apply(batch));
  } while (position() < target);

  return source_went_back_ ? AccessUnknown() : absl::OkStatus();
}

absl::Status FollowingProjection::WentBack(int64_t latest, int64_t position) {
  if (!source_went_back_.exchange(true)) {
    spdlog::error("access: {} ends at {}, before {}: was it restored?",
                  source_.name(), latest, position);
  }
  Judge();
  return AccessUnknown();
}

// A batch follows what was applied when it was asked for. Others may have gone
// on since, and one may have gone back: then there is a hole before the batch,
// and it is read again.
absl::Status FollowingProjection::Apply(const ReadEventsResponse& batch) {
  if (batch.events().empty()) return absl::OkStatus();
  std::lock_guard<std::mutex> lock(applying_);
  const int64_t last = batch.events().rbegin()->number();
  const int64_t first = batch.events().begin()->number();
  if (last <= position() || first > position() + 1) return absl::OkStatus();
  const bool changes = ChangesAccess(batch);
  const int64_t stored = writer_.stored();
  if (changes || last - stored >= kPassedMax) {
    const absl::Status status = writer_.Apply(batch);
    // After the commit, before the position tells of it; and when it failed,
    // for who knows what it left.
    if (changes || !status.ok()) cache_.Invalidate();
    if (writer_.stored() < stored) GoBackTo(writer_.stored());
    RETURN_IF_ERROR(status);
  }
  if (changes) changed_at_ = last;
  position_.store(last);
  Judge();
  return absl::OkStatus();
}

// What was acknowledged is not so any more.
void FollowingProjection::GoBackTo(int64_t position) {
  position_.store(position);
  {
    std::lock_guard<std::mutex> lock(lease_mutex_);
    lease_ = Lease();
  }
  Judge();
}

void FollowingProjection::Show() {
  if (registry_ == nullptr) return;
  const telemetry::Labels labels = {{"source", source_.name()}};
  registry_
      ->FindGauge("praxis_access_position",
                  "Newest event of the source that is applied here.", labels)
      .Set(position());
  registry_
      ->FindGauge("praxis_access_lease_held",
                  "1 while what is known of access may be relied on.", labels)
      .Set(Holds() ? 1 : 0);
  int64_t count = 0;
  const absl::Status status =
      db_.Read([&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(count, CountDeadLetters(reader));
        return absl::OkStatus();
      });
  if (!status.ok()) return;
  registry_
      ->FindGauge("praxis_events_dead_letters",
                  "Events that could not be applied; above 0 needs a person.",
                  labels)
      .Set(count);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Projection>> Projection::Start(
    sql::Database& db, events::Source& source,
    const ProjectionOptions& options) {
  absl::StatusOr<int64_t> position;
  RETURN_IF_ERROR(db.Read([&](sql::Reader& reader) {
    position = GetPosition(reader, source.name());
    return position.status();
  }));
  return std::make_unique<FollowingProjection>(db, source, options, *position);
}

const sql::Schema& ProjectionSchema() {
  static const auto& schema = *new sql::Schema(AccessSchema());
  return schema;
}

}  // namespace praxis::access
