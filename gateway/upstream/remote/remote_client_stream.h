// A client stream of a remote upstream.
#ifndef GATEWAY_UPSTREAM_REMOTE_REMOTE_CLIENT_STREAM_H_
#define GATEWAY_UPSTREAM_REMOTE_REMOTE_CLIENT_STREAM_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/upstream/remote/backend.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::gateway {

// A client stream. A push is done when flow control has let it through.
class RemoteClientStream : public rpc::StreamCall {
 public:
  RemoteClientStream(Backend& backend, const std::string& path,
                     rpc::Incoming incoming);
  ~RemoteClientStream() override;

  void Pull(absl::AnyInvocable<void(Piece)> done) override;
  void Push(absl::string_view message,
            absl::AnyInvocable<void(absl::Status)> done) override;
  void Finish(absl::AnyInvocable<void(rpc::Reply)> done) override;
  void Cancel() override;

 private:
  class Call;
  const std::shared_ptr<Call> call_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_REMOTE_CLIENT_STREAM_H_
