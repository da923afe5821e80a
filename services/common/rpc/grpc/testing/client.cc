#include "services/common/rpc/grpc/testing/client.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/status.h"

namespace praxis::testing {
namespace {

constexpr std::chrono::seconds kPatience(60);

}  // namespace

std::shared_ptr<grpc::Channel> Connect(int port) {
  grpc::ChannelArguments arguments;
  // Else channels to one address share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials(),
                                   arguments);
}

GrpcCall::GrpcCall(std::shared_ptr<grpc::Channel> channel,
                   const std::string& path, const Setup& setup)
    : stub_(std::move(channel)) {
  if (setup != nullptr) setup(context_);
  stream_ = stub_.PrepareCall(&context_, path, &queue_);
  stream_->StartCall(this);
  (void)Await(this);
}

GrpcCall::~GrpcCall() {
  if (!finished_) {
    Cancel();
    (void)Finish();
  }
  queue_.Shutdown();
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool GrpcCall::Await(void* tag) {
  void* got = nullptr;
  bool ok = false;
  const auto status =
      queue_.AsyncNext(&got, &ok, std::chrono::system_clock::now() + kPatience);
  if (status != grpc::CompletionQueue::GOT_EVENT || got != tag) std::abort();
  return ok;
}

bool GrpcCall::Write(const std::string& message) {
  stream_->Write(rpc::BufferOf(message), this);
  return Await(this);
}

bool GrpcCall::WritesDone() {
  stream_->WritesDone(this);
  return Await(this);
}

std::optional<std::string> GrpcCall::Read() {
  grpc::ByteBuffer buffer;
  stream_->Read(&buffer, this);
  if (!Await(this)) return std::nullopt;
  return std::string(rpc::Bytes(buffer).view());
}

grpc::Status GrpcCall::Finish() {
  // gRPC gives the status only after the last message.
  while (Read().has_value()) {
  }
  grpc::Status status;
  stream_->Finish(&status, this);
  (void)Await(this);
  finished_ = true;
  return status;
}

absl::Status GrpcCall::Status() { return rpc::FromGrpcStatus(Finish()); }

absl::StatusOr<std::string> GrpcCall::Unary(const std::string& message) {
  (void)Write(message);
  (void)WritesDone();
  std::optional<std::string> reply = Read();
  absl::Status status = Status();
  if (!status.ok()) return status;
  if (!reply.has_value()) return absl::InternalError("OK without a message");
  return *std::move(reply);
}

GrpcCall::Setup WithToken(const std::string& token) {
  return [token](grpc::ClientContext& context) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  };
}

EchoRim::EchoRim(rpc::GrpcServer::Options options) {
  options.address = "127.0.0.1:0";
  options.served.push_back({&echo_.pipeline(), nullptr});
  server_ = *rpc::GrpcServer::Start(std::move(options));
  channel_ = Connect(server_->port());
}

EchoRim::~EchoRim() {
  // Handlers that wait for the test would hold the server.
  echo_.state().gate.Open();
}

}  // namespace praxis::testing
