#include "services/discussions/handlers/watches.h"

#include <cstdint>
#include <optional>

#include "services/common/events/server/scope_watch.h"

namespace praxis::discussions {

absl::StatusOr<std::unique_ptr<rpc::ServerStream<events::v1::Event>>>
Watches::WatchEvents(const rpc::Call&, const v1::WatchEventsRequest& request) {
  std::optional<int64_t> after;
  if (request.has_after()) after = request.after();
  return events::ScopeWatch::Open(tail_, request.parent(), after);
}

}  // namespace praxis::discussions
