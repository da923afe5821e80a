#include "gateway/upstream/remote/remote.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/upstream/health.h"
#include "gateway/upstream/remote/backend.h"
#include "gateway/upstream/remote/calls.h"
#include "gateway/upstream/remote/remote_call.h"
#include "gateway/upstream/remote/remote_client_stream.h"
#include "gateway/upstream/remote/remote_server_stream.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

constexpr absl::Duration kCheckLimit = absl::Seconds(1);

// A call of the health service: one attempt, whatever is known of the backend.
struct HealthCall {
  explicit HealthCall(std::shared_ptr<Calls> calls) : count(std::move(calls)) {}

  const CallCount count;
  grpc::ClientContext context;
  // GetStatusRequest has no fields.
  const grpc::ByteBuffer request = rpc::BufferOf("");
  grpc::ByteBuffer response;
  absl::AnyInvocable<void(std::vector<Health>)> done;
};

}  // namespace

class Remote::RemoteEndpoint : public Endpoint {
 public:
  RemoteEndpoint(Backend& backend, RemoteMethod method)
      : backend_(backend),
        method_(std::make_shared<const RemoteMethod>(std::move(method))) {}

  std::shared_ptr<Running> Unary(
      rpc::Incoming incoming, absl::string_view message,
      absl::AnyInvocable<void(rpc::Reply)> done) override {
    auto call = std::make_shared<RemoteCall>(
        backend_, method_, std::move(incoming), message, std::move(done));
    call->Begin();
    return call;
  }

  std::unique_ptr<rpc::StreamCall> ServerStream(rpc::Incoming incoming,
                                                std::string request) override {
    const bool repeatable = method_->repeatable.Is(request);
    return std::make_unique<RemoteServerStream>(backend_, method_->path,
                                                std::move(incoming),
                                                std::move(request), repeatable);
  }

  std::unique_ptr<rpc::StreamCall> ClientStream(
      rpc::Incoming incoming) override {
    return std::make_unique<RemoteClientStream>(backend_, method_->path,
                                                std::move(incoming));
  }

 private:
  Backend& backend_;
  const std::shared_ptr<const RemoteMethod> method_;
};

Remote::Remote(std::string name, const std::string& addresses,
               telemetry::Registry& registry, Breaker::Options breaker)
    : name_(std::move(name)),
      backend_(std::make_unique<Backend>(name_, addresses, breaker, registry)) {
}

Remote::~Remote() = default;

std::unique_ptr<Endpoint> Remote::Bind(
    const google::protobuf::MethodDescriptor& method) {
  return std::make_unique<RemoteEndpoint>(
      *backend_, RemoteMethod{absl::StrCat("/", method.service()->full_name(),
                                           "/", method.name()),
                              Repeatable(method)});
}

// StatusService answers without a token and also when it is overloaded. A
// service that has none, of an older version, does as far as one can see.
void Remote::Check(absl::AnyInvocable<void(std::vector<Health>)> done) {
  auto call = std::make_shared<HealthCall>(backend_->calls());
  const absl::Time begin = absl::Now();
  rpc::Prepare({.timeout = kCheckLimit}, &call->context);
  call->done = std::move(done);
  HealthCall& at = *call;
  backend_->stub().UnaryCall(
      &at.context, "/praxis.ops.v1.StatusService/GetStatus",
      grpc::StubOptions(), &at.request, &at.response,
      [this, begin, call = std::move(call)](const grpc::Status& grpc_status) {
        const absl::Status status =
            rpc::FromGrpcStatus(grpc_status, /*may_be_cancelled=*/false);
        // Or what calls found would stand until the next one.
        if (Backend::IsAnswer(grpc_status)) backend_->Reached();
        ops::v1::GetStatusResponse response;
        const rpc::Bytes bytes(call->response);
        response.ParseFromArray(bytes.view().data(),
                                static_cast<int>(bytes.view().size()));
        std::vector<Health> lines = HealthOf(
            name_, response.services().empty() ? ops::v1::ServiceStatus()
                                               : response.services(0));
        if (ReasonOf(status) != Reason::METHOD_UNKNOWN) {
          lines.front().status = status;
        }
        lines.front().latency = absl::Now() - begin;
        // It may hold what holds the call.
        auto done = std::move(call->done);
        done(std::move(lines));
      });
}

}  // namespace praxis::gateway
