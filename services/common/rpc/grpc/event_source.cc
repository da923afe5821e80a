#include "services/common/rpc/grpc/event_source.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/time_util.h"
#include "grpcpp/channel.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/event_watch.h"
#include "services/common/rpc/grpc/service_token.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

using events::v1::ReadEventsResponse;

constexpr char kReadEvents[] = "/praxis.events.v1.EventService/ReadEvents";
constexpr char kAckEvents[] = "/praxis.events.v1.EventService/AckEvents";
// Callers wait for it to know who may do what.
constexpr absl::Duration kReadTimeout = absl::Seconds(2);
// Well below a lease: there must be time for another try.
constexpr absl::Duration kAckTimeout = absl::Seconds(1);
// A program that ends waits for it; a lease is over by itself soon enough.
constexpr absl::Duration kLeaveTimeout = absl::Milliseconds(500);
constexpr absl::Duration kRestMin = absl::Milliseconds(50);
constexpr absl::Duration kRestMax = absl::Seconds(2);
// So that a watch notices in the end whatever gRPC does not, and the source is
// rid of one that nobody listens to.
constexpr absl::Duration kWatchMax = absl::Seconds(30);
// Events that a watch may be behind, having been read elsewhere, and still be
// quicker than a new one.
constexpr int64_t kBehindMax = 1000;

}  // namespace

GrpcSource::GrpcSource(std::shared_ptr<grpc::Channel> channel,
                       ServiceToken& token, std::string name)
    : channel_(std::move(channel)), token_(token), name_(std::move(name)) {}

GrpcSource::~GrpcSource() = default;

absl::StatusOr<ReadEventsResponse> GrpcSource::Read(int64_t after, int limit) {
  events::v1::ReadEventsRequest request;
  request.set_after(after);
  request.set_page_size(limit);
  request.set_source(name_);
  ReadEventsResponse response;
  RETURN_IF_ERROR(Call(kReadEvents, kReadTimeout, request, &response));
  return response;
}

absl::StatusOr<events::Grant> GrpcSource::Ack(absl::string_view consumer,
                                              int64_t number) {
  events::v1::AckEventsRequest request;
  request.set_consumer(std::string(consumer));
  request.set_number(number);
  request.set_source(name_);
  events::v1::AckEventsResponse response;
  RETURN_IF_ERROR(Call(kAckEvents, kAckTimeout, request, &response));
  return events::Grant{
      .latest = response.latest(),
      .lease = absl::Microseconds(
          google::protobuf::util::TimeUtil::DurationToMicroseconds(
              response.lease()))};
}

absl::Status GrpcSource::Leave(absl::string_view consumer) {
  events::v1::AckEventsRequest request;
  request.set_consumer(std::string(consumer));
  request.set_source(name_);
  request.set_leaving(true);
  events::v1::AckEventsResponse response;
  ASSIGN_OR_RETURN(const std::string token, token_.Get());
  return CallUnary(channel_, kAckEvents,
                   {.token = token, .timeout = kLeaveTimeout}, request,
                   &response);
}

absl::Status GrpcSource::Call(const std::string& path, absl::Duration timeout,
                              const google::protobuf::Message& request,
                              google::protobuf::Message* response) {
  ASSIGN_OR_RETURN(const std::string token, token_.Get());
  absl::Status status = CallUnary(
      channel_, path, {.token = token, .timeout = timeout}, request, response);
  if (ReasonOf(status) != errors::v1::TOKEN_INVALID) return status;
  token_.Drop(token);
  ASSIGN_OR_RETURN(const std::string renewed, token_.Get());
  return CallUnary(channel_, path, {.token = renewed, .timeout = timeout},
                   request, response);
}

absl::StatusOr<ReadEventsResponse> GrpcSource::Next(int64_t after, int limit,
                                                    absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  ReadEventsResponse response;
  response.set_latest(after);
  int64_t wakes;
  {
    absl::MutexLock lock(&mutex_);
    wakes = wakes_;
  }
  while (absl::Now() < end) {
    {
      absl::MutexLock lock(&mutex_);
      if (IsOver(wakes)) break;
    }
    if (Await(after, limit, end, wakes, &response)) break;
    RestAfterFailure(end, wakes);
  }
  return response;
}

bool GrpcSource::Await(int64_t after, int limit, absl::Time end, int64_t wakes,
                       ReadEventsResponse* response) {
  absl::StatusOr<Watching> watching = TakeWatch(after);
  if (!watching.ok()) {
    absl::MutexLock lock(&mutex_);
    ++failures_;
    return false;
  }
  EventWatch* const watch = watching->watch.get();
  {
    absl::MutexLock lock(&mutex_);
    if (IsOver(wakes)) return true;
    awaited_.insert(watch);
  }
  const absl::Status status = Receive(*watching, after, limit, end, response);
  if (ReasonOf(status) == errors::v1::TOKEN_INVALID) {
    token_.Drop(watching->token);
  }
  absl::MutexLock lock(&mutex_);
  awaited_.erase(watch);
  const bool failed =
      !status.ok() && ReasonOf(status) != errors::v1::DEADLINE_EXCEEDED;
  failures_ = failed ? failures_ + 1 : 0;
  // One that has not brought what is known by now may be at a replica that is
  // stuck. What was put back by another ends here, too.
  if (status.ok() && watching->position >= after) {
    std::swap(idle_, *watching);
  }
  return status.ok();
}

absl::StatusOr<GrpcSource::Watching> GrpcSource::TakeWatch(int64_t after) {
  Watching watching;
  {
    absl::MutexLock lock(&mutex_);
    std::swap(idle_, watching);
  }
  if (watching.watch != nullptr && watching.position <= after &&
      after - watching.position <= kBehindMax) {
    return watching;
  }
  watching = {.position = after};
  ASSIGN_OR_RETURN(watching.token, token_.Get());
  events::v1::WatchEventsRequest request;
  request.set_after(after);
  request.set_source(name_);
  watching.watch =
      std::make_unique<EventWatch>(channel_,
                                   CallOptions{.token = watching.token,
                                               .timeout = kWatchMax,
                                               .wait_for_ready = true},
                                   request);
  return watching;
}

absl::Status GrpcSource::Receive(Watching& watching, int64_t after, int limit,
                                 absl::Time end, ReadEventsResponse* response) {
  events::v1::WatchEventsResponse message;
  auto& events = *message.mutable_events();
  while (events.empty()) {
    ASSIGN_OR_RETURN(const bool came, watching.watch->Next(end, &message));
    if (!came || events.empty()) return absl::OkStatus();
    watching.position = events.rbegin()->number();
    events.erase(events.begin(),
                 std::find_if(events.begin(), events.end(),
                              [after](const events::v1::Event& event) {
                                return event.number() > after;
                              }));
  }
  // Then the watch is ahead, and what is left out comes from a new one.
  if (events.size() > limit) {
    events.DeleteSubrange(limit, events.size() - limit);
  }
  response->mutable_events()->Swap(&events);
  response->set_latest(message.latest());
  return absl::OkStatus();
}

void GrpcSource::RestAfterFailure(absl::Time end, int64_t wakes) {
  absl::MutexLock lock(&mutex_);
  if (failures_ == 0) return;
  absl::Duration rest = kRestMin * (1 << std::min(failures_, 10));
  // With jitter: the consumers of one source do not come back in step.
  thread_local absl::InsecureBitGen random;
  rest = std::min(rest, kRestMax) * absl::Uniform(random, 0.5, 1.0);
  const auto over = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return IsOver(wakes);
  };
  mutex_.AwaitWithDeadline(absl::Condition(&over),
                           std::min(end, absl::Now() + rest));
}

void GrpcSource::Interrupt() {
  absl::MutexLock lock(&mutex_);
  interrupted_ = true;
  for (EventWatch* watch : awaited_) watch->Cancel();
}

void GrpcSource::Wake() {
  absl::MutexLock lock(&mutex_);
  ++wakes_;
  for (EventWatch* watch : awaited_) watch->Cancel();
}

}  // namespace praxis::rpc
