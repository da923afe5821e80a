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
#include "services/common/events/acks.h"
#include "services/common/events/publisher.h"
#include "services/common/events/source.h"
#include "services/common/sql/database.h"
#include "services/common/sql/migrate.h"

namespace praxis::events {

// Appends `event` to the log within `tx`: it is there iff the transaction
// commits. Number and source are given by the log.
absl::Status Emit(sql::Tx& tx, const v1::Event& event);

// Where else events go, and how consumers are believed in.
struct LogOptions {
  // Where a copy of what is committed goes. May be null; else outlives the log.
  Publisher* publisher = nullptr;
  Acks::Options acks;
};

// Reads one service's own log and tells who waits for more.
//
// A thread of its own looks at what a commit brought, numbers it where the
// database does not (relay.h) and publishes it, so that committing costs no
// more than a signal. Thread-safe.
class Log : public Source {
 public:
  // `db` must outlive this and have LogSchema(). Takes db.OnCommit().
  Log(sql::Database& db, absl::string_view source,
      const LogOptions& options = {});
  // Nobody may be waiting any more: Interrupt first.
  ~Log() override;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  const std::string& name() const override;
  // An event that does not parse comes with its number, type and name only: a
  // reader goes on past it.
  absl::StatusOr<v1::ReadEventsResponse> Read(int64_t after,
                                              int limit) override;
  absl::StatusOr<v1::ReadEventsResponse> Next(int64_t after, int limit,
                                              absl::Duration timeout) override;
  // FIELD_INVALID for a number that is not in the log.
  absl::StatusOr<Grant> Ack(absl::string_view consumer,
                            int64_t number) override;
  absl::Status Leave(absl::string_view consumer) override;
  void Interrupt() override;
  void Wake() override;

  // Returns when there is an event after `after`, when `timeout` is over, or on
  // Interrupt or Wake.
  void WaitFor(int64_t after, absl::Duration timeout);

  // Returns once every consumer that may rely on its lease has applied all that
  // was committed before this call: what a service waits for before it says
  // that access was taken away. A consumer that is gone keeps it waiting until
  // its lease is over. NOT_YET_EVERYWHERE when `limit` is over.
  absl::Status AwaitApplied(const sql::Limit& limit);

  // Number of the newest event known to be published.
  int64_t published() const;

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

// Component events: tables events (number, time, type, name, body), event_relay
// and event_acks.
const sql::Schema& LogSchema();

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_LOG_H_
