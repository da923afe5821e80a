#include "services/common/rpc/grpc/event_source.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/random/random.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/time_util.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/service_token.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

constexpr char kReadEvents[] = "/praxis.events.v1.EventService/ReadEvents";
constexpr char kAckEvents[] = "/praxis.events.v1.EventService/AckEvents";
// Callers wait for it to know who may do what.
constexpr absl::Duration kReadTimeout = absl::Seconds(2);
// Well below a lease: there must be time for another try.
constexpr absl::Duration kAckTimeout = absl::Seconds(1);
constexpr char kWatchEvents[] = "/praxis.events.v1.EventService/WatchEvents";
constexpr absl::Duration kRestMin = absl::Milliseconds(50);
constexpr absl::Duration kRestMax = absl::Seconds(2);
// So that a watch notices in the end whatever gRPC does not.
constexpr absl::Duration kWatchMax = absl::Minutes(5);

// Waits for the first message of a stream, then ends it.
class FirstMessage
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  FirstMessage(const std::shared_ptr<grpc::Channel>& channel,
               grpc::ClientContext* context,
               const google::protobuf::Message& request)
      : stub_(channel),
        context_(context),
        request_(BufferOf(request.SerializeAsString())) {
    stub_.PrepareBidiStreamingCall(context, kWatchEvents, grpc::StubOptions(),
                                   this);
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&message_);
    StartCall();
  }

  // Whether it came. Blocks until the stream has ended.
  bool Await(absl::Status* status) {
    done_.WaitForNotification();
    *status = FromGrpcStatus(status_);
    return came_;
  }

  void OnReadDone(bool ok) override {
    came_ = ok;
    if (ok) context_->TryCancel();
  }
  void OnDone(const grpc::Status& status) override {
    status_ = status;
    done_.Notify();
  }

 private:
  grpc::GenericStub stub_;
  grpc::ClientContext* const context_;
  const grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  grpc::Status status_;
  std::atomic<bool> came_ = false;
  absl::Notification done_;
};

}  // namespace

GrpcSource::GrpcSource(std::shared_ptr<grpc::Channel> channel,
                       ServiceToken& token, std::string name)
    : channel_(std::move(channel)), token_(token), name_(std::move(name)) {}

GrpcSource::~GrpcSource() = default;

absl::StatusOr<events::v1::ReadEventsResponse> GrpcSource::Read(int64_t after,
                                                                int limit) {
  events::v1::ReadEventsRequest request;
  request.set_after(after);
  request.set_page_size(limit);
  request.set_source(name_);
  events::v1::ReadEventsResponse response;
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

void GrpcSource::WaitFor(int64_t after, absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  int64_t wakes;
  {
    absl::MutexLock lock(&mutex_);
    wakes = wakes_;
  }
  while (absl::Now() < end) {
    {
      absl::MutexLock lock(&mutex_);
      if (IsOver(wakes)) return;
    }
    if (Watch(after, end, wakes)) return;
    Rest(end, wakes);
  }
}

bool GrpcSource::Watch(int64_t after, absl::Time end, int64_t wakes) {
  events::v1::WatchEventsRequest request;
  request.set_after(after);
  request.set_source(name_);
  const absl::StatusOr<std::string> token = token_.Get();
  if (!token.ok()) {
    absl::MutexLock lock(&mutex_);
    ++failures_;
    return false;
  }
  grpc::ClientContext context;
  Prepare({.token = *token,
           .timeout = std::min(end - absl::Now(), kWatchMax),
           .wait_for_ready = true},
          &context);
  {
    absl::MutexLock lock(&mutex_);
    if (IsOver(wakes)) return false;
    watches_.insert(&context);
  }
  absl::Status status;
  FirstMessage message(channel_, &context, request);
  const bool came = message.Await(&status);
  if (ReasonOf(status) == errors::v1::TOKEN_INVALID) token_.Drop(*token);
  absl::MutexLock lock(&mutex_);
  watches_.erase(&context);
  const bool failed =
      !came && ReasonOf(status) != errors::v1::DEADLINE_EXCEEDED;
  failures_ = failed ? failures_ + 1 : 0;
  return came;
}

void GrpcSource::Rest(absl::Time end, int64_t wakes) {
  absl::MutexLock lock(&mutex_);
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
  for (grpc::ClientContext* context : watches_) context->TryCancel();
}

void GrpcSource::Wake() {
  absl::MutexLock lock(&mutex_);
  ++wakes_;
  for (grpc::ClientContext* context : watches_) context->TryCancel();
}

}  // namespace praxis::rpc
