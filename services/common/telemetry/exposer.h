// Exposer: a registry on a port, for Prometheus to scrape.
#ifndef SERVICES_COMMON_TELEMETRY_EXPOSER_H_
#define SERVICES_COMMON_TELEMETRY_EXPOSER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::telemetry {

// Serves "/metrics" over HTTP, for programs that serve no HTTP otherwise. It
// is prometheus-cpp's own server and meant for the inside of a cluster.
class Exposer {
 public:
  // `address` is "127.0.0.1:9101"; FAILED_PRECONDITION when it cannot be
  // listened on. `registry` outlives this.
  static absl::StatusOr<std::unique_ptr<Exposer>> Start(
      const std::string& address, const Registry& registry);
  ~Exposer();

  int port() const;

 private:
  struct State;
  explicit Exposer(std::unique_ptr<State> state);

  const std::unique_ptr<State> state_;
};

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_EXPOSER_H_
