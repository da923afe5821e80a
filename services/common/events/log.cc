#include "services/common/events/log.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/events/instance_name.h"
#include "services/common/events/lease_clock.h"
#include "services/common/events/read.h"
#include "services/common/events/relay.h"
#include "services/common/events/schema/schema.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::events {
namespace {

constexpr int kReadMax = 1000;
// After a failed look at the table, when no commit asks for one earlier.
constexpr std::chrono::milliseconds kRetryAfter(1000);
// How long a reader waits for numbers of what is committed.
constexpr absl::Duration kNumberedSoon = absl::Seconds(1);
// So that "for ever" does not overflow a time point.
constexpr absl::Duration kWaitMax = absl::Hours(24);

// On PostgreSQL, how often to look at acknowledgements that came by others, and
// for events whose announcement got lost.
constexpr std::chrono::milliseconds kTick(1000);
// While another replica has the relay's lease and there is work for it.
constexpr std::chrono::milliseconds kElsewhere(200);
// While the stream is away.
constexpr absl::Duration kWarnEvery = absl::Minutes(1);
// A waiter for acknowledgements looks again so often: leases end in silence.
constexpr absl::Duration kLookAgain = absl::Milliseconds(50);

int64_t MicrosOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1'000;
}

}  // namespace

absl::Status Emit(sql::Tx& tx, const v1::Event& event) {
  return tx
      .Execute(
          "INSERT INTO events (time, type, name, body) VALUES ($1, $2, $3, $4)",
          {MicrosOf(event.time()), event.type(), event.name(),
           sql::Param::Blob(event.SerializeAsString())})
      .status();
}

const sql::Schema& LogSchema() {
  static const auto& schema = *new sql::Schema(EventsSchema());
  return schema;
}

// What the log shares with the database's commit callback, which may outlive
// it.
struct Log::State {
  struct Waiter {
    int64_t after;
    std::function<void()> callback;
  };

  State(sql::Database& database, absl::string_view source,
        const LogOptions& options)
      : db(database),
        name(source.data(), source.size()),
        acks(database, options.acks),
        relay(database, name, DrawInstanceName(), options.publisher) {}

  void Committed();
  void Follow();
  // Does what commits have left to do; how long to rest unless one comes.
  std::chrono::milliseconds Advance();
  std::chrono::milliseconds Publish();
  absl::Status Relay(bool* elsewhere);
  // The newest number there is, which it tells all who wait.
  absl::StatusOr<int64_t> Look();
  absl::Status CheckNumber(int64_t number);
  absl::StatusOr<int64_t> Committed(const sql::Limit& limit);
  absl::StatusOr<std::optional<int64_t>> NumberedUpTo(
      std::optional<int64_t>* id);
  int64_t Generation();
  // Something has changed that someone in Rest may wait for.
  void Tell();
  absl::Status Rest(const sql::Limit& limit, int64_t seen);
  bool IsDue(int64_t after) const {
    return interrupted || latest.load() > after;
  }
  void CallDue(std::unique_lock<std::mutex>& lock);
  void Call(std::unique_lock<std::mutex>& lock, int64_t id);

  sql::Database& db;
  const std::string name;
  std::atomic<int64_t> latest{0};
  std::atomic<int64_t> published{0};
  Acks acks;
  // The log's thread only.
  events::Relay relay;
  absl::Duration publish_after = -absl::InfiniteDuration();
  absl::Duration warn_after = -absl::InfiniteDuration();

  std::mutex mutex;
  // To the thread: a commit, or stop. From it: latest has grown, or a callback
  // has returned. Also: a consumer has acknowledged.
  std::condition_variable asked;
  std::condition_variable advanced;
  bool committed = true;
  bool stopping = false;
  bool interrupted = false;
  // Grows with every change that someone in Rest may wait for.
  int64_t generation = 0;
  int64_t wakes = 0;

  int64_t next_id = 1;
  std::map<int64_t, Waiter> waiters;
  // Callbacks that run now, and where.
  std::map<int64_t, std::thread::id> running;

  std::thread thread;
};

void Log::State::Committed() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (std::exchange(committed, true)) return;
  }
  asked.notify_one();
}

// The log's thread.
void Log::State::Follow() {
  std::chrono::milliseconds rest(0);
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    asked.wait_for(lock, rest, [this] { return committed || stopping; });
    if (stopping) return;
    committed = false;
    lock.unlock();
    rest = Advance();
    lock.lock();
    advanced.notify_all();
    CallDue(lock);
  }
}

std::chrono::milliseconds Log::State::Advance() {
  bool elsewhere = false;
  const absl::Status status = Relay(&elsewhere);
  if (!status.ok()) {
    spdlog::error("events: {}: {}", name, status.ToString());
    return kRetryAfter;
  }
  const std::chrono::milliseconds rest = Publish();
  return elsewhere ? std::min(rest, kElsewhere) : rest;
}

// Not at every commit while the stream is away: each attempt takes time.
std::chrono::milliseconds Log::State::Publish() {
  const absl::Duration now = LeaseNow();
  if (now < publish_after) return kRetryAfter;
  const absl::StatusOr<bool> more = relay.Publish(latest.load());
  published.store(relay.published());
  if (more.ok()) return *more ? std::chrono::milliseconds(0) : kTick;
  publish_after = now + absl::FromChrono(kRetryAfter);
  if (now >= warn_after) {
    warn_after = now + kWarnEvery;
    spdlog::warn("events: {} is not published: {}", name,
                 more.status().ToString());
  }
  return kRetryAfter;
}

absl::Status Log::State::Relay(bool* elsewhere) {
  ASSIGN_OR_RETURN(const bool numbered, relay.Number());
  *elsewhere = !numbered;
  ASSIGN_OR_RETURN(const bool changed, acks.Observe());
  if (changed) Tell();
  return Look().status();
}

absl::StatusOr<int64_t> Log::State::Look() {
  int64_t newest = 0;
  RETURN_IF_ERROR(db.Read([&](sql::Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(newest, NewestIn(reader));
    return absl::OkStatus();
  }));
  {
    // Another look may have seen more and been here before.
    std::lock_guard<std::mutex> lock(mutex);
    if (newest <= latest.load()) return newest;
    latest.store(newest);
    ++generation;
  }
  advanced.notify_all();
  return newest;
}

// One at a time, since a callback may cancel another.
void Log::State::CallDue(std::unique_lock<std::mutex>& lock) {
  std::vector<int64_t> due;
  for (const auto& [id, waiter] : waiters) {
    if (IsDue(waiter.after)) due.push_back(id);
  }
  for (const int64_t id : due) Call(lock, id);
}

// Without holding the lock meanwhile.
void Log::State::Call(std::unique_lock<std::mutex>& lock, int64_t id) {
  const auto waiter = waiters.find(id);
  if (waiter == waiters.end()) return;
  std::function<void()> callback = std::move(waiter->second.callback);
  waiters.erase(waiter);
  running[id] = std::this_thread::get_id();
  lock.unlock();
  callback();
  callback = nullptr;
  lock.lock();
  running.erase(id);
  advanced.notify_all();
}

// A consumer cannot have what is not there, unless this log has lost it: by a
// restore from a backup, or a failover under this process, which `latest` knows
// nothing of. So the table is asked each time.
absl::Status Log::State::CheckNumber(int64_t number) {
  ASSIGN_OR_RETURN(const int64_t newest, Look());
  if (number >= 0 && number <= newest) return absl::OkStatus();
  return FieldErrors({{"number", absl::StrCat("must be of 0 to ", newest)}});
}

// A number that every event which is committed by now has come to, once it has
// one.
absl::StatusOr<int64_t> Log::State::Committed(const sql::Limit& limit) {
  if (db.dialect() == sql::Dialect::kSqlite) return Look();
  std::optional<int64_t> id;
  while (true) {
    const int64_t seen = Generation();
    ASSIGN_OR_RETURN(const std::optional<int64_t> number, NumberedUpTo(&id));
    if (number.has_value()) return *number;
    RETURN_IF_ERROR(Rest(limit, seen));
  }
}

// The newest number, if all events up to `*id` have one; of one snapshot. An id
// that is not set becomes the newest that this snapshot sees: all that is
// committed by now has an id up to that. A lower id may get its number later
// than a higher one, so each has to be looked for; one that commits only now is
// waited for too.
absl::StatusOr<std::optional<int64_t>> Log::State::NumberedUpTo(
    std::optional<int64_t>* id) {
  std::optional<int64_t> number;
  RETURN_IF_ERROR(db.Read([&](sql::Reader& reader) -> absl::Status {
    number.reset();
    int64_t first = 0;
    RETURN_IF_ERROR(
        reader.Query("SELECT id FROM events WHERE number IS NULL"
                     " ORDER BY id LIMIT 1",
                     {}, [&](const sql::Row& row) {
                       first = row.Int(0);
                       return absl::OkStatus();
                     }));
    if (first > 0 && !id->has_value()) {
      ASSIGN_OR_RETURN(*id,
                       reader.One("SELECT max(id) FROM events", {}, "",
                                  [](const sql::Row& r) { return r.Int(0); }));
    }
    if (first > 0 && first <= **id) return absl::OkStatus();
    ASSIGN_OR_RETURN(number, NewestIn(reader));
    return absl::OkStatus();
  }));
  return number;
}

int64_t Log::State::Generation() {
  std::lock_guard<std::mutex> lock(mutex);
  return generation;
}

void Log::State::Tell() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    ++generation;
  }
  advanced.notify_all();
}

// Waits until something has changed since the generation `seen`, but not for
// long.
absl::Status Log::State::Rest(const sql::Limit& limit, int64_t seen) {
  if (limit.cancelled != nullptr && limit.cancelled->load()) {
    return Error(errors::v1::CANCELLED, "The caller gave up; it is done.");
  }
  const absl::Duration left = limit.deadline - absl::Now();
  std::unique_lock<std::mutex> lock(mutex);
  if (left <= absl::ZeroDuration() || interrupted) {
    return Error(errors::v1::NOT_YET_EVERYWHERE,
                 "It is done, but not yet known everywhere; try again.");
  }
  advanced.wait_for(lock,
                    absl::ToChronoMicroseconds(std::min(left, kLookAgain)),
                    [&] { return generation != seen || interrupted; });
  return absl::OkStatus();
}

Log::Log(sql::Database& db, absl::string_view source, const LogOptions& options)
    : state_(std::make_shared<State>(db, source, options)) {
  const absl::Status status = state_->Look().status();
  if (!status.ok()) spdlog::error("events: {}: {}", name(), status.ToString());
  db.OnCommit([state = state_] { state->Committed(); });
  state_->thread = std::thread([state = state_.get()] { state->Follow(); });
}

Log::~Log() {
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->stopping = true;
  }
  state_->asked.notify_one();
  state_->thread.join();
}

const std::string& Log::name() const { return state_->name; }

int64_t Log::latest() const { return state_->latest.load(); }

absl::StatusOr<v1::ReadEventsResponse> Log::Read(int64_t after, int limit) {
  if (state_->db.dialect() == sql::Dialect::kPostgres) {
    // What its caller knows to be committed is to be in the answer; should the
    // relay have died, another takes over soon.
    const absl::Status status =
        state_->Committed({.deadline = absl::Now() + kNumberedSoon}).status();
    if (!status.ok() && ReasonOf(status) != errors::v1::NOT_YET_EVERYWHERE) {
      return status;
    }
  }
  v1::ReadEventsResponse response;
  RETURN_IF_ERROR(state_->db.Read([&](sql::Reader& reader) -> absl::Status {
    response.Clear();
    RETURN_IF_ERROR(ReadIn(reader, name(), after,
                           std::clamp(limit, 1, kReadMax), &response));
    ASSIGN_OR_RETURN(const int64_t latest, NewestIn(reader));
    response.set_latest(latest);
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<Grant> Log::Ack(absl::string_view consumer, int64_t number) {
  RETURN_IF_ERROR(state_->CheckNumber(number));
  RETURN_IF_ERROR(state_->acks.Put(consumer, number));
  state_->Tell();
  // After the acknowledgement is there: whoever did not see it had committed
  // before, and the number of that is in this answer.
  ASSIGN_OR_RETURN(const int64_t newest, state_->Look());
  return Grant{.latest = newest, .lease = state_->acks.lease()};
}

absl::Status Log::Leave(absl::string_view consumer) {
  RETURN_IF_ERROR(state_->acks.Remove(consumer));
  state_->Tell();
  return absl::OkStatus();
}

absl::Status Log::AwaitApplied(const sql::Limit& limit) {
  ASSIGN_OR_RETURN(const int64_t number, state_->Committed(limit));
  while (true) {
    const int64_t seen = state_->Generation();
    ASSIGN_OR_RETURN(const bool passed, state_->acks.Passed(number));
    if (passed) return absl::OkStatus();
    RETURN_IF_ERROR(state_->Rest(limit, seen));
  }
}

int64_t Log::published() const { return state_->published.load(); }

absl::StatusOr<v1::ReadEventsResponse> Log::Next(int64_t after, int limit,
                                                 absl::Duration timeout) {
  WaitFor(after, timeout);
  return Read(after, limit);
}

void Log::WaitFor(int64_t after, absl::Duration timeout) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  const int64_t wakes = state_->wakes;
  state_->advanced.wait_for(
      lock, absl::ToChronoMicroseconds(std::min(timeout, kWaitMax)),
      [&] { return state_->IsDue(after) || state_->wakes != wakes; });
}

void Log::Wake() {
  std::lock_guard<std::mutex> lock(state_->mutex);
  ++state_->wakes;
  state_->advanced.notify_all();
}

void Log::Interrupt() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->interrupted = true;
  state_->advanced.notify_all();
  state_->CallDue(lock);
}

int64_t Log::WhenAfter(int64_t after, std::function<void()> callback) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  const int64_t id = state_->next_id++;
  state_->waiters[id] = {after, std::move(callback)};
  if (state_->IsDue(after)) state_->Call(lock, id);
  return id;
}

void Log::Cancel(int64_t id) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->waiters.erase(id);
  const auto running = state_->running.find(id);
  if (running == state_->running.end() ||
      running->second == std::this_thread::get_id()) {
    return;
  }
  state_->advanced.wait(lock, [&] { return !state_->running.contains(id); });
}

}  // namespace praxis::events
