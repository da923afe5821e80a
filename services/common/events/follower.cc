#include "services/common/events/follower.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/events/instance_name.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::events {
namespace {

using v1::ReadEventsResponse;

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

}  // namespace

Follower::Follower(Source& source, Applier& applier, Options options)
    : source_(source),
      applier_(applier),
      consumer_(absl::StrCat(options.consumer, "/", DrawInstanceName())),
      unknown_(std::move(options.unknown)),
      position_(options.position),
      ack_every_(kAckEvery) {
  thread_ = std::thread([this] { Follow(); });
}

Follower::~Follower() {
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
  // Over by now, there is nothing to give back, and the source may hang. Where
  // this fails, it is over by itself in a moment.
  if (LeaseNow() > lease_.until()) return;
  holds_until_ns_ = 0;
  source_.Leave(consumer_).IgnoreError();
}

// Only a run that begins after the call serves it: one under way may have read
// the source before. Whoever finds none under way runs it for all that wait.
// But nobody waits for long, and after a failure nobody tries again at once:
// where the source hangs, whoever asks must not hang with it.
absl::Status Follower::CatchUp() {
  const absl::Duration end = LeaseNow() + kCatchUpMax;
  std::unique_lock<std::mutex> lock(mutex_);
  const int64_t needed = begun_ + 1;
  while (ended_ < needed) {
    if (!outcome_.ok() && LeaseNow() < failed_until_) return outcome_;
    if (begun_ > ended_) {
      if (LeaseNow() > end) return unknown_;
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

void Follower::Follow() {
  std::chrono::milliseconds backoff = kBackoffMin;
  while (Pause(std::chrono::milliseconds(0))) {
    const absl::Status status = FollowOnce();
    if (status.ok()) {
      backoff = kBackoffMin;
      continue;
    }
    spdlog::warn("{}: {} cannot be followed: {}", consumer_, source_.name(),
                 status.ToString());
    applier_.Show();
    Pause(backoff);
    backoff = std::min(backoff * 2, kBackoffMax);
  }
  std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

// Waits for news until it is time for a sign of life, unless there is something
// urgent that CatchUp applied: whoever did it waits to hear so. Who cannot
// apply gives no sign of life: else its lease would go on, and whoever takes
// access away would wait in vain for as long as that lasts.
absl::Status Follower::FollowOnce() {
  if (position() < 0) RETURN_IF_ERROR(BeginAtEnd());
  if (apply_failed_) RETURN_IF_ERROR(CatchUp());
  const absl::Duration asked = LeaseNow();
  const absl::Duration left = acked_time_ + ack_every_ - asked;
  if (left > absl::ZeroDuration() && urgent_at_ <= acked_) {
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
  return is_due || urgent_at_ > acked_ ? Acknowledge() : absl::OkStatus();
}

absl::Status Follower::BeginAtEnd() {
  ASSIGN_OR_RETURN(const ReadEventsResponse batch, source_.Read(0, 1));
  std::lock_guard<std::mutex> lock(applying_);
  if (!applier_.StartFrom(batch.latest())) return unknown_;
  position_ = batch.latest();
  return absl::OkStatus();
}

bool Follower::Pause(std::chrono::milliseconds time) {
  std::unique_lock<std::mutex> lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

absl::Status Follower::Acknowledge() {
  const absl::Duration sent = LeaseNow();
  const int64_t number = position();
  absl::StatusOr<Grant> grant = source_.Ack(consumer_, number);
  // A number that is not in the log any more.
  if (ReasonOf(grant.status()) == errors::v1::FIELD_INVALID) return CatchUp();
  RETURN_IF_ERROR(grant.status());
  acked_time_ = sent;
  acked_ = number;
  // So that one may fail and another be tried.
  if (grant->lease > absl::ZeroDuration()) ack_every_ = grant->lease / 3;
  {
    std::lock_guard<std::mutex> lock(lease_mutex_);
    lease_.Granted(sent, LeaseNow(), grant->lease, grant->latest);
  }
  Judge();
  applier_.Show();
  // What a stream has lost, or not yet told.
  return grant->latest > position() ? CatchUp() : absl::OkStatus();
}

void Follower::Judge() {
  std::lock_guard<std::mutex> lock(lease_mutex_);
  const bool holds = lease_.Holds(LeaseNow(), position()) && !source_went_back_;
  holds_until_ns_ = holds ? absl::ToInt64Nanoseconds(lease_.until()) : 0;
}

// Reads and applies until all is applied that was there at the first read.
absl::Status Follower::ReadOn() {
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

  return source_went_back_ ? unknown_ : absl::OkStatus();
}

absl::Status Follower::WentBack(int64_t latest, int64_t position) {
  if (!source_went_back_.exchange(true)) {
    spdlog::error("{}: {} ends at {}, before {}: was it restored?", consumer_,
                  source_.name(), latest, position);
  }
  Judge();
  std::lock_guard<std::mutex> lock(applying_);
  if (position_ != position || !applier_.StartFrom(latest)) return unknown_;
  urgent_at_ = acked_ = -1;
  source_went_back_ = false;
  GoBackTo(latest);
  return absl::OkStatus();
}

// A batch follows what was applied when it was asked for. Others may have gone
// on since, and one may have gone back: then there is a hole before the batch,
// and it is read again.
absl::Status Follower::Apply(const ReadEventsResponse& batch) {
  if (batch.events().empty()) return absl::OkStatus();
  std::lock_guard<std::mutex> lock(applying_);
  const int64_t last = batch.events().rbegin()->number();
  const int64_t first = batch.events().begin()->number();
  const int64_t before = position();
  if (last <= before || first > before + 1) return absl::OkStatus();
  Applier::Progress progress = {.position = before};
  const absl::Status status = applier_.Apply(batch, &progress);
  apply_failed_ = !status.ok();
  if (progress.position < before) {
    GoBackTo(progress.position);
    return status;
  }
  RETURN_IF_ERROR(status);
  if (progress.is_urgent) urgent_at_ = progress.position;
  position_.store(progress.position);
  Judge();
  return absl::OkStatus();
}

// What was acknowledged is not so any more.
void Follower::GoBackTo(int64_t position) {
  position_.store(position);
  {
    std::lock_guard<std::mutex> lock(lease_mutex_);
    lease_ = Lease();
  }
  Judge();
}

}  // namespace praxis::events
