#include "services/discussions/convert.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/event.h"
#include "services/common/rpc/fields.h"

namespace praxis::discussions {
namespace {

// Kinds have the contract's numbers, so that converting is a cast, and each
// result of an outcome has the number of the kind that it closes; the test
// compares all of their names.
static_assert(static_cast<int>(ThreadKind::kMappingKnowledge) ==
              v1::MAPPING_KNOWLEDGE);
static_assert(static_cast<int>(v1::MAPPING_KNOWLEDGE) ==
              v1::Outcome::kKnowledgeGaps);

}  // namespace

std::string NameOf(const ThreadKey& key) {
  return absl::StrCat("communities/", key.community, "/threads/", key.id);
}

std::string NameOf(const PostKey& key) {
  return absl::StrCat("communities/", key.thread.community, "/threads/",
                      key.thread.id, "/posts/", key.id);
}

ThreadKey ThreadKeyOf(absl::string_view name) {
  return {std::string(rpc::IdAt(name, 0)), std::string(rpc::IdAt(name, 1))};
}

PostKey PostKeyOf(absl::string_view name) {
  return {ThreadKeyOf(name), std::string(rpc::IdAt(name, 2))};
}

v1::Thread ToProto(Thread thread) {
  v1::Thread proto;
  proto.set_name(NameOf(thread.key));
  proto.set_kind(static_cast<v1::ThreadKind>(thread.kind));
  proto.set_title(std::move(thread.title));
  proto.set_body(std::move(thread.body));
  proto.set_author(std::move(thread.author));
  *proto.mutable_create_time() = rpc::ToTimestamp(thread.create_time);
  *proto.mutable_update_time() = rpc::ToTimestamp(thread.update_time);
  if (thread.resolution.has_value()) {
    proto.mutable_outcome()->ParseFromString(thread.resolution->outcome);
    *proto.mutable_resolve_time() = rpc::ToTimestamp(thread.resolution->time);
    proto.set_resolver(std::move(thread.resolution->resolver));
  }
  proto.set_post_count(static_cast<int32_t>(thread.post_count));
  proto.set_etag(rpc::EtagOf(thread.version));
  return proto;
}

v1::Post ToProto(Post post) {
  v1::Post proto;
  proto.set_name(NameOf(post.key));
  proto.set_body(std::move(post.body));
  proto.set_author(std::move(post.author));
  *proto.mutable_create_time() = rpc::ToTimestamp(post.create_time);
  *proto.mutable_update_time() = rpc::ToTimestamp(post.update_time);
  proto.set_etag(rpc::EtagOf(post.version));
  return proto;
}

ThreadKind FromProto(v1::ThreadKind kind) {
  return static_cast<ThreadKind>(kind);
}

Outcome FromProto(const v1::Outcome& outcome) {
  Outcome result;
  // Each result has the number of the kind that it closes.
  if (outcome.result_case() != v1::Outcome::RESULT_NOT_SET) {
    result.closes = static_cast<ThreadKind>(outcome.result_case());
  }
  result.content = outcome.SerializeAsString();
  return result;
}

Actor ActorOf(const rpc::Call& call) {
  return {.name = call.caller.name,
          .moderates = call.standing.role >= events::v1::MODERATOR};
}

}  // namespace praxis::discussions
