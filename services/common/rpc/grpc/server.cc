#include "services/common/rpc/grpc/server.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/base/call_once.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "grpc/grpc.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "services/common/rpc/grpc/health_board.h"
#include "services/common/rpc/grpc/health_service.h"
#include "services/common/rpc/grpc/open_streams.h"
#include "services/common/rpc/grpc/pipeline_service.h"
#include "services/common/rpc/grpc/reflection.h"
#include "services/common/rpc/grpc/reflection_service.h"
#include "services/common/rpc/grpc/refusal.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

// A message of 4 MiB and a little is let in, so that the pipeline refuses it
// with a reason; gRPC's own refusal has none.
constexpr int kMessageBytesMax = (4 << 20) + (64 << 10);
constexpr int kMetadataBytesMax = 16 << 10;
// Calls of one connection. A gateway has one to each service, and every client
// that watches something a call that stays: as many as it has connections.
constexpr int kStreamsMax = 20'000;
constexpr char kHealth[] = "grpc.health.v1.Health";

// Answers the methods that no service has.
class UnknownMethods : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext*) override {
    return new Refusal<grpc::ServerGenericBidiReactor>(Error(
        errors::v1::METHOD_UNKNOWN,
        "There is no such method here; server reflection lists those there "
        "are."));
  }
};

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

std::vector<std::string> ServicesOf(const Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const auto* service : pipeline.methods().Services()) {
    names.push_back(service->full_name());
  }
  return names;
}

absl::Status CheckOptions(const GrpcServer::Options& options) {
  std::set<std::string> names;
  for (const GrpcServer::Served& served : options.served) {
    RETURN_IF_ERROR(served.pipeline->methods().Check());
    for (const std::string& name : ServicesOf(*served.pipeline)) {
      if (!names.insert(name).second) {
        return absl::FailedPreconditionError(
            absl::StrCat(name, " is served by two pipelines"));
      }
    }
  }
  return absl::OkStatus();
}

std::vector<HealthBoard::Group> GroupsOf(const GrpcServer::Options& options) {
  std::vector<HealthBoard::Group> groups;
  for (const GrpcServer::Served& served : options.served) {
    groups.push_back({ServicesOf(*served.pipeline), served.check});
  }
  // These answer as long as there is a server.
  groups.push_back(
      {{kHealth, ReflectionService::kV1, ReflectionService::kV1Alpha},
       nullptr});
  return groups;
}

std::vector<std::string> AllServices(const GrpcServer::Options& options) {
  std::vector<std::string> names;
  for (const HealthBoard::Group& group : GroupsOf(options)) {
    names.insert(names.end(), group.services.begin(), group.services.end());
  }
  return names;
}

void SetLimits(const GrpcServer::Options& options,
               grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kMessageBytesMax);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_ALLOW_REUSEPORT, 0},
      {GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsMax},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(options.connection_age_max)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
       Millis(options.connection_age_grace)},
      // Finds connections whose other end is gone without a word.
      {GRPC_ARG_KEEPALIVE_TIME_MS, Millis(absl::Seconds(60))},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(absl::Seconds(20))},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      // Clients may ping this often, idle or not.
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
       Millis(absl::Seconds(1))}};
  for (const auto& [name, value] : arguments) {
    builder->AddChannelArgument(name, value);
  }
}

}  // namespace

struct GrpcServer::State {
  explicit State(Options given)
      : options(std::move(given)),
        board(GroupsOf(options), options.health_interval),
        reflection(AllServices(options)),
        health(board, streams),
        reflection_v1(ReflectionService::kV1, reflection, streams),
        reflection_v1alpha(ReflectionService::kV1Alpha, reflection, streams) {
    for (const Served& served : options.served) {
      for (const auto* service : served.pipeline->methods().Services()) {
        services.push_back(std::make_unique<PipelineService>(
            *served.pipeline, *service, streams));
      }
    }
  }

  const Options options;
  OpenStreams streams;
  HealthBoard board;
  const Reflection reflection;
  std::vector<std::unique_ptr<PipelineService>> services;
  HealthService health;
  ReflectionService reflection_v1;
  ReflectionService reflection_v1alpha;
  UnknownMethods unknown;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
  absl::once_flag drained;
};

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(Options options) {
  RETURN_IF_ERROR(CheckOptions(options));
  auto state = std::make_unique<State>(std::move(options));
  grpc::ServerBuilder builder;
  SetLimits(state->options, &builder);
  builder.AddListeningPort(state->options.address,
                           grpc::InsecureServerCredentials(), &state->port);
  for (const auto& service : state->services) {
    builder.RegisterService(service.get());
  }
  builder.RegisterService(&state->health);
  builder.RegisterService(&state->reflection_v1);
  builder.RegisterService(&state->reflection_v1alpha);
  builder.RegisterCallbackGenericService(&state->unknown);
  state->server = builder.BuildAndStart();
  if (state->server == nullptr || state->port == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot listen on \"", state->options.address,
        "\": it is no address of this machine, or something listens there"));
  }
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(state)));
}

GrpcServer::GrpcServer(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

GrpcServer::~GrpcServer() { Drain(absl::ZeroDuration()); }

int GrpcServer::port() const { return state_->port; }

void GrpcServer::Drain(absl::Duration grace) {
  absl::call_once(state_->drained, [&] {
    state_->board.StopServing();
    absl::SleepFor(grace);
    state_->streams.EndAll();
    state_->server->Shutdown(
        absl::ToChronoTime(absl::Now() + state_->options.shutdown_limit));
    state_->server->Wait();
  });
}

}  // namespace praxis::rpc
