// A server stream of a remote upstream.
#ifndef GATEWAY_UPSTREAM_REMOTE_REMOTE_SERVER_STREAM_H_
#define GATEWAY_UPSTREAM_REMOTE_REMOTE_SERVER_STREAM_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/upstream/remote/backend.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::gateway {

// A server stream. One message is read at a time, so HTTP/2's flow control
// holds the service back when nobody pulls.
class RemoteServerStream : public rpc::StreamCall {
 public:
  // `repeatable`: it may be opened again while no message has come.
  RemoteServerStream(Backend& backend, const std::string& path,
                     rpc::Incoming incoming, std::string request,
                     bool repeatable);
  ~RemoteServerStream() override;

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

#endif  // GATEWAY_UPSTREAM_REMOTE_REMOTE_SERVER_STREAM_H_
