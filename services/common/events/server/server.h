// EventsServer: EventService over the logs of this process.
#ifndef SERVICES_COMMON_EVENTS_SERVER_SERVER_H_
#define SERVICES_COMMON_EVENTS_SERVER_SERVER_H_

#include <memory>
#include <vector>

#include "services/common/access/no_scopes.h"
#include "services/common/auth/secrets.h"
#include "services/common/events/log.h"
#include "services/common/events/server/feed.h"
#include "services/common/rpc/host.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/rpc/workers.h"

namespace praxis::events {

// Serves EventService through a pipeline of its own: one log in a service, all
// of them in the one-process suite, where a request says which it means.
class EventsServer {
 public:
  // All outlive this. No two logs have one name.
  //
  // Its calls have a few workers to themselves: a call that takes access away
  // holds one of the host's until consumers have acknowledged, and those
  // acknowledgements must not wait for it.
  EventsServer(std::vector<Log*> logs, const rpc::Host& host,
               const auth::Sealer& sealer);

  rpc::Pipeline& pipeline() { return pipeline_; }

 private:
  rpc::Workers workers_;
  const rpc::Host host_;
  Feed feed_;
  access::NoScopes access_;
  const rpc::Methods methods_;
  rpc::Pipeline pipeline_;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_SERVER_SERVER_H_
