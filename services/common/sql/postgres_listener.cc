#include "services/common/sql/postgres_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "services/common/status/status.h"

namespace praxis::sql {
namespace {

// Between two notifications: a busy service tells 500 times a second at most,
// which costs the server little beside its commits.
constexpr absl::Duration kTellEvery = absl::Milliseconds(2);
constexpr absl::Duration kBackOffMin = absl::Milliseconds(50);
constexpr absl::Duration kBackOffMax = absl::Seconds(2);

}  // namespace

PostgresListener::PostgresListener(PostgresPool& pool,
                                   std::function<void()> heard)
    : pool_(pool),
      heard_(std::move(heard)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Loop(); }) {
  started_.WaitForNotification();
}

PostgresListener::~PostgresListener() {
  stopping_.store(true);
  eventfd_write(wake_fd_, 1);
  thread_.join();
  close(wake_fd_);
}

void PostgresListener::Tell() {
  if (!to_tell_.exchange(true)) eventfd_write(wake_fd_, 1);
}

void PostgresListener::Loop() {
  absl::Duration back_off = kBackOffMin;
  while (!stopping_.load()) {
    if (Follow()) back_off = kBackOffMin;
    missed_ = true;
    if (!started_.HasBeenNotified()) started_.Notify();
    const absl::Time until = absl::Now() + back_off;
    while (!stopping_.load() && absl::Now() < until) {
      Wait(nullptr, until - absl::Now());
    }
    back_off = std::min(2 * back_off, kBackOffMax);
  }
}

bool PostgresListener::Follow() {
  auto opened = pool_.Open({.deadline = absl::Now() + absl::Seconds(10)});
  if (!opened.ok()) return false;
  PostgresConnection& connection = **opened;
  if (!Listen(connection).ok()) return false;
  if (missed_) heard_();
  if (!started_.HasBeenNotified()) started_.Notify();

  absl::Time next = absl::InfinitePast();
  while (!stopping_.load() && connection.IsAlive()) {
    TakeIn(connection);
    const absl::Duration early = next - absl::Now();
    if (!to_tell_.load()) {
      Wait(&connection, absl::InfiniteDuration());
    } else if (early > absl::ZeroDuration()) {
      absl::SleepFor(early);
    } else {
      to_tell_.store(false);
      next = absl::Now() + kTellEvery;
      if (!connection
               .Run("SELECT pg_notify('praxis_commits', $1)", {schema_}, false)
               .ok()) {
        to_tell_.store(true);
      }
    }
  }
  return true;
}

absl::Status PostgresListener::Listen(PostgresConnection& connection) {
  connection.Begin(PostgresMode::kAutocommit, {});
  // A notification writes a commit record, which need not reach the disk.
  RETURN_IF_ERROR(
      connection.Run("SET synchronous_commit = off", {}, false).status());
  // Tests have many schemas in one database.
  ASSIGN_OR_RETURN(
      const PostgresResult schema,
      connection.Run("SELECT coalesce(current_schema(), '')", {}, false));
  RETURN_IF_ERROR(schema.ForEach([&](const Row& row) {
    schema_ = row.String(0);
    return absl::OkStatus();
  }));
  return connection.Run("LISTEN praxis_commits", {}, false).status();
}

void PostgresListener::TakeIn(PostgresConnection& connection) {
  PGconn* const handle = connection.handle();
  bool others = false;
  while (PGnotify* notice = PQnotifies(handle)) {
    others |=
        notice->be_pid != PQbackendPID(handle) && notice->extra == schema_;
    PQfreemem(notice);
  }
  if (others) heard_();
}

void PostgresListener::Wait(PostgresConnection* connection,
                            absl::Duration time) {
  pollfd waits[] = {
      {.fd = wake_fd_, .events = POLLIN},
      {.fd = connection == nullptr ? -1 : PQsocket(connection->handle()),
       .events = POLLIN}};
  const int ms = time == absl::InfiniteDuration()
                     ? -1
                     : static_cast<int>(absl::ToInt64Milliseconds(
                           absl::Ceil(time, absl::Milliseconds(1))));
  poll(waits, 2, ms);
  eventfd_t count;
  eventfd_read(wake_fd_, &count);
}

}  // namespace praxis::sql
