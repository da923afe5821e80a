// Streams of a remote upstream.
#ifndef GATEWAY_UPSTREAM_REMOTE_REMOTE_STREAM_H_
#define GATEWAY_UPSTREAM_REMOTE_REMOTE_STREAM_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/upstream/remote/calls.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::gateway {

// Gives a call its deadline and the metadata that is passed on: authorization,
// traceparent and x-request-id.
void SetContext(const rpc::Incoming& incoming, grpc::ClientContext* context);

// A server stream. One message is read at a time, so HTTP/2's flow control
// holds the service back when nobody pulls.
class RemoteServerStream : public rpc::StreamCall {
 public:
  RemoteServerStream(grpc::GenericStub& stub, std::shared_ptr<Calls> calls,
                     const std::string& path, const rpc::Incoming& incoming,
                     std::string request);
  ~RemoteServerStream() override;

  void Pull(absl::AnyInvocable<void(Piece)> done) override;
  void Push(absl::string_view message,
            absl::AnyInvocable<void(absl::Status)> done) override;
  void Finish(absl::AnyInvocable<void(rpc::Reply)> done) override;
  void Cancel() override;

 private:
  class Reactor;
  const std::shared_ptr<Reactor> reactor_;
};

// A client stream. A push is done when flow control has let it through.
class RemoteClientStream : public rpc::StreamCall {
 public:
  RemoteClientStream(grpc::GenericStub& stub, std::shared_ptr<Calls> calls,
                     const std::string& path, const rpc::Incoming& incoming);
  ~RemoteClientStream() override;

  void Pull(absl::AnyInvocable<void(Piece)> done) override;
  void Push(absl::string_view message,
            absl::AnyInvocable<void(absl::Status)> done) override;
  void Finish(absl::AnyInvocable<void(rpc::Reply)> done) override;
  void Cancel() override;

 private:
  class Reactor;
  const std::shared_ptr<Reactor> reactor_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_REMOTE_STREAM_H_
