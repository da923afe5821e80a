#include "services/discussions/handlers/events.h"

#include "services/common/rpc/event.h"

namespace praxis::discussions {

events::v1::Event ThreadCreated(const v1::Thread& thread,
                                const rpc::Call& call) {
  return rpc::EventOf("thread.created", thread, call);
}

events::v1::Event ThreadResolved(const v1::Thread& thread,
                                 const rpc::Call& call) {
  return rpc::EventOf("thread.resolved", thread, call);
}

events::v1::Event PostCreated(const v1::Post& post, const rpc::Call& call) {
  return rpc::EventOf("post.created", post, call);
}

events::v1::Event PostUpdated(const v1::Post& post, const rpc::Call& call) {
  return rpc::EventOf("post.updated", post, call);
}

}  // namespace praxis::discussions
