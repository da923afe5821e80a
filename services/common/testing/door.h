// Door: a source of events that a test can shut.
#ifndef SERVICES_COMMON_TESTING_DOOR_H_
#define SERVICES_COMMON_TESTING_DOOR_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/events/source.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"

namespace praxis::testing {

// A log behind a door: while it is shut, reading fails; a reader can be held
// between its answer and its return. Counts the reads.
class Door : public events::Source {
 public:
  explicit Door(events::Log& log) : log_(log) {}

  const std::string& name() const override { return log_.name(); }
  absl::StatusOr<events::v1::ReadEventsResponse> Read(int64_t after,
                                                      int limit) override {
    ++reads;
    if (shut) {
      return Error(errors::v1::BACKEND_UNAVAILABLE, "The door is shut.");
    }
    auto response = log_.Read(after, limit);
    if (hold.exchange(false)) {
      held = true;
      EXPECT_TRUE(Eventually([this] { return let_go.load(); }));
    }
    return response;
  }
  absl::StatusOr<events::v1::ReadEventsResponse> Next(
      int64_t after, int limit, absl::Duration timeout) override {
    // Deaf, as if nothing ever came: until someone wakes it.
    log_.WaitFor(deaf ? 1 << 30 : NumberInLog(after), timeout);
    return Read(after, limit);
  }
  absl::StatusOr<events::Grant> Ack(absl::string_view consumer,
                                    int64_t number) override {
    if (shut) {
      return Error(errors::v1::BACKEND_UNAVAILABLE, "The door is shut.");
    }
    if (before_ack) std::exchange(before_ack, nullptr)();
    acked = number;
    return log_.Ack(consumer, number);
  }
  absl::Status Leave(absl::string_view consumer) override {
    return log_.Leave(consumer);
  }
  void Interrupt() override { log_.Interrupt(); }
  void Wake() override { log_.Wake(); }

  std::atomic<bool> shut{false};
  std::atomic<bool> deaf{false};
  std::atomic<bool> hold{false};
  std::atomic<bool> held{false};
  std::atomic<bool> let_go{false};
  std::atomic<int> reads{0};
  // What was acknowledged last, and what happens once before that.
  std::atomic<int64_t> acked{-1};
  std::function<void()> before_ack;

 private:
  virtual int64_t NumberInLog(int64_t number) const { return number; }

  events::Log& log_;
};

// A log whose numbers are higher by so many until it goes back, as by a restore
// from a backup.
class GoingBack : public Door {
 public:
  GoingBack(events::Log& log, int64_t more) : Door(log), more_(more) {}

  absl::StatusOr<events::v1::ReadEventsResponse> Read(int64_t after,
                                                      int limit) override {
    const int64_t more = more_;
    auto response = Door::Read(std::max<int64_t>(0, after - more), limit);
    if (!response.ok()) return response;
    response->set_latest(response->latest() + more);
    for (events::v1::Event& event : *response->mutable_events()) {
      event.set_number(event.number() + more);
    }
    return response;
  }
  absl::StatusOr<events::Grant> Ack(absl::string_view consumer,
                                    int64_t number) override {
    auto grant = Door::Ack(consumer, number - more_);
    if (grant.ok()) grant->latest += more_;
    return grant;
  }
  void GoBack() { more_ = 0; }

 private:
  int64_t NumberInLog(int64_t number) const override { return number - more_; }

  std::atomic<int64_t> more_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_DOOR_H_
