// ReadThrough: how a cache is read.
#ifndef SERVICES_COMMON_CACHE_READ_THROUGH_H_
#define SERVICES_COMMON_CACHE_READ_THROUGH_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/cache/cache.h"
#include "services/common/sql/database.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::cache {

// Answers from the cache, else loads and fills it. However many callers miss
// one key at once, one of them loads and the others get what it got. Nobody
// gets what was read before a change that the cache was told of before they
// asked. Thread-safe.
class ReadThrough {
 public:
  // `name` labels the metrics. `cache` and `registry` must outlive this.
  ReadThrough(Cache& cache, absl::string_view name,
              telemetry::Registry& registry);

  // `load` reads the row as it is now, with its version; it runs on this thread
  // or not at all. A load that fails fails for all who wait for it, but for one
  // that its own caller gave up: another takes its place. Who waits for another
  // thread's load gives up by `limit`: DEADLINE_EXCEEDED or CANCELLED.
  absl::StatusOr<Entry> Get(absl::string_view key, absl::Duration ttl,
                            absl::FunctionRef<absl::StatusOr<Entry>()> load,
                            const sql::Limit& limit = {});

 private:
  // One load, and who waits for it.
  struct Flight;

  // The flight of `key`; `*is_mine` when it has just begun and is this
  // thread's to make. `*ended` is what ended_ is then.
  std::shared_ptr<Flight> Join(absl::string_view key, bool* is_mine,
                               int64_t* ended);
  absl::StatusOr<Entry> Load(absl::string_view key, absl::Duration ttl,
                             absl::FunctionRef<absl::StatusOr<Entry>()> load);
  void End(absl::string_view key, Flight& flight,
           const absl::StatusOr<Entry>& result);

  Cache& cache_;
  telemetry::Counter& hits_;
  telemetry::Counter& misses_;
  telemetry::Counter& loads_;
  telemetry::Counter& refused_;

  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_
      ABSL_GUARDED_BY(mutex_);
  // How many flights have ended; changes under the mutex.
  std::atomic<int64_t> ended_ = 0;
};

}  // namespace praxis::cache

#endif  // SERVICES_COMMON_CACHE_READ_THROUGH_H_
