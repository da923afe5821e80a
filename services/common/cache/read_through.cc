#include "services/common/cache/read_through.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/common/status/status.h"

namespace praxis::cache {
namespace {

// How often who waits looks whether it still should.
constexpr absl::Duration kLook = absl::Milliseconds(50);

// Whoever made it did not want it any more: it says nothing of the row.
bool WasGivenUp(const absl::Status& status) {
  return absl::IsCancelled(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

struct ReadThrough::Flight {
  absl::StatusOr<Entry> result;
  absl::Notification ended;
};

ReadThrough::ReadThrough(Cache& cache, absl::string_view name,
                         telemetry::Registry& registry)
    : cache_(cache),
      hits_(registry.FindCounter("praxis_cache_hits_total",
                                 "Reads answered from a cache.",
                                 {{"cache", std::string(name)}})),
      misses_(registry.FindCounter("praxis_cache_misses_total",
                                   "Reads that a cache could not answer.",
                                   {{"cache", std::string(name)}})),
      loads_(registry.FindCounter(
          "praxis_cache_loads_total",
          "Loads for a cache; fewer than misses, which share them.",
          {{"cache", std::string(name)}})),
      refused_(registry.FindCounter(
          "praxis_cache_fills_refused_total",
          "Loads that a cache did not take, for it knew of a newer version.",
          {{"cache", std::string(name)}})) {}

absl::StatusOr<Entry> ReadThrough::Get(
    absl::string_view key, absl::Duration ttl,
    absl::FunctionRef<absl::StatusOr<Entry>()> load, const sql::Limit& limit) {
  int64_t seen = ended_.load();
  Found found = cache_.Get(key);
  if (found.entry.has_value()) {
    hits_.Add();
    return *std::move(found.entry);
  }
  misses_.Add();
  for (bool first = true;; first = false) {
    RETURN_IF_ERROR(sql::CheckLimit(limit));
    bool is_mine = false;
    int64_t ended = 0;
    const std::shared_ptr<Flight> flight = Join(key, &is_mine, &ended);
    if (is_mine) {
      // Another flight may have filled the cache after this looked into it.
      if (ended != seen) found = cache_.Get(key);
      const absl::StatusOr<Entry> result = found.entry.has_value()
                                               ? *std::move(found.entry)
                                               : Load(key, ttl, load);
      End(key, *flight, result);
      return result;
    }
    while (!flight->ended.WaitForNotificationWithTimeout(
        std::min(kLook, limit.deadline - absl::Now()))) {
      RETURN_IF_ERROR(sql::CheckLimit(limit));
    }
    const absl::StatusOr<Entry>& result = flight->result;
    // The first flight may have read the row before a change that this call
    // must see. One that began after it has not.
    const bool is_late = first && found.floor > 0 &&
                         (!result.ok() || result->version < found.floor);
    if (!is_late && !WasGivenUp(result.status())) return result;
    seen = -1;
  }
}

std::shared_ptr<ReadThrough::Flight> ReadThrough::Join(absl::string_view key,
                                                       bool* is_mine,
                                                       int64_t* ended) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Flight>& flight = flights_[key];
  *is_mine = flight == nullptr;
  *ended = ended_;
  if (*is_mine) flight = std::make_shared<Flight>();
  return flight;
}

absl::StatusOr<Entry> ReadThrough::Load(
    absl::string_view key, absl::Duration ttl,
    absl::FunctionRef<absl::StatusOr<Entry>()> load) {
  loads_.Add();
  const absl::Time begin = absl::Now();
  absl::StatusOr<Entry> entry = load();
  // An entry takes the place of the mark that was there and ends sooner: what a
  // slow load has read might come after both.
  if (entry.ok() &&
      (absl::Now() - begin > ttl / 2 || !cache_.Put(key, *entry, ttl))) {
    refused_.Add();
  }
  return entry;
}

void ReadThrough::End(absl::string_view key, Flight& flight,
                      const absl::StatusOr<Entry>& result) {
  flight.result = result;
  {
    absl::MutexLock lock(&mutex_);
    flights_.erase(key);
    ++ended_;
  }
  flight.ended.Notify();
}

}  // namespace praxis::cache
