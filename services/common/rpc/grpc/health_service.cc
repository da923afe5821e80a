#include "services/common/rpc/grpc/health_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/refusal.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

std::optional<HealthCheckRequest> Parse(const ByteBuffer& buffer) {
  HealthCheckRequest request;
  const Bytes bytes(buffer);
  const absl::string_view view = bytes.view();
  if (!buffer.Valid() ||
      !request.ParseFromArray(view.data(), static_cast<int>(view.size()))) {
    return std::nullopt;
  }
  return request;
}

absl::Status NotARequest() {
  return Error(errors::v1::MESSAGE_INVALID,
               "The message is no grpc.health.v1.HealthCheckRequest.");
}

ByteBuffer Serialize(HealthBoard::Status status) {
  HealthCheckResponse response;
  response.set_status(status);
  return BufferOf(response.SerializeAsString());
}

grpc::ServerUnaryReactor* Check(HealthBoard& board,
                                CallbackServerContext& context,
                                const ByteBuffer& request,
                                ByteBuffer* response) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  const std::optional<HealthCheckRequest> parsed = Parse(request);
  if (!parsed.has_value()) {
    reactor->Finish(ToGrpcStatus(NotARequest()));
    return reactor;
  }
  const HealthBoard::Status status = board.Of(parsed->service());
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    reactor->Finish(ToGrpcStatus(
        Error(errors::v1::RESOURCE_NOT_FOUND, "No such service is served.")));
    return reactor;
  }
  ByteBuffer buffer = Serialize(status);
  response->Swap(&buffer);
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

// One Watch: writes the newest status whenever it differs from the last one
// written. A watcher who is slow misses what was between.
class WatchReactor final : public grpc::ServerWriteReactor<ByteBuffer>,
                           public OpenStream,
                           public std::enable_shared_from_this<WatchReactor> {
 public:
  static WatchReactor* Open(HealthBoard& board, OpenStreams& streams,
                            const std::string& service) {
    std::shared_ptr<WatchReactor> reactor(new WatchReactor(board, streams));
    reactor->self_ = reactor;
    reactor->id_ = board.Watch(
        service, [weak = reactor->weak_from_this()](HealthBoard::Status news) {
          if (auto self = weak.lock()) self->Show(news);
        });
    streams.Add(reactor);
    return reactor.get();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) over_ = true;
    Step();
  }

  void OnCancel() override { Stop(grpc::Status::CANCELLED); }
  void End() override { Stop(ToGrpcStatus(ServerStops())); }

  void OnDone() override {
    board_.Unwatch(id_);
    streams_.Remove(this);
    const std::shared_ptr<WatchReactor> self = std::move(self_);
  }

 private:
  WatchReactor(HealthBoard& board, OpenStreams& streams)
      : board_(board), streams_(streams) {}

  void Show(HealthBoard::Status status) {
    absl::MutexLock lock(&mutex_);
    newest_ = status;
    Step();
  }

  void Stop(grpc::Status status) {
    absl::MutexLock lock(&mutex_);
    over_ = true;
    end_ = std::move(status);
    Step();
  }

  // Begins what is next, if nothing is under way.
  void Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_) return;
    if (newest_ != written_ && !over_) {
      written_ = newest_;
      buffer_ = Serialize(*newest_);
      writing_ = true;
      StartWrite(&buffer_);
    } else if (over_) {
      finished_ = true;
      Finish(end_);
    }
  }

  HealthBoard& board_;
  OpenStreams& streams_;
  int64_t id_ = 0;
  ByteBuffer buffer_;
  absl::Mutex mutex_;
  std::optional<HealthBoard::Status> newest_ ABSL_GUARDED_BY(mutex_);
  std::optional<HealthBoard::Status> written_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status end_ ABSL_GUARDED_BY(mutex_) = grpc::Status::CANCELLED;
  std::shared_ptr<WatchReactor> self_;
};

}  // namespace

HealthService::HealthService(HealthBoard& board, OpenStreams& streams) {
  AddUnary("/grpc.health.v1.Health/Check",
           [&board](Context* context, const Buffer* request, Buffer* response) {
             return Check(board, *context, *request, response);
           });
  AddServerStream(
      "/grpc.health.v1.Health/Watch",
      [&board, &streams](Context*, const Buffer* request)
          -> grpc::ServerWriteReactor<Buffer>* {
        const std::optional<HealthCheckRequest> parsed = Parse(*request);
        if (!parsed.has_value()) {
          return new Refusal<grpc::ServerWriteReactor<Buffer>>(NotARequest());
        }
        return WatchReactor::Open(board, streams, parsed->service());
      });
}

}  // namespace praxis::rpc
