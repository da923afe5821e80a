#include "services/common/events/log.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/common/events/schema/schema.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::events {
namespace {

constexpr int kReadMax = 1000;
// After a failed look at the table, when no commit asks for one earlier.
constexpr std::chrono::seconds kRetryAfter(1);
// So that "for ever" does not overflow a time point.
constexpr absl::Duration kWaitMax = absl::Hours(24);

int64_t MicrosOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1'000;
}

absl::StatusOr<int64_t> NewestIn(sql::Reader& reader) {
  return reader.One("SELECT max(number) FROM events", {}, "",
                    [](const sql::Row& row) { return row.Int(0); });
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

  State(sql::Database& database, absl::string_view source)
      : db(database), name(source.data(), source.size()) {}

  void Committed();
  void Follow();
  bool Look();
  bool IsDue(int64_t after) const {
    return interrupted || latest.load() > after;
  }
  void CallDue(std::unique_lock<std::mutex>& lock);
  void Call(std::unique_lock<std::mutex>& lock, int64_t id);

  sql::Database& db;
  const std::string name;
  std::atomic<int64_t> latest{0};

  std::mutex mutex;
  // To the thread: a commit, or stop. From it: latest has grown, or a callback
  // has returned.
  std::condition_variable asked;
  std::condition_variable advanced;
  bool committed = true;
  bool stopping = false;
  bool interrupted = false;
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

// The log's thread. With PostgreSQL the relay's work is done here, between a
// commit and the look at what is numbered.
void Log::State::Follow() {
  bool failed = false;
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    const auto due = [this] { return committed || stopping; };
    if (failed) {
      asked.wait_for(lock, kRetryAfter, due);
    } else {
      asked.wait(lock, due);
    }
    if (stopping) return;
    committed = false;
    lock.unlock();
    failed = !Look();
    lock.lock();
    advanced.notify_all();
    CallDue(lock);
  }
}

bool Log::State::Look() {
  const absl::Status status = db.Read([this](sql::Reader& reader) {
    const absl::StatusOr<int64_t> newest = NewestIn(reader);
    if (newest.ok()) latest.store(*newest);
    return newest.status();
  });
  if (!status.ok()) spdlog::error("events: {}: {}", name, status.ToString());
  return status.ok();
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

Log::Log(sql::Database& db, absl::string_view source)
    : state_(std::make_shared<State>(db, source)) {
  state_->Look();
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
  v1::ReadEventsResponse response;
  RETURN_IF_ERROR(state_->db.Read([&](sql::Reader& reader) -> absl::Status {
    response.Clear();
    RETURN_IF_ERROR(reader.Query(
        "SELECT number, body, type, name FROM events WHERE number > $1"
        " ORDER BY number LIMIT $2",
        {after, std::clamp(limit, 1, kReadMax)}, [&](const sql::Row& row) {
          v1::Event& event = *response.add_events();
          const absl::string_view body = row.Text(1);
          if (!event.ParseFromArray(body.data(), body.size())) {
            spdlog::error("events: {}: number {} does not parse", name(),
                          row.Int(0));
            event.Clear();
            event.set_type(row.String(2));
            event.set_name(row.String(3));
          }
          event.set_number(row.Int(0));
          event.set_source(name());
          return absl::OkStatus();
        }));
    ASSIGN_OR_RETURN(const int64_t latest, NewestIn(reader));
    response.set_latest(latest);
    return absl::OkStatus();
  }));
  return response;
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
