// A unary call of a remote upstream.
#ifndef GATEWAY_UPSTREAM_REMOTE_REMOTE_CALL_H_
#define GATEWAY_UPSTREAM_REMOTE_REMOTE_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "gateway/upstream/remote/attempts.h"
#include "gateway/upstream/remote/backend.h"
#include "gateway/upstream/upstream.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/byte_buffer.h"

namespace praxis::gateway {

// What is called, shared by its calls.
struct RemoteMethod {
  // "/package.Service/Method"
  std::string path;
  Repeatable repeatable;
};

// Lives until it is done, and as long as somebody may cancel it.
class RemoteCall : public Running, public Attempts {
 public:
  RemoteCall(Backend& backend, std::shared_ptr<const RemoteMethod> method,
             rpc::Incoming incoming, absl::string_view message,
             absl::AnyInvocable<void(rpc::Reply)> done);

  void Begin();
  void Cancel() override;

 private:
  void Start() override;
  void GiveUp(absl::Status status) override;
  void OnStatus(const grpc::Status& status);
  void End(rpc::Reply reply);

  const std::shared_ptr<const RemoteMethod> method_;
  const absl::string_view message_;
  absl::AnyInvocable<void(rpc::Reply)> done_;
  const grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  // How a write's last attempt failed, of which nobody knows whether it acted.
  absl::Status unclear_;
  absl::Mutex mutex_;
  // Of the attempt under way; each needs one of its own.
  std::optional<grpc::ClientContext> context_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_REMOTE_CALL_H_
