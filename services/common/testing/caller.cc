#include "services/common/testing/caller.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/status.pb.h"
#include "services/common/auth/principal.h"
#include "services/common/auth/token.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/rpc/workers.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/access_log.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/telemetry/rpc_metrics.h"
#include "services/common/testing/future.h"
#include "services/common/testing/matchers.h"

namespace praxis::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::ServiceDescriptor;

// What is left of a status once it has crossed a wire.
absl::Status AsSent(const absl::Status& status) {
  return FromRpcStatus(ToRpcStatus(status));
}

// The method of `pipeline` whose request is `type`, or null.
const rpc::Handler* HandlerOf(const rpc::Pipeline& pipeline,
                              const Descriptor* type) {
  for (const ServiceDescriptor* service : pipeline.methods().Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (service->method(i)->input_type() != type) continue;
      return pipeline.methods().Find(absl::StrCat(
          "/", service->full_name(), "/", service->method(i)->name()));
    }
  }
  return nullptr;
}

absl::Status NoSuchMethod(const Descriptor* type) {
  return Error(errors::v1::METHOD_UNKNOWN,
               absl::StrCat("No method takes ", type->full_name(), "."));
}

rpc::Incoming IncomingOf(TestHost& host, absl::string_view as) {
  rpc::Incoming incoming;
  if (!as.empty()) incoming.token = host.TokenFor(as);
  incoming.cancelled = std::make_shared<std::atomic<bool>>(false);
  return incoming;
}

}  // namespace

struct TestHost::State {
  State()
      : signer(MakeSigner(folder.path())),
        verifier(std::make_unique<auth::TokenVerifier>(*signer,
                                                       auth::TokenRules{})) {}

  static std::unique_ptr<auth::TokenSigner> MakeSigner(
      const std::string& folder) {
    return *auth::TokenSigner::Open(absl::StrCat(folder, "/signing_key.pem"),
                                    auth::TokenRules{});
  }

  // Destroyed last to first: the workers end while all they use is there.
  TemporaryFolder folder;
  std::unique_ptr<auth::TokenSigner> signer;
  std::unique_ptr<auth::TokenVerifier> verifier;
  telemetry::Registry registry;
  telemetry::RpcMetrics metrics{registry};
  // Only what is our fault is shown.
  telemetry::Log log{
      {.service = "test", .level = telemetry::Severity::kWarning}};
  telemetry::AccessLog requests{log, {}};
  rpc::Workers workers{{.threads = 8, .queue_max = 1024}};
  rpc::Host host{workers, *verifier, registry, metrics, log, requests};
};

TestHost::TestHost() : state_(std::make_unique<State>()) {}
TestHost::~TestHost() = default;

rpc::Host& TestHost::host() { return state_->host; }

std::string TestHost::TokenFor(absl::string_view principal, bool all_scopes) {
  auth::Principal caller;
  caller.name = std::string(principal);
  if (!caller.is_service())
    caller.session = absl::StrCat("session-of-", principal);
  caller.scopes = auth::kRead | auth::kWrite;
  if (all_scopes) caller.scopes |= auth::kModerate | auth::kAdmin;
  return state_->signer->Sign(caller, absl::Now(), absl::Minutes(10));
}

absl::StatusOr<std::string> Caller::Unary(
    absl::string_view as, const google::protobuf::Message& request) {
  const rpc::Handler* handler = HandlerOf(pipeline_, request.GetDescriptor());
  if (handler == nullptr) return NoSuchMethod(request.GetDescriptor());
  const std::string message = request.SerializeAsString();
  Future<rpc::Reply> result;
  pipeline_.Unary(*handler, IncomingOf(host_, as), message, result.Done());
  rpc::Reply reply = result.Get();
  if (!reply.status.ok()) return AsSent(reply.status);
  return std::move(reply.message);
}

absl::StatusOr<std::vector<std::string>> Caller::ServerStream(
    absl::string_view as, const google::protobuf::Message& request) {
  const rpc::Handler* handler = HandlerOf(pipeline_, request.GetDescriptor());
  if (handler == nullptr) return NoSuchMethod(request.GetDescriptor());
  const std::unique_ptr<rpc::StreamCall> stream = pipeline_.ServerStream(
      *handler, IncomingOf(host_, as), request.SerializeAsString());
  std::vector<std::string> messages;
  while (true) {
    Future<rpc::StreamCall::Piece> result;
    stream->Pull(result.Done());
    rpc::StreamCall::Piece piece = result.Get();
    if (!piece.end) {
      messages.push_back(std::move(piece.message));
      continue;
    }
    if (!piece.status.ok()) return AsSent(piece.status);
    return messages;
  }
}

absl::StatusOr<std::string> Caller::PushAll(
    absl::string_view as, const google::protobuf::Descriptor& request_type,
    const std::vector<std::string>& messages) {
  const rpc::Handler* handler = HandlerOf(pipeline_, &request_type);
  if (handler == nullptr) return NoSuchMethod(&request_type);
  const std::unique_ptr<rpc::StreamCall> stream =
      pipeline_.ClientStream(*handler, IncomingOf(host_, as));
  for (const std::string& message : messages) {
    Future<absl::Status> result;
    stream->Push(message, result.Done());
    absl::Status status = result.Get();
    if (!status.ok()) return AsSent(status);
  }
  Future<rpc::Reply> result;
  stream->Finish(result.Done());
  rpc::Reply reply = result.Get();
  if (!reply.status.ok()) return AsSent(reply.status);
  return std::move(reply.message);
}

}  // namespace praxis::testing
