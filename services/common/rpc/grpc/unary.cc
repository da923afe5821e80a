#include "services/common/rpc/grpc/unary.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/metadata.h"
#include "services/common/rpc/grpc/refusal.h"
#include "services/common/rpc/grpc/status.h"

namespace praxis::rpc {
namespace {

// One call. It is deleted when gRPC is done with it.
class UnaryReactor : public grpc::ServerUnaryReactor {
 public:
  explicit UnaryReactor(const grpc::ByteBuffer& request) : request_(request) {}

  void Run(Pipeline& pipeline, const Handler& handler,
           grpc::CallbackServerContext& context, grpc::ByteBuffer* response) {
    Incoming incoming = IncomingOf(context);
    cancelled_ = incoming.cancelled;
    pipeline.Unary(
        handler, std::move(incoming), request_.view(),
        [this, &context, response](Reply reply) {
          if (!reply.status.ok()) {
            return Finish(ToGrpcStatus(reply.status));
          }
          if (reply.access_position > 0) {
            context.AddTrailingMetadata(kAccessPosition,
                                        absl::StrCat(reply.access_position));
          }
          grpc::ByteBuffer buffer = BufferOf(std::move(reply.message));
          response->Swap(&buffer);
          Finish(grpc::Status::OK);
        });
  }

  void OnCancel() override { cancelled_->store(true); }
  void OnDone() override { delete this; }

  // Both reactions are trivial, so gRPC may run them where it stands instead of
  // handing them to another thread, as it does for its own reactor.
  bool InternalInlineable() override { return true; }

 private:
  const Bytes request_;
  CancelFlag cancelled_;
};

}  // namespace

grpc::ServerUnaryReactor* RunUnary(Pipeline& pipeline, const Handler& handler,
                                   grpc::CallbackServerContext& context,
                                   const grpc::ByteBuffer& request,
                                   grpc::ByteBuffer* response) {
  if (!request.Valid()) {
    return new Refusal<grpc::ServerUnaryReactor>(MessageMissing());
  }
  auto* reactor = new UnaryReactor(request);
  reactor->Run(pipeline, handler, context, response);
  return reactor;
}

}  // namespace praxis::rpc
