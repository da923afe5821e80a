// What this service serves.
#ifndef SERVICES_DISCUSSIONS_RPC_H_
#define SERVICES_DISCUSSIONS_RPC_H_

#include "services/common/rpc/methods.h"
#include "services/discussions/handlers/posts.h"
#include "services/discussions/handlers/threads.h"
#include "services/discussions/handlers/watches.h"

namespace praxis::discussions {

// One typed line an RPC; a method of the contract that is missing here stops
// the start.
inline void AddMethods(rpc::Methods& methods, Threads& threads, Posts& posts,
                       Watches& watches) {
  methods.Add(&threads, &Threads::CreateThread);
  methods.Add(&threads, &Threads::GetThread);
  methods.Add(&threads, &Threads::ListThreads);
  methods.Add(&threads, &Threads::SearchThreads);
  methods.Add(&threads, &Threads::ResolveThread);

  methods.Add(&posts, &Posts::CreatePost);
  methods.Add(&posts, &Posts::GetPost);
  methods.Add(&posts, &Posts::ListPosts);
  methods.Add(&posts, &Posts::UpdatePost);

  methods.Add(&watches, &Watches::WatchEvents);
}

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_RPC_H_
