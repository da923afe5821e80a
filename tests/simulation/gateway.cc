#include "tests/simulation/gateway.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace praxis::simulation {
namespace {

constexpr Micros kCallTimeout = kSecond;

}  // namespace

void GatewayReplica::Start() {
  kept_.fill(Kept());
  ProjectionReplica::Start();
  started_at_ = world().bug == Bug::kKeptSinceAnyStart ? 0 : position();
}

Process GatewayReplica::Ask(int scope) {
  const World& w = world();
  const int64_t floor = w.judge.FloorOf(scope);
  uint64_t mark = generation();
  const bool may_give = Holds() || w.bug == Bug::kKeptWithoutLease;
  if (may_give && kept_[scope].generation == mark) {
    ++hits;
    w.judge.Answered(scope, floor, kept_[scope].version);
    co_return Done();
  }
  const int64_t access = std::max(changed_at(), started_at_);
  ProjectionReplica& service = *services_[w.kernel.random.Between(
      0, static_cast<int64_t>(services_.size()) - 1)];
  std::function<Task<std::optional<Seen>>()> serve = [&service, scope] {
    return service.See(scope);
  };
  const std::optional<Seen> seen =
      co_await w.network.Call<Seen>(node, service.node, kCallTimeout, serve);
  if (!seen.has_value()) {
    ++w.judge.refusals;
    co_return Done();
  }
  w.judge.Answered(scope, floor, seen->version);
  if (w.bug == Bug::kKeptByALaterMark) mark = generation();
  const bool is_behind = seen->position < access || seen->position == 0;
  if (is_behind && w.bug != Bug::kKeptOfWhoIsBehind) co_return Done();
  if (Holds() && generation() == mark) kept_[scope] = {mark, seen->version};
  co_return Done();
}

}  // namespace praxis::simulation
