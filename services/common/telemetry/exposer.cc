#include "services/common/telemetry/exposer.h"

#include <exception>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "prometheus/collectable.h"
#include "prometheus/exposer.h"
#include "prometheus/metric_family.h"

namespace praxis::telemetry {
namespace {

// Scrapes come one at a time; a second thread answers while one is slow.
constexpr size_t kThreads = 2;

class Families : public prometheus::Collectable {
 public:
  explicit Families(const Registry& registry) : registry_(registry) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    return registry_.Families();
  }

 private:
  const Registry& registry_;
};

}  // namespace

struct Exposer::State {
  State(const std::string& address, const Registry& registry)
      : families(std::make_shared<Families>(registry)),
        exposer(address, kThreads) {
    exposer.RegisterCollectable(families);
  }
  const std::shared_ptr<Families> families;
  prometheus::Exposer exposer;
};

absl::StatusOr<std::unique_ptr<Exposer>> Exposer::Start(
    const std::string& address, const Registry& registry) {
  try {
    return std::unique_ptr<Exposer>(
        new Exposer(std::make_unique<State>(address, registry)));
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot serve metrics on ", address, ": ", error.what()));
  }
}

Exposer::Exposer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Exposer::~Exposer() = default;

int Exposer::port() const {
  return state_->exposer.GetListeningPorts().front();
}

}  // namespace praxis::telemetry
