// ScopeWatch: the events of one scope, as a stream that never ends.
#ifndef SERVICES_COMMON_EVENTS_SERVER_SCOPE_WATCH_H_
#define SERVICES_COMMON_EVENTS_SERVER_SCOPE_WATCH_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/events/tail.h"
#include "services/common/rpc/stream.h"

namespace praxis::events {

// What a service answers to those who watch one of its scopes. The first
// message holds only the number that the watch begins behind; so do others when
// many events of other scopes have gone by, lest its caller has to have all of
// those looked through when it comes again. Every other message is an event,
// without data and access, in the order of the numbers.
class ScopeWatch : public rpc::ServerStream<v1::Event> {
 public:
  // `tail` outlives it. `after` as for Tail::Begin. FIELD_INVALID.
  static absl::StatusOr<std::unique_ptr<rpc::ServerStream<v1::Event>>> Open(
      Tail& tail, const std::string& scope, std::optional<int64_t> after);
  ~ScopeWatch() override;

  absl::StatusOr<rpc::Pulled> Next(v1::Event* message) override;
  void WhenReady(std::function<void()> ready) override;
  // Unless the table is to be read.
  bool IsQuick() const override;
  bool IsLive() const override { return true; }

 private:
  ScopeWatch(Tail& tail, std::string scope, int64_t position)
      : tail_(tail), scope_(std::move(scope)) {
    position_->store(position);
  }

  rpc::Pulled Tell(v1::Event* message);

  Tail& tail_;
  const std::string scope_;
  // Up to here all is given. Shared with the tail's callback, which moves it on
  // past the events of others while this waits, and may come too late.
  const std::shared_ptr<std::atomic<int64_t>> position_ =
      std::make_shared<std::atomic<int64_t>>();
  // The newest number given; -1: none yet.
  int64_t told_ = -1;
  // Read from the table and still to be given, and up to where that is all.
  std::deque<v1::Event> read_;
  int64_t read_to_ = 0;
  std::atomic<int64_t> waiting_ = 0;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_SERVER_SCOPE_WATCH_H_
