// Between the contract's messages and the domain: the only place that knows
// both.
#ifndef SERVICES_DISCUSSIONS_CONVERT_H_
#define SERVICES_DISCUSSIONS_CONVERT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "services/common/rpc/call.h"
#include "services/discussions/domain/actor.h"
#include "services/discussions/domain/post.h"
#include "services/discussions/domain/thread.h"

namespace praxis::discussions {

// Resource names; those of requests have their declared shape by the time a
// handler runs.
std::string NameOf(const ThreadKey& key);
std::string NameOf(const PostKey& key);
ThreadKey ThreadKeyOf(absl::string_view name);
PostKey PostKeyOf(absl::string_view name);

// They take over the texts of what they are given.
v1::Thread ToProto(Thread thread);
v1::Post ToProto(Post post);

// A declared kind: undeclared ones were refused with the field rules.
ThreadKind FromProto(v1::ThreadKind kind);
// An outcome without a result closes nothing.
Outcome FromProto(const v1::Outcome& outcome);

// Who makes this call, in the scope that its policy names.
Actor ActorOf(const rpc::Call& call);

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_CONVERT_H_
