#include "services/common/events/tail.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/events/lease_clock.h"
#include "services/common/events/read.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::events {
namespace {

// Read at once by the tail's thread: an event may hold 64 KiB of text.
constexpr int kStep = 50;
// Rows that one look into the table goes over, and events that it brings.
constexpr int64_t kRowsMax = 1000;
constexpr int kFoundMax = 100;
// After a look that failed.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// The first two segments of a resource name.
absl::string_view ScopeOf(absl::string_view name) {
  const size_t first = name.find('/');
  if (first == name.npos) return name;
  return name.substr(0, name.find('/', first + 1));
}

}  // namespace

Tail::Tail(sql::Database& db, Log& log, const Options& options)
    : db_(db),
      log_(log),
      options_(options),
      begin_(log.latest()),
      end_(begin_),
      thread_([this] { Follow(); }) {}

Tail::~Tail() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::StatusOr<int64_t> Tail::Begin(std::optional<int64_t> after) const {
  int64_t newest = log_.latest();
  if (!after.has_value()) return newest;
  if (*after > newest) {
    // Another replica may have seen more.
    RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(newest, NewestIn(reader));
      return absl::OkStatus();
    }));
  }
  if (*after >= 0 && *after <= newest) return *after;
  return FieldErrors({{"after", absl::StrCat("must be of 0 to ", newest)}});
}

std::optional<Tail::Found> Tail::Find(absl::string_view scope,
                                      int64_t after) const {
  absl::ReaderMutexLock lock(&mutex_);
  if (after < begin_) return std::nullopt;
  return FindHeld(scope, after);
}

bool Tail::Holds(int64_t after) const {
  absl::ReaderMutexLock lock(&mutex_);
  return after >= begin_;
}

Tail::Found Tail::FindHeld(absl::string_view scope, int64_t after) const {
  auto it = std::upper_bound(held_.begin(), held_.end(), after,
                             [](int64_t number, const auto& event) {
                               return number < event->number();
                             });
  for (; it != held_.end(); ++it) {
    if (ScopeOf((*it)->name()) == scope) return {*it, (*it)->number()};
  }
  return {nullptr, std::max(after, end_)};
}

absl::StatusOr<int64_t> Tail::ReadTable(absl::string_view scope, int64_t after,
                                        std::deque<v1::Event>* events) const {
  int64_t to = after + kRowsMax;
  {
    absl::ReaderMutexLock lock(&mutex_);
    to = std::max(after, std::min(to, begin_));
  }
  v1::ReadEventsResponse found;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) {
    found.Clear();
    return ReadUnder(reader, log_.name(), scope, after, to, kFoundMax, &found);
  }));
  if (found.events_size() == kFoundMax) to = found.events().rbegin()->number();
  for (v1::Event& event : *found.mutable_events()) {
    events->push_back(std::move(event));
  }
  return to;
}

int64_t Tail::WhenNews(const std::string& scope, int64_t after,
                       Callback callback) {
  {
    absl::MutexLock lock(&mutex_);
    if (after >= begin_ && FindHeld(scope, after).event == nullptr) {
      waiters_[scope].push_back(
          {++last_id_, std::max(after, end_), std::move(callback)});
      return last_id_;
    }
  }
  callback(after);
  return 0;
}

void Tail::Cancel(const std::string& scope, int64_t id) {
  absl::MutexLock lock(&mutex_);
  const auto found = waiters_.find(scope);
  if (found == waiters_.end()) return;
  std::vector<Waiter>& waiters = found->second;
  for (Waiter& waiter : waiters) {
    if (waiter.id != id) continue;
    std::swap(waiter, waiters.back());
    waiters.pop_back();
    break;
  }
  if (waiters.empty()) waiters_.erase(found);
}

void Tail::Follow() {
  absl::Duration call_at = LeaseNow() + options_.call_every;
  bool came = false;
  while (AwaitWaiters()) {
    const absl::StatusOr<bool> read = Advance();
    if (!read.ok()) {
      spdlog::error("events: {}: {}", log_.name(), read.status().ToString());
    } else if (*read) {
      came = false;
      continue;
    }
    // Where the log called and nothing is there, it is interrupted.
    came = read.ok() && !came
               ? AwaitNews(call_at)
               : Rest(std::min(call_at, LeaseNow() + kRetryAfter));
    if (LeaseNow() < call_at) continue;
    CallEveryone();
    call_at = LeaseNow() + options_.call_every;
  }
}

// False when it is time to stop.
bool Tail::AwaitWaiters() {
  absl::MutexLock lock(&mutex_);
  const auto wanted = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !waiters_.empty();
  };
  mutex_.Await(absl::Condition(&wanted));
  return !stopping_;
}

absl::StatusOr<bool> Tail::Advance() {
  int64_t end;
  {
    absl::ReaderMutexLock lock(&mutex_);
    end = end_;
  }
  const int64_t latest = log_.latest();
  if (latest <= end) return false;
  if (latest - end > static_cast<int64_t>(options_.events_max)) {
    BeginAt(latest);
    return false;
  }
  v1::ReadEventsResponse batch;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) {
    batch.Clear();
    return ReadIn(reader, log_.name(), end, kStep, &batch);
  }));
  if (batch.events().empty()) return false;
  Append(batch);
  return true;
}

// Whether the log says that there is more, before `until`.
bool Tail::AwaitNews(absl::Duration until) {
  int64_t end;
  {
    absl::MutexLock lock(&mutex_);
    news_ = false;
    end = end_;
  }
  const int64_t id = log_.WhenAfter(end, [this] {
    absl::MutexLock lock(&mutex_);
    news_ = true;
  });
  const bool came = Rest(until);
  log_.Cancel(id);
  return came;
}

bool Tail::Rest(absl::Duration until) {
  absl::MutexLock lock(&mutex_);
  const auto due = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || news_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&due), until - LeaseNow());
  return std::exchange(news_, false);
}

void Tail::Append(v1::ReadEventsResponse& batch) {
  std::vector<Call> calls;
  {
    absl::MutexLock lock(&mutex_);
    for (v1::Event& event : *batch.mutable_events()) {
      StripContent(&event);
      end_ = event.number();
      const auto found = waiters_.find(ScopeOf(event.name()));
      held_.push_back(std::make_shared<const v1::Event>(std::move(event)));
      if (found == waiters_.end()) continue;
      // Who began behind this one goes on waiting.
      std::vector<Waiter>& waiters = found->second;
      const auto due = std::partition(
          waiters.begin(), waiters.end(),
          [this](const Waiter& w)
              ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return w.after >= end_; });
      for (auto it = due; it != waiters.end(); ++it) {
        calls.push_back(
            {std::max(it->after, end_ - 1), std::move(it->callback)});
      }
      waiters.erase(due, waiters.end());
      if (waiters.empty()) waiters_.erase(found);
    }
    while (held_.size() > options_.events_max) {
      begin_ = held_.front()->number();
      held_.pop_front();
    }
  }
  Run(calls);
}

// Nobody has waited for long, and reading all that came meanwhile would help
// nobody. Who waits now goes to the table for it.
void Tail::BeginAt(int64_t number) {
  std::vector<Call> calls;
  {
    absl::MutexLock lock(&mutex_);
    held_.clear();
    begin_ = end_ = number;
    calls = TakeWaiters(/*position=*/0);
  }
  Run(calls);
}

// All up to end_ that concerned them would have had them called.
void Tail::CallEveryone() {
  std::vector<Call> calls;
  {
    absl::MutexLock lock(&mutex_);
    calls = TakeWaiters(end_);
  }
  Run(calls);
}

// To be called with `position` at least.
std::vector<Tail::Call> Tail::TakeWaiters(int64_t position) {
  std::vector<Call> calls;
  for (auto& [scope, waiters] : waiters_) {
    for (Waiter& waiter : waiters) {
      calls.push_back(
          {std::max(waiter.after, position), std::move(waiter.callback)});
    }
  }
  waiters_.clear();
  return calls;
}

// Without the lock: they look for events here, and wait anew.
void Tail::Run(const std::vector<Call>& calls) {
  for (const Call& call : calls) call.callback(call.position);
}

}  // namespace praxis::events
