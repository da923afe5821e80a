#include "services/common/events/acks.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include "services/common/events/lease_clock.h"
#include "services/common/status/status.h"

namespace praxis::events {
namespace {

constexpr absl::Duration kForgetAfter = absl::Hours(1);

int64_t DrawBeat() {
  thread_local std::mt19937_64 random(std::random_device{}());
  return static_cast<int64_t>(random() >> 1);
}

std::vector<Acknowledgement>::iterator FindIn(std::vector<Acknowledgement>& all,
                                              absl::string_view consumer) {
  return std::find_if(all.begin(), all.end(), [&](const Acknowledgement& ack) {
    return ack.consumer == consumer;
  });
}

// Beats are drawn at random: their sum tells one set from another.
uint64_t BeatsOf(const std::vector<Acknowledgement>& all) {
  uint64_t sum = 0;
  for (const Acknowledgement& ack : all) sum += static_cast<uint64_t>(ack.beat);
  return sum;
}

}  // namespace

Acks::Acks(sql::Database& db, Options options)
    : db_(db), options_(options), start_(LeaseNow()), view_(options.lease) {}

absl::Status Acks::Put(absl::string_view consumer, int64_t number) {
  const int64_t beat = DrawBeat();
  if (db_.dialect() == sql::Dialect::kPostgres) {
    return db_.Write(
        [&](sql::Tx& tx) {
          return tx
              .Execute(
                  "INSERT INTO event_acks (consumer, number, beat)"
                  " VALUES ($1, $2, $3) ON CONFLICT (consumer) DO UPDATE"
                  " SET number = excluded.number, beat = excluded.beat",
                  {consumer, number, beat})
              .status();
        },
        {.repeatable = true});
  }
  std::lock_guard<std::mutex> lock(mutex_);
  const auto known = FindIn(all_, consumer);
  if (known == all_.end()) {
    all_.push_back({std::string(consumer), number, beat});
  } else {
    known->number = number;
    known->beat = beat;
  }
  view_.Observe(all_, LeaseNow());
  return absl::OkStatus();
}

absl::Status Acks::Remove(absl::string_view consumer) {
  if (db_.dialect() == sql::Dialect::kPostgres) {
    return db_.Write(
        [&](sql::Tx& tx) {
          return tx
              .Execute("DELETE FROM event_acks WHERE consumer = $1", {consumer})
              .status();
        },
        {.repeatable = true});
  }
  std::lock_guard<std::mutex> lock(mutex_);
  const auto known = FindIn(all_, consumer);
  if (known != all_.end()) all_.erase(known);
  view_.Observe(all_, LeaseNow());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Acknowledgement>> Acks::All() {
  std::vector<Acknowledgement> all;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) {
    all.clear();
    return reader.Query(
        "SELECT consumer, number, beat FROM event_acks", {},
        [&](const sql::Row& row) {
          all.push_back({row.String(0), row.Int(1), row.Int(2)});
          return absl::OkStatus();
        });
  }));
  return all;
}

absl::StatusOr<bool> Acks::Passed(int64_t number) {
  if (db_.dialect() == sql::Dialect::kSqlite) {
    std::lock_guard<std::mutex> lock(mutex_);
    const absl::Duration now = LeaseNow();
    return now - start_ >= options_.grace && view_.Passed(number, now);
  }
  // Before the read: what is seen for the first time counts from here at the
  // earliest, and a lease that is over now was over before the read.
  const absl::Duration now = LeaseNow();
  ASSIGN_OR_RETURN(std::vector<Acknowledgement> all, All());
  std::lock_guard<std::mutex> lock(mutex_);
  view_.Observe(all, LeaseNow());
  all_ = std::move(all);
  return view_.Passed(number, now);
}

absl::StatusOr<bool> Acks::Observe() {
  const bool shared = db_.dialect() == sql::Dialect::kPostgres;
  std::vector<Acknowledgement> all;
  if (shared) {
    ASSIGN_OR_RETURN(all, All());
  }
  std::vector<Acknowledgement> lapsed;
  bool changed = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    changed = shared && BeatsOf(all) != BeatsOf(all_);
    if (shared) all_ = std::move(all);
    view_.Observe(all_, LeaseNow());
    lapsed = view_.Lapsed(kForgetAfter, LeaseNow());
    if (!shared) {
      for (const Acknowledgement& ack : lapsed) {
        all_.erase(FindIn(all_, ack.consumer));
      }
    }
  }
  if (shared && !lapsed.empty()) RETURN_IF_ERROR(Forget(lapsed));
  return changed;
}

// Unless it has come back: then its beat is another.
absl::Status Acks::Forget(const std::vector<Acknowledgement>& lapsed) {
  return db_.Write([&](sql::Tx& tx) -> absl::Status {
    for (const Acknowledgement& ack : lapsed) {
      RETURN_IF_ERROR(
          tx.Execute("DELETE FROM event_acks WHERE consumer = $1 AND beat = $2",
                     {ack.consumer, ack.beat})
              .status());
    }
    return absl::OkStatus();
  });
}

std::vector<Acknowledgement> Acks::Snapshot() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return all_;
}

}  // namespace praxis::events
