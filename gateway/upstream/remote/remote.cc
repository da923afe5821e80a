#include "gateway/upstream/remote/remote.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/upstream/remote/calls.h"
#include "gateway/upstream/remote/remote_stream.h"
#include "google/protobuf/descriptor.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

constexpr absl::Duration kCheckLimit = absl::Seconds(1);

// A unary call. Lives until it is done, and as long as somebody may cancel it.
class RemoteCall : public Running {
 private:
  const CallCount count_;

 public:
  explicit RemoteCall(std::shared_ptr<Calls> calls)
      : count_(std::move(calls)) {}

  void Cancel() override {
    cancelled = true;
    context.TryCancel();
  }

  std::atomic<bool> cancelled{false};
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  absl::AnyInvocable<void(rpc::Reply)> done;
};

}  // namespace

class Remote::Stub {
 public:
  explicit Stub(const std::string& addresses)
      : stub_(rpc::OpenChannel(addresses)) {}

  ~Stub() { calls_->AwaitNone(); }

  grpc::GenericStub& operator*() { return stub_; }
  const std::shared_ptr<Calls>& calls() const { return calls_; }

  // Starts `call`, whose context, request and `done` are set.
  void Start(const std::string& path, std::shared_ptr<RemoteCall> call) {
    RemoteCall& at = *call;
    stub_.UnaryCall(
        &at.context, path, grpc::StubOptions(), &at.request, &at.response,
        [call = std::move(call)](const grpc::Status& status) {
          rpc::Reply reply;
          reply.status = rpc::FromGrpcStatus(status, call->cancelled);
          const rpc::Bytes bytes(call->response);
          reply.message = std::string(bytes.view());
          // It may hold what holds the call.
          auto done = std::move(call->done);
          done(std::move(reply));
        });
  }

 private:
  const std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  grpc::GenericStub stub_;
};

class Remote::RemoteEndpoint : public Endpoint {
 public:
  RemoteEndpoint(std::shared_ptr<Stub> stub, std::string path)
      : stub_(std::move(stub)), path_(std::move(path)) {}

  std::shared_ptr<Running> Unary(
      rpc::Incoming incoming, absl::string_view message,
      absl::AnyInvocable<void(rpc::Reply)> done) override {
    auto call = std::make_shared<RemoteCall>(stub_->calls());
    SetContext(incoming, &call->context);
    call->request = rpc::BufferOf(std::string(message));
    call->done = std::move(done);
    stub_->Start(path_, call);
    return call;
  }

  std::unique_ptr<rpc::StreamCall> ServerStream(rpc::Incoming incoming,
                                                std::string request) override {
    return std::make_unique<RemoteServerStream>(**stub_, stub_->calls(), path_,
                                                incoming, std::move(request));
  }

  std::unique_ptr<rpc::StreamCall> ClientStream(
      rpc::Incoming incoming) override {
    return std::make_unique<RemoteClientStream>(**stub_, stub_->calls(), path_,
                                                incoming);
  }

 private:
  const std::shared_ptr<Stub> stub_;
  const std::string path_;
};

Remote::Remote(std::string name, const std::string& addresses)
    : name_(std::move(name)), stub_(std::make_shared<Stub>(addresses)) {}

Remote::~Remote() = default;

std::unique_ptr<Endpoint> Remote::Bind(
    const google::protobuf::MethodDescriptor& method) {
  return std::make_unique<RemoteEndpoint>(
      stub_,
      absl::StrCat("/", method.service()->full_name(), "/", method.name()));
}

// The health service answers without a token and also when it is overloaded.
void Remote::Check(absl::AnyInvocable<void(std::vector<Health>)> done) {
  using grpc::health::v1::HealthCheckResponse;
  auto call = std::make_shared<RemoteCall>(stub_->calls());
  call->context.set_deadline(absl::ToChronoTime(absl::Now() + kCheckLimit));
  call->request = rpc::BufferOf("");  // HealthCheckRequest of the whole server
  call->done = [name = name_,
                done = std::move(done)](const rpc::Reply& reply) mutable {
    std::vector<Health> lines;
    lines.push_back({name, reply.status});
    HealthCheckResponse response;
    if (reply.status.ok() && response.ParseFromString(reply.message)) {
      lines.push_back(
          {absl::StrCat(name, "/database"),
           response.status() == HealthCheckResponse::SERVING
               ? absl::OkStatus()
               : Error(Reason::BACKEND_UNAVAILABLE, "It does not serve now.")});
    }
    done(std::move(lines));
  };
  stub_->Start("/grpc.health.v1.Health/Check", std::move(call));
}

}  // namespace praxis::gateway
