#include "tests/simulation/projection.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace praxis::simulation {
namespace {

constexpr int kBatch = 2;
constexpr Micros kAckEvery = kSecond;
constexpr Micros kCallTimeout = kSecond;
constexpr Micros kSilence = kSecond;
constexpr Micros kBackoffMin = 50 * kMillisecond;
constexpr Micros kBackoffMax = kSecond;
constexpr int64_t kPassedMax = 4;
constexpr int kTriesMax = 5;
// How often a transaction takes long, by its locks or its disk.
constexpr int kStallPercent = 4;

bool ChangesAccess(const std::vector<EventRow>& events) {
  return std::any_of(events.begin(), events.end(),
                     [](const EventRow& event) { return event.version > 0; });
}

}  // namespace

class ProjectionReplica::Applying {
 public:
  explicit Applying(ProjectionReplica& p) : p_(p) { p.applying_ = true; }
  ~Applying() {
    p_.applying_ = false;
    p_.applied_.Notify(p_.w_.kernel);
  }

 private:
  ProjectionReplica& p_;
};

ProjectionReplica::ProjectionReplica(const World& world,
                                     ProjectedTables& tables)
    : node(world.kernel), w_(world), tables_(tables) {}

void ProjectionReplica::Start() {
  consumer_ = absl::StrCat(w_.kernel.random.Next());
  position_ = stored_ = tables_.position();
  changed_at_ = seen_latest_ = 0;
  lease_ = events::Lease();
  holds_until_ = -absl::InfiniteDuration();
  acked_time_ = -kSecond * 1000;
  acked_ = -1;
  applying_ = false;
  failing_ = tries_ = 0;
  apply_failed_ = false;
  begun_ = ended_ = 0;
  kept_.fill(Kept());
  generation_ = 1;
  node.Run(Follow());
}

Process ProjectionReplica::Follow() {
  Micros backoff = kBackoffMin;
  while (true) {
    const bool ok = co_await FollowOnce();
    if (ok) {
      backoff = kBackoffMin;
      continue;
    }
    co_await Sleep(w_.kernel, backoff);
    backoff = std::min(backoff * 2, kBackoffMax);
  }
}

Task<bool> ProjectionReplica::FollowOnce() {
  if (apply_failed_) {
    const bool caught_up = co_await CatchUp();
    if (!caught_up) co_return false;
  }
  const Micros asked = ClockMicros();
  const Micros left = acked_time_ + kAckEvery - asked;
  if (left > 0 && changed_at_ <= acked_) {
    const int64_t before = position_;
    std::optional<Batch> batch = co_await Next(before, left);
    if (!batch.has_value()) co_return false;
    const bool ok = co_await Apply(*std::move(batch));
    if (!ok) co_return false;
    if (position_ == before && ClockMicros() - asked < kBackoffMin) {
      co_await Sleep(w_.kernel, kBackoffMin);
    }
  }
  const bool is_due = ClockMicros() - acked_time_ >= kAckEvery;
  if (!is_due && changed_at_ <= acked_) co_return true;
  const bool acknowledged = co_await Acknowledge();
  co_return acknowledged;
}

Task<bool> ProjectionReplica::Acknowledge() {
  const absl::Duration sent = node.Clock();
  const int64_t number =
      w_.bug == Bug::kAckAhead ? std::max(position_, seen_latest_) : position_;
  SourceReplica& source = AnySource();
  std::function<Task<std::optional<SourceReplica::Grant>>()> serve =
      [&source, consumer = consumer_, number] {
        return source.Ack(consumer, number);
      };
  const std::optional<SourceReplica::Grant> grant =
      co_await w_.network.Call<SourceReplica::Grant>(node, source.node,
                                                     kCallTimeout, serve);
  if (!grant.has_value()) co_return false;
  acked_time_ = absl::ToInt64Microseconds(sent);
  acked_ = number;
  const absl::Duration now = node.Clock();
  lease_.Granted(w_.bug == Bug::kLeaseFromAnswer ? now : sent, now,
                 grant->lease,
                 w_.bug == Bug::kTrustAnyGrant ? 0 : grant->latest);
  Judge();
  seen_latest_ = grant->latest;
  if (grant->latest <= position_) co_return true;
  const bool caught_up = co_await CatchUp();
  co_return caught_up;
}

void ProjectionReplica::Judge() {
  holds_until_ = lease_.Holds(node.Clock(), position_)
                     ? lease_.until()
                     : -absl::InfiniteDuration();
}

// Only a run that begins after the call serves it.
Task<bool> ProjectionReplica::CatchUp() {
  const bool joins = w_.bug == Bug::kCatchUpJoinsLate && begun_ > ended_;
  const int64_t needed = joins ? begun_ : begun_ + 1;
  while (ended_ < needed) {
    if (begun_ > ended_) {
      Wait wait(w_.kernel);
      caught_up_.Add(wait);
      co_await wait;
      continue;
    }
    ++begun_;
    const bool outcome = co_await ReadOn();
    ended_ = begun_;
    outcome_ = outcome;
    caught_up_.Notify(w_.kernel);
  }
  co_return outcome_;
}

Task<bool> ProjectionReplica::ReadOn() {
  int64_t target = -1;
  do {
    const int64_t after = position_;
    std::optional<Batch> batch = co_await Read(after);
    if (!batch.has_value()) co_return false;
    if (target < 0) target = batch->latest;
    if (batch->events.empty()) break;
    const int64_t known = w_.bug == Bug::kCatchUpEndsEarly ? position_ : after;
    if (batch->events.back().number <= known) break;
    const bool ok = co_await Apply(*std::move(batch));
    if (!ok) co_return false;
  } while (position_ < target);
  co_return true;
}

Task<bool> ProjectionReplica::Apply(Batch batch) {
  if (batch.events.empty()) co_return true;
  while (applying_) {
    Wait wait(w_.kernel);
    applied_.Add(wait);
    co_await wait;
  }
  const Applying applying(*this);
  const int64_t last = batch.events.back().number;
  if (last <= position_) co_return true;
  const bool changes = ChangesAccess(batch.events);
  if (changes || last - stored_ >= kPassedMax) {
    if (changes && w_.bug == Bug::kCacheInvalidatedBefore) ++generation_;
    Stored stored = co_await StoreRange(batch.events);
    if (stored == Stored::kPoison) {
      const bool all = co_await StoreOneByOne(batch.events);
      stored = all ? Stored::kYes : Stored::kNo;
    }
    if (changes && w_.bug != Bug::kCacheNotInvalidated &&
        w_.bug != Bug::kCacheInvalidatedBefore) {
      ++generation_;
    }
    if (stored != Stored::kYes) {
      apply_failed_ = true;
      co_return false;
    }
    stored_ = last;
  }
  apply_failed_ = false;
  if (changes) changed_at_ = last;
  position_ = last;
  Judge();
  co_return true;
}

Task<bool> ProjectionReplica::StoreOneByOne(std::vector<EventRow> events) {
  for (const EventRow& event : events) {
    std::vector<EventRow> one = {event};
    const Stored stored = co_await StoreRange(std::move(one));
    bool ok = stored == Stored::kYes;
    if (stored == Stored::kPoison) ok = co_await GiveUp(event);
    if (!ok) co_return false;
  }
  co_return true;
}

Task<bool> ProjectionReplica::GiveUp(EventRow event) {
  if (failing_ != event.number) tries_ = 0;
  failing_ = event.number;
  ++tries_;
  if (tries_ < kTriesMax || w_.bug == Bug::kPoisonBlocks) co_return false;
  while (true) {
    co_await Stall();
    const uint64_t snapshot = tables_.commits();
    const int64_t applied = tables_.position();
    co_await Hop();
    const bool goes_back = w_.bug == Bug::kGiveUpGoesBack;
    if (applied >= event.number && !goes_back) co_return true;
    if (tables_.commits() != snapshot) continue;
    if (applied < event.number) tables_.Bury(event);
    tables_.SetPosition(event.number);
    tables_.End();
    co_await Hop();
    co_return true;
  }
}

Sleep ProjectionReplica::Stall() {
  Random& random = w_.kernel.random;
  return Sleep(w_.kernel, random.Chance(kStallPercent)
                              ? random.Between(0, 3 * kSecond)
                              : random.Between(50, 3 * kMillisecond));
}

// One transaction: of two that move the position the second begins anew.
Task<ProjectionReplica::Stored> ProjectionReplica::StoreRange(
    std::vector<EventRow> events) {
  while (true) {
    co_await Hop();
    const uint64_t snapshot = tables_.commits();
    const int64_t applied = tables_.position();
    co_await Stall();
    const bool taken =
        std::all_of(events.begin(), events.end(), [&](const EventRow& event) {
          return event.number <= applied || event.version == 0 ||
                 tables_.Takes(event);
        });
    if (!taken) co_return Stored::kPoison;
    // The connection is lost; what was to be committed is not.
    if (w_.kernel.random.Chance(1)) co_return Stored::kNo;
    if (tables_.commits() != snapshot) continue;
    const int64_t last = std::max(events.back().number, applied);
    if (w_.bug == Bug::kPositionBeforeEffect) {
      tables_.SetPosition(last);
      co_await Hop();
      Commit(events, applied);
    } else if (w_.bug == Bug::kEffectBeforePosition) {
      Commit(events, applied);
      co_await Hop();
      tables_.SetPosition(last);
    } else {
      Commit(events, applied);
      tables_.SetPosition(last);
    }
    tables_.End();
    co_await Hop();
    co_return Stored::kYes;
  }
}

void ProjectionReplica::Commit(const std::vector<EventRow>& events,
                               int64_t applied) {
  for (const EventRow& event : events) {
    if (event.number > applied) tables_.Apply(event);
  }
}

Process ProjectionReplica::Ask(int scope) {
  const int64_t floor = w_.judge.FloorOf(scope);
  const std::optional<Seen> seen = co_await See(scope);
  if (seen.has_value()) {
    w_.judge.Answered(scope, floor, seen->version);
  } else {
    ++w_.judge.refusals;
  }
  co_return Done();
}

Task<std::optional<ProjectionReplica::Seen>> ProjectionReplica::See(int scope) {
  const int64_t position = Holds() ? position_ : 0;
  if (!Holds()) {
    const bool caught_up = co_await CatchUp();
    if (!caught_up) co_return std::nullopt;
  }
  ProjectedTables::Scope found = kept_[scope].scope;
  if (kept_[scope].generation != generation_) {
    const uint64_t generation = generation_;
    co_await Hop();
    found = tables_.scope(scope);
    co_await Hop();
    kept_[scope] = {generation, found};
  }
  if (found.hidden) co_return std::nullopt;
  co_return Seen{found.version, position};
}

SourceReplica& ProjectionReplica::AnySource() {
  const int64_t last = static_cast<int64_t>(w_.sources.size()) - 1;
  return *w_.sources[w_.kernel.random.Between(0, last)];
}

Task<std::optional<ProjectionReplica::Batch>> ProjectionReplica::Read(
    int64_t after) {
  if (IsDeaf()) {
    co_await Hop();
    co_return std::nullopt;
  }
  SourceReplica& source = AnySource();
  std::function<Task<std::optional<Batch>>()> serve = [&source, after] {
    return source.Read(after, kBatch);
  };
  std::optional<Batch> batch =
      co_await w_.network.Call<Batch>(node, source.node, kCallTimeout, serve);
  co_return batch;
}

// What the stream has after `after`, as far as there is no hole.
ProjectionReplica::Batch ProjectionReplica::Following(int64_t after) const {
  Batch batch;
  for (const Stream::Entry& entry : w_.stream.Read(after, kBatch)) {
    if (entry.number != ++after && w_.bug != Bug::kNoHoleCheck) break;
    batch.events.push_back(w_.source.row(entry.id));
    batch.events.back().number = entry.number;
  }
  return batch;
}

Task<std::optional<ProjectionReplica::Batch>> ProjectionReplica::Next(
    int64_t after, Micros timeout) {
  const Micros end = w_.kernel.now() + timeout;
  co_await Hop();
  if (!w_.stream.down) {
    if (IsDeaf()) {
      co_await Sleep(w_.kernel,
                     w_.kernel.random.Between(0, 100 * kMillisecond));
    } else if (w_.stream.Read(after, 1).empty()) {
      Wait wait(w_.kernel);
      w_.stream.added.Add(wait);
      w_.kernel.At(std::min(end, w_.kernel.now() + kSilence), wait.ref());
      co_await wait;
    }
    const bool silent = w_.stream.Read(after, 1).empty() || IsDeaf();
    Batch batch = silent ? Batch() : Following(after);
    co_await Hop();
    if (silent || !batch.events.empty()) co_return batch;
  }
  std::optional<Batch> batch =
      co_await NextOfSource(after, std::max<Micros>(end - w_.kernel.now(), 0));
  co_return batch;
}

Task<std::optional<ProjectionReplica::Batch>> ProjectionReplica::NextOfSource(
    int64_t after, Micros timeout) {
  const Micros end = w_.kernel.now() + timeout;
  while (true) {
    std::optional<Batch> batch = co_await Read(after);
    if (!batch.has_value() || !batch->events.empty() ||
        w_.kernel.now() >= end) {
      co_return batch;
    }
    co_await Sleep(w_.kernel, w_.kernel.random.Between(20 * kMillisecond,
                                                       200 * kMillisecond));
  }
}

}  // namespace praxis::simulation
