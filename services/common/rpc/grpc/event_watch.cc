#include "services/common/rpc/grpc/event_watch.h"

#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

constexpr char kWatchEvents[] = "/praxis.events.v1.EventService/WatchEvents";

}  // namespace

// Reads are begun by who takes a message, so the call is held until there will
// be none any more.
EventWatch::EventWatch(const std::shared_ptr<grpc::Channel>& channel,
                       const CallOptions& options,
                       const events::v1::WatchEventsRequest& request)
    : stub_(channel), request_(BufferOf(request.SerializeAsString())) {
  Prepare(options, &context_);
  stub_.PrepareBidiStreamingCall(&context_, kWatchEvents, grpc::StubOptions(),
                                 this);
  StartWriteLast(&request_, grpc::WriteOptions());
  StartRead(&bytes_);
  AddHold();
  StartCall();
}

EventWatch::~EventWatch() {
  Cancel();
  absl::MutexLock lock(&mutex_);
  closing_ = true;
  // Else the read under way ends it.
  if (came_) RemoveHold();
  mutex_.Await(absl::Condition(&done_));
}

absl::StatusOr<bool> EventWatch::Next(
    absl::Time end, events::v1::WatchEventsResponse* message) {
  {
    absl::MutexLock lock(&mutex_);
    const auto due = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return came_ || done_;
    };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&due), end)) return false;
    if (!came_) {
      RETURN_IF_ERROR(FromGrpcStatus(status_));
      return Error(errors::v1::BACKEND_UNAVAILABLE,
                   "The source ended a watch.");
    }
    RETURN_IF_ERROR(ParseFrom(bytes_, message));
    came_ = false;
    bytes_.Clear();
  }
  StartRead(&bytes_);
  return true;
}

void EventWatch::OnReadDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  if (!ok || closing_) return RemoveHold();
  came_ = true;
}

void EventWatch::OnDone(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  status_ = status;
  done_ = true;
}

}  // namespace praxis::rpc
