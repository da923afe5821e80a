// Tail: the newest events of a log, in memory, for many who watch it.
#ifndef SERVICES_COMMON_EVENTS_TAIL_H_
#define SERVICES_COMMON_EVENTS_TAIL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/events/log.h"
#include "services/common/sql/database.h"

namespace praxis::events {

// However many watch, an event is read from the table once: by the tail's own
// thread, which follows the log as long as somebody waits. Who is behind what
// the tail holds reads the table up to there. Who waits does so under a scope,
// the first two segments of a resource name, and is not touched by the events
// of others: a watch that waits costs no thread and no look.
//
// Events are held without data and access, some 300 bytes each. Thread-safe.
class Tail {
 public:
  struct Options {
    // Events that are held at most.
    size_t events_max = 10'000;
    // How often everyone who waits is called although nothing happened, so
    // that a watch of who has lost access meanwhile ends.
    absl::Duration call_every = absl::Seconds(5);
  };

  // Both outlive this; `log` is the one in `db`.
  Tail(sql::Database& db, Log& log) : Tail(db, log, Options()) {}
  Tail(sql::Database& db, Log& log, const Options& options);
  // Nobody may be waiting any more.
  ~Tail();
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  // Where a watch begins: behind the number `after`, or, if that is not set,
  // behind what is known to be committed. FIELD_INVALID for a number that is
  // not in the log: it was restored from a backup since.
  absl::StatusOr<int64_t> Begin(std::optional<int64_t> after) const;

  struct Found {
    // Null: there is none.
    std::shared_ptr<const v1::Event> event;
    // The event's number; without one, how far was looked.
    int64_t position = 0;
  };
  // The first event of `scope` after `after`. Not set when what follows `after`
  // is not held: it is to be read from the table.
  std::optional<Found> Find(absl::string_view scope, int64_t after) const;

  // Whether what follows `after` is held.
  bool Holds(int64_t after) const;

  // Adds the events of `scope` after `after` that the table has, up to where
  // the tail begins and of some 1,000 that it looks at. Answers how far it
  // looked.
  absl::StatusOr<int64_t> ReadTable(absl::string_view scope, int64_t after,
                                    std::deque<v1::Event>* events) const;

  // Calls `callback` once, on any thread, with a position: between `after` and
  // there is no event of `scope`. Behind it there is one, or the tail cannot
  // tell, or it was time to call. It must be quick. Answers an id.
  using Callback = std::function<void(int64_t position)>;
  int64_t WhenNews(const std::string& scope, int64_t after, Callback callback);
  // Forgets a callback, which may be running.
  void Cancel(const std::string& scope, int64_t id);

 private:
  struct Waiter {
    int64_t id;
    int64_t after;
    Callback callback;
  };
  struct Call {
    int64_t position;
    Callback callback;
  };

  // The tail's thread.
  void Follow();
  bool AwaitWaiters();
  // Whether there is more to read at once.
  absl::StatusOr<bool> Advance();
  // By LeaseNow(), which nobody sets back.
  bool AwaitNews(absl::Duration until);
  bool Rest(absl::Duration until);
  void Append(v1::ReadEventsResponse& batch);
  void BeginAt(int64_t number);
  void CallEveryone();
  std::vector<Call> TakeWaiters(int64_t position)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Run(const std::vector<Call>& calls);

  Found FindHeld(absl::string_view scope, int64_t after) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  sql::Database& db_;
  Log& log_;
  const Options options_;

  mutable absl::Mutex mutex_;
  // Held is what has numbers above begin_, up to end_.
  int64_t begin_ ABSL_GUARDED_BY(mutex_);
  int64_t end_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<const v1::Event>> held_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::vector<Waiter>> waiters_
      ABSL_GUARDED_BY(mutex_);
  int64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  bool news_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_TAIL_H_
