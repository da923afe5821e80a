// MeteredUpstream: counts the calls to an upstream.
#ifndef GATEWAY_OPS_METERED_UPSTREAM_H_
#define GATEWAY_OPS_METERED_UPSTREAM_H_

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/upstream/upstream.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// What is counted of one upstream's calls, as the gateway sees them:
//   praxis_gateway_upstream_calls_total{upstream,code}
//   praxis_gateway_upstream_seconds{upstream}     unary calls, to the reply
//   praxis_gateway_upstream_calls_open{upstream}  under way, streams too
// `upstream` is a package, as with routes; `code` is gRPC's, "OK". Thread-safe.
class UpstreamMetrics {
 public:
  UpstreamMetrics(telemetry::Registry& registry, absl::string_view upstream);

  void Begun() const { open_.Add(1); }
  void Over() const { open_.Add(-1); }
  void Answered(const absl::Status& status) const;
  void Took(absl::Duration duration) const { seconds_.Record(duration); }

 private:
  // By canonical code, 0 to 16.
  std::array<telemetry::Counter*, 17> by_code_;
  telemetry::Histogram& seconds_;
  telemetry::Gauge& open_;
};

// Another upstream, whose calls are counted. A call that nobody waits for any
// more may end when this is gone.
class MeteredUpstream : public Upstream {
 public:
  // `registry` outlives the last call. `package` is whose services it serves.
  MeteredUpstream(std::unique_ptr<Upstream> upstream,
                  telemetry::Registry& registry, absl::string_view package)
      : metrics_(std::make_shared<const UpstreamMetrics>(registry, package)),
        upstream_(std::move(upstream)) {}

  std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor& method) override;
  void Check(absl::AnyInvocable<void(std::vector<Health>)> done) override {
    upstream_->Check(std::move(done));
  }

 private:
  const std::shared_ptr<const UpstreamMetrics> metrics_;
  const std::unique_ptr<Upstream> upstream_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_METERED_UPSTREAM_H_
