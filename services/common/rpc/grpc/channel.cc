#include "services/common/rpc/grpc/channel.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/grpc.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/trace.h"

namespace praxis::rpc {
namespace {

// What gRPC calls it: it looks a list up as one name unless it is told not to.
std::string TargetOf(const std::string& address) {
  return absl::StrContains(address, ',') ? absl::StrCat("ipv4:", address)
                                         : address;
}

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  // A process that hangs is found out within 4.5 s, which is less than calls
  // have by default: those that were safe to repeat still can be.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 2000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 2500);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // 0: pings need no data between them; servers permit one a second.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  // Or it would look for a proxy in the environment (http_proxy).
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // The gateway tries again itself, and nothing is compressed between services.
  // A call by way of these two layers costs a tenth more CPU.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
  return grpc::CreateCustomChannel(
      TargetOf(address), grpc::InsecureChannelCredentials(), arguments);
}

void Prepare(const CallOptions& options, grpc::ClientContext* context) {
  context->set_deadline(absl::ToChronoTime(absl::Now() + options.timeout));
  context->set_wait_for_ready(options.wait_for_ready);
  // What a program asks of its own accord, again and again, is no trace that
  // anybody looks for.
  const auto trace =
      telemetry::TraceContext::Start(/*sampled=*/false).Traceparent();
  context->AddMetadata("traceparent", std::string(trace.view()));
  if (!options.token.empty()) {
    context->AddMetadata("authorization",
                         absl::StrCat("Bearer ", options.token));
  }
}

// By a queue of its own: gRPC's threads, which call back, are two where there
// are few cores, and a handler that they run may be what waits here.
absl::Status CallUnary(const std::shared_ptr<grpc::Channel>& channel,
                       const std::string& path, const CallOptions& options,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  Prepare(options, &context);
  const grpc::ByteBuffer sent = BufferOf(request.SerializeAsString());
  grpc::ByteBuffer received;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, path, sent, &queue);
  call->StartCall();
  call->Finish(&received, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  if (!status.ok()) {
    return FromGrpcStatus(status, /*may_be_cancelled=*/false);
  }
  return ParseFrom(received, response);
}

}  // namespace praxis::rpc
