#include "tests/simulation/relay_database.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::simulation {
namespace {

// A row of integers and texts.
class Cells : public sql::Row {
 public:
  struct Cell {
    int64_t number = 0;
    absl::string_view text;
  };
  Cells(std::initializer_list<Cell> cells) : cells_(cells) {}

  bool IsNull(int) const override { return false; }
  int64_t Int(int column) const override { return cells_[column].number; }
  absl::string_view Text(int column) const override {
    return cells_[column].text;
  }

 private:
  const std::vector<Cell> cells_;
};

absl::Status Conflict() { return absl::AbortedError("40001"); }

}  // namespace

// A snapshot, and what is to be committed.
class RelayDatabase::Transaction : public sql::Tx {
 public:
  explicit Transaction(RelayDatabase& db)
      : db_(db), tables_(db.tables_), snapshot_(tables_.commits) {}
  ~Transaction() override {
    if (locked_) tables_.relay.locked = false;
  }

  absl::Status Query(const char* sql, sql::Params params,
                     sql::RowCallback row) override;
  absl::Status Lock(const char* sql, sql::Params params,
                    sql::RowCallback row) override;
  absl::StatusOr<int64_t> Execute(const char* sql, sql::Params params) override;
  sql::Dialect dialect() const override { return sql::Dialect::kPostgres; }

  void Commit();

 private:
  bool Numbered(const EventRow& row) const {
    return row.number > 0 && row.numbered_at <= snapshot_;
  }
  bool Waits(const EventRow& row) const {
    return row.committed_at > 0 && row.committed_at <= snapshot_ &&
           !Numbered(row);
  }
  // The events after a number.
  absl::Status Select(int64_t after, int64_t limit, sql::RowCallback row) const;
  void Number(int64_t after, int64_t limit);
  void PublishDirty();

  RelayDatabase& db_;
  SourceTables& tables_;
  const uint64_t snapshot_;
  bool locked_ = false;
  std::vector<std::pair<int64_t, int64_t>> numbers_;
  std::optional<SourceTables::RelayRow> relay_;
};

absl::Status RelayDatabase::Transaction::Query(const char* sql,
                                               sql::Params params,
                                               sql::RowCallback row) {
  RETURN_IF_ERROR(db_.Step());
  if (absl::StartsWith(sql,
                       "SELECT EXISTS (SELECT 1 FROM events WHERE number"
                       " IS NULL), holder, expire_time > ")) {
    const bool waiting =
        std::any_of(tables_.rows().begin(), tables_.rows().end(),
                    [&](const EventRow& event) { return Waits(event); });
    const bool held = tables_.relay.expire_time > db_.kernel_.now();
    return row(Cells({{waiting, ""}, {0, tables_.relay.holder}, {held, ""}}));
  }
  if (absl::StartsWith(sql, "SELECT CAST(extract(epoch FROM clock_")) {
    return row(Cells({{db_.kernel_.now(), ""}}));
  }
  if (absl::StartsWith(sql, "SELECT number, body, type, name FROM events")) {
    return Select(params.begin()[0].number(), params.begin()[1].number(), row);
  }
  return db_.Unknown(sql);
}

absl::Status RelayDatabase::Transaction::Select(int64_t after, int64_t limit,
                                                sql::RowCallback row) const {
  for (int64_t n = after + 1; n <= tables_.newest() && n <= after + limit;
       ++n) {
    const EventRow& event = tables_.row(tables_.IdOf(n));
    if (!Numbered(event)) break;
    RETURN_IF_ERROR(row(Cells({{n, ""}, {0, event.body}, {0, ""}, {0, ""}})));
  }
  return absl::OkStatus();
}

absl::Status RelayDatabase::Transaction::Lock(const char* sql, sql::Params,
                                              sql::RowCallback row) {
  if (!absl::StartsWith(sql, "SELECT holder, expire_time, number FROM")) {
    return db_.Unknown(sql);
  }
  // The snapshot is older than this.
  RETURN_IF_ERROR(db_.Step());
  SourceTables::RelayRow& relay = tables_.relay;
  if (db_.bug_ != Bug::kRelayWithoutRowCheck) {
    // Here nobody can wait for the other to end: it is on this very stack.
    if (relay.locked) return absl::UnavailableError("lock timeout");
    if (relay.changed_at > snapshot_) return Conflict();
    relay.locked = true;
    locked_ = true;
  }
  return row(
      Cells({{0, relay.holder}, {relay.expire_time, ""}, {relay.number, ""}}));
}

absl::StatusOr<int64_t> RelayDatabase::Transaction::Execute(
    const char* sql, sql::Params params) {
  RETURN_IF_ERROR(db_.Step());
  const sql::Param* const param = params.begin();
  if (absl::StartsWith(sql, "UPDATE events SET number = given.number FROM (") &&
      absl::StrContains(sql, "$1 + row_number() OVER (ORDER BY id)") &&
      absl::StrContains(sql, "WHERE number IS NULL ORDER BY id LIMIT $2")) {
    Number(param[0].number(), param[1].number());
    return static_cast<int64_t>(numbers_.size());
  }
  if (absl::StartsWith(sql, "UPDATE event_relay SET holder = $1")) {
    const absl::string_view holder = param[0].bytes();
    relay_ = {.holder = std::string(holder.data(), holder.size()),
              .expire_time = param[1].number(),
              .number = param[2].number()};
    return 1;
  }
  return db_.Unknown(sql);
}

void RelayDatabase::Transaction::Number(int64_t after, int64_t limit) {
  numbers_.clear();
  for (const EventRow& event : tables_.rows()) {
    if (static_cast<int64_t>(numbers_.size()) == limit) break;
    if (Waits(event)) numbers_.emplace_back(event.id, ++after);
  }
  if (db_.bug_ == Bug::kPublishBeforeCommit) PublishDirty();
}

void RelayDatabase::Transaction::PublishDirty() {
  std::vector<events::v1::Event> dirty;
  for (const auto& [id, number] : numbers_) {
    dirty.emplace_back().ParseFromString(tables_.row(id).body);
    dirty.back().set_number(number);
  }
  db_.publisher_.Publish(dirty).IgnoreError();
}

void RelayDatabase::Transaction::Commit() {
  if (!numbers_.empty() || relay_.has_value()) ++tables_.commits;
  for (const auto& [id, number] : numbers_) tables_.GiveNumber(id, number);
  if (relay_.has_value()) {
    const bool locked = tables_.relay.locked;
    tables_.relay = *std::move(relay_);
    tables_.relay.locked = locked;
    tables_.relay.changed_at = tables_.commits;
  }
  if (!numbers_.empty()) tables_.committed.Notify(db_.kernel_);
}

absl::Status RelayDatabase::Unknown(absl::string_view sql) {
  kernel_.Fail(absl::StrCat("not simulated: ", sql));
  return absl::UnimplementedError("not simulated");
}

absl::Status RelayDatabase::Step() {
  // Mostly quick; now and then the process stands still for longer than its
  // lease.
  Random& random = kernel_.random;
  const Micros time = random.Chance(2) ? random.Between(0, 4 * kSecond)
                                       : random.Between(50, 3'000);
  kernel_.RunUntil(kernel_.now() + time);
  if (kernel_.failed() || node_.life() != life_ || random.Chance(1)) {
    return absl::UnavailableError("the connection is gone");
  }
  return absl::OkStatus();
}

absl::Status RelayDatabase::Read(
    absl::FunctionRef<absl::Status(sql::Reader&)> body, const sql::Limit&) {
  Transaction tx(*this);
  return body(tx);
}

absl::Status RelayDatabase::Write(
    absl::FunctionRef<absl::Status(sql::Tx&)> body, const sql::WriteOptions&) {
  constexpr int kTriesMax = 5;
  for (int i = 0; i < kTriesMax; ++i) {
    Transaction tx(*this);
    absl::Status status = body(tx);
    if (absl::IsAborted(status)) continue;
    RETURN_IF_ERROR(status);
    status = Step();
    // Of a connection lost at COMMIT nobody knows.
    if (status.ok() || kernel_.random.Chance(50)) tx.Commit();
    if (status.ok() || node_.life() != life_) return status;
  }
  return absl::UnavailableError("40001 again and again");
}

absl::Status RelayDatabase::Script(const std::string& sql) {
  return Unknown(sql);
}

}  // namespace praxis::simulation
