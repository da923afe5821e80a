// What the rim and the pipeline add to gRPC. Servers run in a process of their
// own, so that their CPU time is told from the caller's: compare the counter
// server_us, CPU microseconds of the server a call, of the rows of one run.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "benchmark/benchmark.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/raw_service.h"
#include "services/common/rpc/grpc/testing/client.h"

namespace praxis::rpc {
namespace {

constexpr int kInFlight = 64;
constexpr int kCallsABatch = 20000;

// The least that a gRPC server can do: the request's buffer is the answer.
class BareEcho : public RawService {
 public:
  BareEcho() {
    AddUnary(testing::kEcho,
             [](Context* context, const Buffer* request, Buffer* response) {
               *response = *request;
               grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
               reactor->Finish(grpc::Status::OK);
               return reactor;
             });
  }
};

// The same by gRPC's generic service.
class GenericEcho : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext*) override {
    class Reactor : public grpc::ServerGenericBidiReactor {
     public:
      Reactor() { StartRead(&buffer_); }
      void OnReadDone(bool) override {
        StartWriteAndFinish(&buffer_, {}, grpc::Status::OK);
      }
      void OnDone() override { delete this; }

     private:
      grpc::ByteBuffer buffer_;
    };
    return new Reactor;
  }
};

// Tells the parent the port and a token, serves until the parent is gone.
int Serve(const std::string& kind) {
  BareEcho bare;
  GenericEcho generic;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<testing::EchoRim> rim;
  std::string token = "none";
  int port = 0;
  if (kind == "rim") {
    rim = std::make_unique<testing::EchoRim>();
    port = rim->server().port();
    token = rim->host().TokenFor("members/ada");
  } else {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    if (kind == "bare") builder.RegisterService(&bare);
    if (kind == "generic") builder.RegisterCallbackGenericService(&generic);
    server = builder.BuildAndStart();
  }
  std::printf("%d %s\n", port, token.c_str());
  std::fflush(stdout);
  char ignored;
  while (read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  return 0;
}

// A server process.
class ServerProcess {
 public:
  explicit ServerProcess(const std::string& kind) {
    int to_child[2];
    int from_child[2];
    if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(from_child, O_CLOEXEC) != 0) {
      std::abort();
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
    const std::string argument = absl::StrCat("--serve=", kind);
    const char* const arguments[] = {"rim_bench", argument.c_str(), nullptr};
    if (posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr,
                    const_cast<char**>(arguments), environ) != 0) {
      std::abort();
    }
    posix_spawn_file_actions_destroy(&actions);
    close(to_child[0]);
    close(from_child[1]);
    stdin_ = to_child[1];
    FILE* answer = fdopen(from_child[0], "r");
    char token[4096];
    if (std::fscanf(answer, "%d %4095s", &port_, token) != 2) std::abort();
    std::fclose(answer);
    token_ = token;
  }
  ~ServerProcess() {
    close(stdin_);
    waitpid(pid_, nullptr, 0);
  }

  int port() const { return port_; }
  const std::string& token() const { return token_; }

  double CpuSeconds() const {
    clockid_t clock;
    timespec time;
    if (clock_getcpuclockid(pid_, &clock) != 0 ||
        clock_gettime(clock, &time) != 0) {
      std::abort();
    }
    return time.tv_sec + time.tv_nsec * 1e-9;
  }

 private:
  pid_t pid_;
  int stdin_;
  int port_;
  std::string token_;
};

// Keeps kInFlight calls under way until a batch is done.
class Load {
 public:
  Load(int port, std::string path, std::string message, std::string token)
      : path_(std::move(path)),
        message_(std::move(message)),
        token_(std::move(token)),
        channel_(grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                     grpc::InsecureChannelCredentials())),
        stub_(channel_) {}

  void RunBatch() {
    left_ = kCallsABatch;
    running_ = kInFlight;
    absl::Notification done;
    for (int i = 0; i < kInFlight; ++i) Next(&done);
    done.WaitForNotification();
  }

 private:
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
  };

  void Next(absl::Notification* done) {
    if (left_-- <= 0) {
      if (--running_ == 0) done->Notify();
      return;
    }
    auto* call = new Call;
    call->request = BufferOf(message_);
    call->context.set_deadline(std::chrono::system_clock::now() +
                               std::chrono::seconds(30));
    if (!token_.empty()) {
      call->context.AddMetadata("authorization",
                                absl::StrCat("Bearer ", token_));
    }
    stub_.UnaryCall(&call->context, path_, {}, &call->request, &call->response,
                    [this, call, done](const grpc::Status& status) {
                      if (!status.ok()) std::abort();
                      delete call;
                      Next(done);
                    });
  }

  const std::string path_;
  const std::string message_;
  const std::string token_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  std::atomic<int> left_ = 0;
  std::atomic<int> running_ = 0;
};

void Run(benchmark::State& state, const char* kind, const char* path,
         bool signed_in) {
  const ServerProcess server(kind);
  testing::v1::EchoRequest request;
  if (!signed_in) request.set_payload(std::string(500, 'x'));
  Load load(server.port(), path, request.SerializeAsString(),
            signed_in ? server.token() : "");
  load.RunBatch();
  const double before = server.CpuSeconds();
  for (auto _ : state) load.RunBatch();
  const double calls = static_cast<double>(state.iterations()) * kCallsABatch;
  state.counters["server_us"] = (server.CpuSeconds() - before) * 1e6 / calls;
  state.SetItemsProcessed(static_cast<int64_t>(calls));
}

// Half a kilobyte there and back.
BENCHMARK_CAPTURE(Run, bare_echo, "bare", testing::kEcho, false)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Run, generic_echo, "generic", testing::kEcho, false)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Run, rim_echo, "rim", testing::kEcho, false)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
// Next to nothing, with a token that is verified.
BENCHMARK_CAPTURE(Run, rim_signed_in, "rim", testing::kWhoAmI, true)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace praxis::rpc

int main(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  constexpr size_t kFlag = sizeof("--serve=") - 1;
  if (first.substr(0, kFlag) == "--serve=") {
    return praxis::rpc::Serve(first.substr(kFlag));
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
