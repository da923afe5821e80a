#include "services/common/rpc/grpc/reflection_service.h"

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

using grpc::ByteBuffer;
using grpc::reflection::v1::ServerReflectionRequest;

// One conversation: a question is read, answered, and only then the next one.
class Conversation final
    : public grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>,
      public OpenStream,
      public std::enable_shared_from_this<Conversation> {
 public:
  static Conversation* Open(const Reflection& reflection,
                            OpenStreams& streams) {
    std::shared_ptr<Conversation> reactor(
        new Conversation(reflection, streams));
    reactor->self_ = reactor;
    reactor->StartRead(&reactor->question_);
    streams.Add(reactor);
    return reactor.get();
  }

  void OnReadDone(bool ok) override {
    // The caller has no more questions, or is gone.
    if (!ok) return FinishOnce(grpc::Status::OK);
    ServerReflectionRequest request;
    const Bytes bytes(question_);
    if (!request.ParseFromArray(bytes.view().data(),
                                static_cast<int>(bytes.view().size()))) {
      return FinishOnce(
          ToGrpcStatus(Error(errors::v1::MESSAGE_INVALID,
                             "The message is no ServerReflectionRequest.")));
    }
    answer_ = BufferOf(reflection_.Answer(request).SerializeAsString());
    absl::MutexLock lock(&mutex_);
    if (!finished_) StartWrite(&answer_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return FinishOnce(grpc::Status::CANCELLED);
    absl::MutexLock lock(&mutex_);
    if (!finished_) StartRead(&question_);
  }

  void OnCancel() override { FinishOnce(grpc::Status::CANCELLED); }
  void End() override { FinishOnce(ToGrpcStatus(ServerStops())); }

  void OnDone() override {
    streams_.Remove(this);
    const std::shared_ptr<Conversation> self = std::move(self_);
  }

 private:
  Conversation(const Reflection& reflection, OpenStreams& streams)
      : reflection_(reflection), streams_(streams) {}

  // Also while a read or a write is under way: gRPC then ends it.
  void FinishOnce(grpc::Status status) {
    absl::MutexLock lock(&mutex_);
    if (std::exchange(finished_, true)) return;
    Finish(std::move(status));
  }

  const Reflection& reflection_;
  OpenStreams& streams_;
  ByteBuffer question_;
  ByteBuffer answer_;
  absl::Mutex mutex_;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Conversation> self_;
};

}  // namespace

ReflectionService::ReflectionService(absl::string_view name,
                                     const Reflection& reflection,
                                     OpenStreams& streams) {
  AddBidiStream(
      absl::StrCat("/", name, "/ServerReflectionInfo"),
      [&](Context*) { return Conversation::Open(reflection, streams); });
}

}  // namespace praxis::rpc
