#include "services/common/events/server/scope_watch.h"

#include "services/common/status/status.h"

namespace praxis::events {
namespace {

// Numbers that may go by before the caller is told how far it has come.
constexpr int64_t kTellEvery = 1000;

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::ServerStream<v1::Event>>> ScopeWatch::Open(
    Tail& tail, const std::string& scope, std::optional<int64_t> after) {
  ASSIGN_OR_RETURN(const int64_t position, tail.Begin(after));
  return std::unique_ptr<rpc::ServerStream<v1::Event>>(
      new ScopeWatch(tail, scope, position));
}

ScopeWatch::~ScopeWatch() { tail_.Cancel(scope_, waiting_); }

absl::StatusOr<rpc::Pulled> ScopeWatch::Next(v1::Event* message) {
  if (told_ < 0) return Tell(message);
  while (true) {
    if (!read_.empty()) {
      *message = std::move(read_.front());
      read_.pop_front();
      *position_ = read_.empty() ? read_to_ : message->number();
      told_ = message->number();
      return rpc::Pulled::kMessage;
    }
    const std::optional<Tail::Found> found = tail_.Find(scope_, *position_);
    if (found.has_value()) {
      *position_ = found->position;
      if (found->event != nullptr) {
        *message = *found->event;
        told_ = found->position;
        return rpc::Pulled::kMessage;
      }
      if (*position_ - told_ >= kTellEvery) return Tell(message);
      return rpc::Pulled::kWait;
    }
    ASSIGN_OR_RETURN(read_to_, tail_.ReadTable(scope_, *position_, &read_));
    if (!read_.empty()) continue;
    *position_ = read_to_;
    if (*position_ - told_ >= kTellEvery) return Tell(message);
  }
}

// How far the caller has come.
rpc::Pulled ScopeWatch::Tell(v1::Event* message) {
  told_ = *position_;
  message->set_number(told_);
  return rpc::Pulled::kMessage;
}

// `ready` may be called within, and this wait again on another thread before
// the id is here. Then the id of the later wait may be lost: that callback
// finds nobody when its time comes.
void ScopeWatch::WhenReady(std::function<void()> ready) {
  waiting_ = tail_.WhenNews(
      scope_, *position_,
      [position = position_, ready = std::move(ready)](int64_t to) {
        *position = to;
        ready();
      });
}

bool ScopeWatch::IsQuick() const {
  return told_ < 0 || !read_.empty() || tail_.Holds(*position_);
}

}  // namespace praxis::events
