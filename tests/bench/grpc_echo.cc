// The least that a gRPC server can do, to hold ours against: it answers the
// request's own bytes, registered as generated code registers methods (which
// costs 3 us less a call than gRPC's generic service). Says in one line of JSON
// where it listens, and serves until SIGTERM.
#include <csignal>
#include <cstdio>
#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "services/common/rpc/grpc/raw_service.h"

namespace praxis::bench {
namespace {

class Echo : public rpc::RawService {
 public:
  Echo() {
    AddUnary("/bench.Echo/Echo",
             [](Context* context, const Buffer* request, Buffer* response) {
               *response = *request;
               grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
               reactor->Finish(grpc::Status::OK);
               return reactor;
             });
  }
};

int Main() {
  // Blocked before gRPC starts threads, so that all of them inherit it.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  Echo echo;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&echo);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::fprintf(stderr, "{\"message\":\"serving\",\"grpc_port\":%d}\n", port);
  int signal = 0;
  sigwait(&stop, &signal);
  server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace praxis::bench

int main() { return praxis::bench::Main(); }
