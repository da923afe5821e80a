// A gRPC client for tests: by method path and wire bytes, one step at a time.
#ifndef SERVICES_COMMON_RPC_GRPC_TESTING_CLIENT_H_
#define SERVICES_COMMON_RPC_GRPC_TESTING_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/echo.h"

namespace praxis::testing {

constexpr char kEcho[] = "/praxis.testing.v1.EchoService/Echo";
constexpr char kWhoAmI[] = "/praxis.testing.v1.EchoService/WhoAmI";
constexpr char kFail[] = "/praxis.testing.v1.EchoService/Fail";
constexpr char kBlock[] = "/praxis.testing.v1.EchoService/Block";
constexpr char kCount[] = "/praxis.testing.v1.EchoService/Count";
constexpr char kSum[] = "/praxis.testing.v1.EchoService/Sum";

// A connection of its own to a server on this machine.
std::shared_ptr<grpc::Channel> Connect(int port);

// One call of any kind. Each step blocks until gRPC has taken it; a step that
// takes longer than a test should ends the test program.
class GrpcCall {
 public:
  using Setup = std::function<void(grpc::ClientContext&)>;

  GrpcCall(std::shared_ptr<grpc::Channel> channel, const std::string& path,
           const Setup& setup = nullptr);
  // Cancels what has not been finished.
  ~GrpcCall();

  // False when the call is over.
  bool Write(const std::string& message);
  bool WritesDone();
  std::optional<std::string> Read();
  // The status, as gRPC has it and as one of ours. Skips messages that were not
  // read, and ends the call.
  grpc::Status Finish();
  absl::Status Status();

  void Cancel() { context_.TryCancel(); }

  // One request, the messages that follow ignored but for the first.
  absl::StatusOr<std::string> Unary(const std::string& message);

 private:
  bool Await(void* tag);

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool finished_ = false;
};

// Sends `token` as a bearer token.
GrpcCall::Setup WithToken(const std::string& token);

// A unary call with messages.
template <typename Response>
absl::StatusOr<Response> CallUnary(std::shared_ptr<grpc::Channel> channel,
                                   const std::string& path,
                                   const google::protobuf::Message& request,
                                   const GrpcCall::Setup& setup = nullptr) {
  GrpcCall call(std::move(channel), path, setup);
  absl::StatusOr<std::string> bytes = call.Unary(request.SerializeAsString());
  if (!bytes.ok()) return bytes.status();
  Response response;
  if (!response.ParseFromString(*bytes)) {
    return absl::InternalError("the response does not parse");
  }
  return response;
}

// The test service behind a real server.
class EchoRim {
 public:
  explicit EchoRim(rpc::GrpcServer::Options options = {});
  ~EchoRim();

  TestHost& host() { return host_; }
  EchoState& state() { return echo_.state(); }
  EchoServer& echo() { return echo_; }
  rpc::GrpcServer& server() { return *server_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }

 private:
  TestHost host_;
  EchoServer echo_{host_};
  std::unique_ptr<rpc::GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_RPC_GRPC_TESTING_CLIENT_H_
