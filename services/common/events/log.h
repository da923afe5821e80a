// The event log: what a service has committed, numbered without holes.
#ifndef SERVICES_COMMON_EVENTS_LOG_H_
#define SERVICES_COMMON_EVENTS_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/events/source.h"
#include "services/common/sql/database.h"
#include "services/common/sql/migrate.h"

namespace praxis::events {

// Appends `event` to the log within `tx`: it is there iff the transaction
// commits. Number and source are given by the log.
absl::Status Emit(sql::Tx& tx, const v1::Event& event);

// Reads one service's own log and tells who waits for more. SQLite's one
// writer numbers events as they are written; PostgreSQL commits out of order,
// so there the relay numbers them after commit.
//
// A thread of its own looks at what a commit brought, so that committing costs
// no more than a signal. Thread-safe.
class Log : public Source {
 public:
  // `db` must outlive this and have LogSchema(). Takes db.OnCommit().
  Log(sql::Database& db, absl::string_view source);
  // Nobody may be waiting any more: Interrupt first.
  ~Log() override;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  const std::string& name() const override;
  // An event that does not parse comes with its number, type and name only: a
  // reader goes on past it.
  absl::StatusOr<v1::ReadEventsResponse> Read(int64_t after,
                                              int limit) override;
  void WaitFor(int64_t after, absl::Duration timeout) override;
  void Interrupt() override;
  void Wake() override;

  // Number of the newest event this process has seen committed.
  int64_t latest() const;

  // Calls `callback` once, when there is an event after `after` (at once if
  // there is one) or on Interrupt. It must be quick; it may call this log.
  // Answers an id for Cancel.
  int64_t WhenAfter(int64_t after, std::function<void()> callback);
  // When this returns, the callback has run or never will; it waits for one
  // that is running, unless that is its caller. Hold no lock it may need.
  void Cancel(int64_t id);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Component events: table events (number, time, type, name, body).
const sql::Schema& LogSchema();

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_LOG_H_
