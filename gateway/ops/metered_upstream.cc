#include "gateway/ops/metered_upstream.h"

#include <atomic>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace praxis::gateway {
namespace {

// What is counted of a stream: that it is there, and once how it ended. Its
// last callback may come when the stream is gone.
class StreamCount {
 public:
  explicit StreamCount(std::shared_ptr<const UpstreamMetrics> metrics)
      : metrics_(std::move(metrics)) {
    metrics_->Begun();
  }
  void End(const absl::Status& status) {
    if (!ended_.exchange(true)) metrics_->Answered(status);
  }
  void Gone() {
    metrics_->Over();
    End(absl::CancelledError());
  }

 private:
  const std::shared_ptr<const UpstreamMetrics> metrics_;
  std::atomic<bool> ended_{false};
};

// A stream, counted from its making to its end.
class MeteredStream : public rpc::StreamCall {
 public:
  MeteredStream(std::unique_ptr<rpc::StreamCall> call,
                std::shared_ptr<const UpstreamMetrics> metrics)
      : count_(std::make_shared<StreamCount>(std::move(metrics))),
        call_(std::move(call)) {}
  ~MeteredStream() override { count_->Gone(); }

  // Counted before the callback, which may destroy this.
  void Pull(absl::AnyInvocable<void(Piece)> done) override {
    call_->Pull([count = count_, done = std::move(done)](Piece piece) mutable {
      if (piece.end) count->End(piece.status);
      done(std::move(piece));
    });
  }
  void Push(absl::string_view message,
            absl::AnyInvocable<void(absl::Status)> done) override {
    call_->Push(message, [count = count_,
                          done = std::move(done)](absl::Status status) mutable {
      if (!status.ok()) count->End(status);
      done(std::move(status));
    });
  }
  void Finish(absl::AnyInvocable<void(rpc::Reply)> done) override {
    call_->Finish(
        [count = count_, done = std::move(done)](rpc::Reply reply) mutable {
          count->End(reply.status);
          done(std::move(reply));
        });
  }
  void Cancel() override { call_->Cancel(); }

 private:
  const std::shared_ptr<StreamCount> count_;
  const std::unique_ptr<rpc::StreamCall> call_;
};

class MeteredEndpoint : public Endpoint {
 public:
  MeteredEndpoint(std::unique_ptr<Endpoint> endpoint,
                  std::shared_ptr<const UpstreamMetrics> metrics)
      : metrics_(std::move(metrics)), endpoint_(std::move(endpoint)) {}

  std::shared_ptr<Running> Unary(
      rpc::Incoming incoming, absl::string_view message,
      absl::AnyInvocable<void(rpc::Reply)> done) override {
    metrics_->Begun();
    return endpoint_->Unary(std::move(incoming), message,
                            [metrics = metrics_, begin = absl::Now(),
                             done = std::move(done)](rpc::Reply reply) mutable {
                              metrics->Over();
                              metrics->Answered(reply.status);
                              metrics->Took(absl::Now() - begin);
                              done(std::move(reply));
                            });
  }

  std::unique_ptr<rpc::StreamCall> ServerStream(rpc::Incoming incoming,
                                                std::string request) override {
    return std::make_unique<MeteredStream>(
        endpoint_->ServerStream(std::move(incoming), std::move(request)),
        metrics_);
  }
  std::unique_ptr<rpc::StreamCall> ClientStream(
      rpc::Incoming incoming) override {
    return std::make_unique<MeteredStream>(
        endpoint_->ClientStream(std::move(incoming)), metrics_);
  }

 private:
  const std::shared_ptr<const UpstreamMetrics> metrics_;
  const std::unique_ptr<Endpoint> endpoint_;
};

}  // namespace

UpstreamMetrics::UpstreamMetrics(telemetry::Registry& registry,
                                 absl::string_view upstream)
    : seconds_(registry.FindHistogram(
          "praxis_gateway_upstream_seconds",
          "Unary calls to an upstream, from their sending to their reply.",
          {{"upstream", std::string(upstream)}}, telemetry::LatencyBounds())),
      open_(registry.FindGauge("praxis_gateway_upstream_calls_open",
                               "Calls to an upstream that are under way.",
                               {{"upstream", std::string(upstream)}})) {
  for (size_t code = 0; code < by_code_.size(); ++code) {
    by_code_[code] = &registry.FindCounter(
        "praxis_gateway_upstream_calls_total",
        "Calls to an upstream that are over, by gRPC code.",
        {{"upstream", std::string(upstream)},
         {"code",
          absl::StatusCodeToString(static_cast<absl::StatusCode>(code))}});
  }
}

// Found at start-up, so that counting is an atomic add.
void UpstreamMetrics::Answered(const absl::Status& status) const {
  by_code_[static_cast<size_t>(status.code())]->Add();
}

std::unique_ptr<Endpoint> MeteredUpstream::Bind(
    const google::protobuf::MethodDescriptor& method) {
  std::unique_ptr<Endpoint> endpoint = upstream_->Bind(method);
  if (endpoint == nullptr) return nullptr;
  return std::make_unique<MeteredEndpoint>(std::move(endpoint), metrics_);
}

}  // namespace praxis::gateway
