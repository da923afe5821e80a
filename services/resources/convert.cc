#include "services/resources/convert.h"

#include "absl/strings/str_cat.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/event.h"
#include "services/common/rpc/fields.h"

namespace praxis::resources {
ResourceKey KeyOf(absl::string_view name) {
  return {.community = std::string(rpc::IdAt(name, 0)),
          .id = std::string(rpc::IdAt(name, 1))};
}

std::string NameOf(const ResourceKey& key) {
  return absl::StrCat("communities/", key.community, "/resources/", key.id);
}

Actor ActorOf(const rpc::Call& call) {
  return {.name = call.caller.name,
          .moderates = call.standing.role >= events::v1::MODERATOR};
}

v1::Resource ToProto(const Resource& resource) {
  v1::Resource proto;
  proto.set_name(NameOf(resource.key));
  proto.set_title(resource.title);
  proto.set_kind(static_cast<v1::ResourceKind>(resource.kind));
  proto.set_description(resource.description);
  proto.set_text(resource.text);
  proto.set_uri(resource.uri);
  if (resource.content.has_value()) {
    v1::FileContent& content = *proto.mutable_content();
    content.set_filename(resource.content->filename);
    content.set_content_type(resource.content->content_type);
    content.set_size_bytes(resource.content->size_bytes);
    content.set_sha256(resource.content->sha256);
  }
  proto.set_author(resource.author);
  *proto.mutable_create_time() = rpc::ToTimestamp(resource.create_time);
  *proto.mutable_update_time() = rpc::ToTimestamp(resource.update_time);
  proto.set_etag(rpc::EtagOf(resource.version));
  return proto;
}

Resource FromProto(const v1::Resource& resource, absl::string_view community) {
  return {.key = {.community = std::string(community)},
          .kind = static_cast<ResourceKind>(resource.kind()),
          .title = resource.title(),
          .description = resource.description(),
          .text = resource.text(),
          .uri = resource.uri()};
}

http::v1::BodyInfo ToBodyInfo(const FileContent& content, int64_t offset) {
  http::v1::BodyInfo info;
  info.set_content_type(content.content_type);
  info.set_filename(content.filename);
  info.set_size_bytes(content.size_bytes);
  info.set_etag(content.sha256);
  info.set_offset(offset);
  return info;
}

}  // namespace praxis::resources
