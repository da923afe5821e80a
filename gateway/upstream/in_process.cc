#include "gateway/upstream/in_process.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/upstream/health.h"
#include "google/protobuf/descriptor.h"
#include "services/common/rpc/methods.h"

namespace praxis::gateway {
namespace {

class PipelineEndpoint : public Endpoint {
 public:
  PipelineEndpoint(rpc::Pipeline& pipeline, const rpc::Handler& handler)
      : pipeline_(pipeline), handler_(handler) {}

  std::shared_ptr<Running> Unary(
      rpc::Incoming incoming, absl::string_view message,
      absl::AnyInvocable<void(rpc::Reply)> done) override {
    pipeline_.Unary(handler_, std::move(incoming), message, std::move(done));
    return nullptr;  // the flag says it all
  }

  std::unique_ptr<rpc::StreamCall> ServerStream(rpc::Incoming incoming,
                                                std::string request) override {
    return pipeline_.ServerStream(handler_, std::move(incoming),
                                  std::move(request));
  }

  std::unique_ptr<rpc::StreamCall> ClientStream(
      rpc::Incoming incoming) override {
    return pipeline_.ClientStream(handler_, std::move(incoming));
  }

 private:
  rpc::Pipeline& pipeline_;
  const rpc::Handler& handler_;
};

}  // namespace

InProcess::InProcess(std::string name, std::vector<rpc::Pipeline*> pipelines,
                     std::function<ops::v1::ServiceStatus()> status)
    : name_(std::move(name)),
      pipelines_(std::move(pipelines)),
      status_(std::move(status)) {}

// The handler is looked up here, once, and not for each call.
std::unique_ptr<Endpoint> InProcess::Bind(
    const google::protobuf::MethodDescriptor& method) {
  const std::string path =
      absl::StrCat("/", method.service()->full_name(), "/", method.name());
  for (rpc::Pipeline* pipeline : pipelines_) {
    if (const rpc::Handler* handler = pipeline->methods().Find(path)) {
      return std::make_unique<PipelineEndpoint>(*pipeline, *handler);
    }
  }
  return nullptr;
}

// That the process lives is seen by its answering.
void InProcess::Check(absl::AnyInvocable<void(std::vector<Health>)> done) {
  done(HealthOf(name_, status_()));
}

}  // namespace praxis::gateway
