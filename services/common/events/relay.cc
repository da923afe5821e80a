#include "services/common/events/relay.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "services/common/events/read.h"
#include "services/common/status/status.h"

namespace praxis::events {
namespace {

// Events numbered in one transaction.
constexpr int kBatch = 1000;
// Events published in one go: one may hold half a megabyte.
constexpr int kPublishBatch = 50;
// A stream that has missed more than these is left with a hole: its readers go
// to the log for them, which is no slower than waiting for all to pass by.
constexpr int64_t kBackfillMax = 10'000;
// How long a relay that falls silent keeps others waiting.
constexpr int64_t kLeaseMicros = 2'000'000;
// A stream that has lost everything begins anew so far back: older events are
// read from the log, where its readers notice the hole.
constexpr int64_t kRestart = 100;

struct Held {
  std::string holder;
  int64_t expire_time = 0;
  int64_t number = 0;
};

}  // namespace

Relay::Relay(sql::Database& db, const std::string& source, std::string holder,
             Publisher* publisher)
    : db_(db),
      source_(source),
      holder_(std::move(holder)),
      publisher_(publisher),
      holds_(db.dialect() == sql::Dialect::kSqlite) {}

absl::StatusOr<bool> Relay::Number() {
  if (db_.dialect() == sql::Dialect::kSqlite) return true;
  // Without a lock at first: replicas that only look must not hold up the one
  // that numbers.
  bool waiting = false;
  bool elsewhere = false;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) {
    return reader.Query(
        "SELECT EXISTS (SELECT 1 FROM events WHERE number IS NULL),"
        " holder, expire_time > CAST(extract(epoch FROM clock_timestamp())"
        " * 1000000 AS BIGINT) FROM event_relay WHERE name = 'relay'",
        {}, [&](const sql::Row& row) {
          waiting = row.Bool(0);
          holds_ = row.Text(1) == holder_;
          elsewhere = !holds_ && row.Bool(2);
          return absl::OkStatus();
        });
  }));
  // Whoever has it now has published since.
  if (!holds_) published_.reset();
  if (!waiting) return true;
  if (elsewhere) return false;

  bool holds = false;
  int64_t numbered = 0;
  do {
    RETURN_IF_ERROR(
        db_.Write([&](sql::Tx& tx) { return NumberIn(tx, &holds, &numbered); },
                  {.repeatable = true}));
  } while (numbered == kBatch);
  holds_ = holds;
  return holds;
}

absl::Status Relay::NumberIn(sql::Tx& tx, bool* holds, int64_t* numbered) {
  Held held;
  RETURN_IF_ERROR(
      tx.Lock("SELECT holder, expire_time, number FROM event_relay"
              " WHERE name = 'relay'",
              {}, [&](const sql::Row& row) {
                held = {row.String(0), row.Int(1), row.Int(2)};
                return absl::OkStatus();
              }));
  ASSIGN_OR_RETURN(
      const int64_t now,
      tx.One("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000"
             " AS BIGINT)",
             {}, "", [](const sql::Row& row) { return row.Int(0); }));
  *holds = held.holder == holder_ || held.expire_time <= now;
  *numbered = 0;
  if (!*holds) return absl::OkStatus();

  ASSIGN_OR_RETURN(
      *numbered,
      tx.Execute("UPDATE events SET number = given.number FROM ("
                 "  SELECT id, $1 + row_number() OVER (ORDER BY id) AS number"
                 "  FROM events WHERE number IS NULL ORDER BY id LIMIT $2"
                 ") AS given WHERE events.id = given.id",
                 {held.number, kBatch}));
  return tx
      .Execute(
          "UPDATE event_relay SET holder = $1, expire_time = $2, number = $3"
          " WHERE name = 'relay'",
          {holder_, now + kLeaseMicros, held.number + *numbered})
      .status();
}

absl::StatusOr<bool> Relay::Publish(int64_t latest) {
  if (publisher_ == nullptr || !holds_) return false;
  absl::StatusOr<bool> more = PublishSome(latest);
  if (!more.ok()) published_.reset();
  return more;
}

absl::StatusOr<bool> Relay::PublishSome(int64_t latest) {
  if (!published_.has_value()) {
    ASSIGN_OR_RETURN(const int64_t last, publisher_->Last());
    const int64_t back = last > 0 ? kBackfillMax : kRestart;
    published_ = std::max({int64_t{0}, last, latest - back});
  }
  if (*published_ >= latest) return false;
  v1::ReadEventsResponse batch;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) {
    batch.Clear();
    return ReadIn(reader, source_, *published_, kPublishBatch, &batch);
  }));
  if (batch.events().empty()) return false;
  const std::vector<v1::Event> events(
      std::make_move_iterator(batch.mutable_events()->begin()),
      std::make_move_iterator(batch.mutable_events()->end()));
  RETURN_IF_ERROR(publisher_->Publish(events));
  published_ = events.back().number();
  return *published_ < latest;
}

}  // namespace praxis::events
