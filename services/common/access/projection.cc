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

#include "absl/time/time.h"
#include "services/common/access/projection_store.h"
#include "services/common/access/schema/schema.h"
#include "services/common/access/standing_cache.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::access {
namespace {

using events::v1::Event;
using events::v1::ReadEventsResponse;

constexpr int kBatch = 500;
// How long to believe a source that says nothing.
constexpr absl::Duration kSilence = absl::Seconds(1);
constexpr std::chrono::milliseconds kBackoffMin(50);
constexpr std::chrono::milliseconds kBackoffMax(5000);
// Events that change no access are passed without a write; after so many, the
// position is written down all the same, so that a restart need not read them.
constexpr int64_t kPassedMax = 1000;

bool ChangesAccess(const ReadEventsResponse& batch) {
  return std::any_of(batch.events().begin(), batch.events().end(),
                     [](const Event& event) { return event.has_access(); });
}

class FollowingProjection final : public Projection {
 public:
  FollowingProjection(sql::Database& db, events::Source& source,
                      int64_t position)
      : db_(db), source_(source), position_(position), stored_(position) {
    thread_ = std::thread([this] { Follow(); });
  }
  ~FollowingProjection() override;

  absl::StatusOr<Standing> StandingOf(absl::string_view principal,
                                      absl::string_view scope) override;
  absl::Status CatchUp() override;
  int64_t position() const override { return position_.load(); }

 private:
  void Follow();
  // False when it is time to stop.
  bool Pause(std::chrono::milliseconds time);
  absl::Status ReadOn();
  absl::Status Apply(const ReadEventsResponse& batch);
  absl::Status Store(const ReadEventsResponse& batch, int64_t last);

  sql::Database& db_;
  events::Source& source_;
  StandingCache cache_;
  std::atomic<int64_t> position_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool stopped_ = false;
  // Runs of ReadOn, numbered; one at a time. What follows is touched by the
  // run only.
  int64_t begun_ = 0;
  int64_t ended_ = 0;
  absl::Status outcome_;
  int64_t stored_;
  bool went_back_ = false;

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
absl::Status FollowingProjection::CatchUp() {
  std::unique_lock<std::mutex> lock(mutex_);
  const int64_t needed = begun_ + 1;
  while (ended_ < needed) {
    if (begun_ > ended_) {
      changed_.wait(lock);
      continue;
    }
    ++begun_;
    lock.unlock();
    absl::Status outcome = ReadOn();
    lock.lock();
    ended_ = begun_;
    outcome_ = std::move(outcome);
    changed_.notify_all();
  }
  return outcome_;
}

void FollowingProjection::Follow() {
  std::chrono::milliseconds backoff = kBackoffMin;
  while (Pause(std::chrono::milliseconds(0))) {
    const auto asked = std::chrono::steady_clock::now();
    const int64_t before = position();
    source_.WaitFor(before, kSilence);
    if (!Pause(std::chrono::milliseconds(0))) break;
    const absl::Status status = CatchUp();
    if (!status.ok()) {
      spdlog::warn("access: {} cannot be followed: {}", source_.name(),
                   status.ToString());
      Pause(backoff);
      backoff = std::min(backoff * 2, kBackoffMax);
      continue;
    }
    backoff = kBackoffMin;
    // A source that was interrupted does not wait any more.
    if (position() == before &&
        std::chrono::steady_clock::now() - asked < kBackoffMin) {
      Pause(kBackoffMin);
    }
  }
  std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

bool FollowingProjection::Pause(std::chrono::milliseconds time) {
  std::unique_lock<std::mutex> lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

// Reads and applies until all is applied that was there at the first read.
absl::Status FollowingProjection::ReadOn() {
  int64_t target = -1;
  do {
    ASSIGN_OR_RETURN(const ReadEventsResponse batch,
                     source_.Read(position(), kBatch));
    if (target < 0) target = batch.latest();
    if (batch.events().empty() ||
        batch.events().rbegin()->number() <= position()) {
      break;
    }
    RETURN_IF_ERROR(Apply(batch));
  } while (position() < target);

  const bool back = position() > target;
  if (back && !went_back_) {
    spdlog::error("access: {} ends at {}, before {}: was it restored?",
                  source_.name(), target, position());
  }
  went_back_ = back;
  return absl::OkStatus();
}

absl::Status FollowingProjection::Apply(const ReadEventsResponse& batch) {
  const int64_t last = batch.events().rbegin()->number();
  const bool changes = ChangesAccess(batch);
  if (changes || last - stored_ >= kPassedMax) {
    const absl::Status status = Store(batch, last);
    // After the commit, before the position tells of it; and when it failed,
    // for who knows what it left.
    if (changes) cache_.Invalidate();
    RETURN_IF_ERROR(status);
    stored_ = last;
  }
  position_.store(last);
  return absl::OkStatus();
}

absl::Status FollowingProjection::Store(const ReadEventsResponse& batch,
                                        int64_t last) {
  return db_.Write([&](sql::Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t applied, GetPosition(tx, source_.name()));
    for (const Event& event : batch.events()) {
      if (event.number() <= applied) continue;
      RETURN_IF_ERROR(ApplyEvent(tx, event));
    }
    return PutPosition(tx, source_.name(), std::max(last, applied));
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Projection>> Projection::Start(
    sql::Database& db, events::Source& source) {
  absl::StatusOr<int64_t> position;
  RETURN_IF_ERROR(db.Read([&](sql::Reader& reader) {
    position = GetPosition(reader, source.name());
    return position.status();
  }));
  return std::make_unique<FollowingProjection>(db, source, *position);
}

const sql::Schema& ProjectionSchema() {
  static const auto& schema = *new sql::Schema(AccessSchema());
  return schema;
}

}  // namespace praxis::access
