#include "services/resources/handlers/resources.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/events/log.h"
#include "services/common/rpc/fields.h"
#include "services/common/rpc/id.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/write.h"
#include "services/common/search/index.h"
#include "services/common/sql/slice.h"
#include "services/common/sql/text_query.h"
#include "services/common/status/status.h"
#include "services/resources/convert.h"
#include "services/resources/handlers/events.h"
#include "services/resources/store/resources.h"

namespace praxis::resources {

// Members and up (policy in resources.proto).
absl::StatusOr<v1::Resource> Resources::CreateResource(
    const rpc::Call& call, const v1::CreateResourceRequest& request) {
  Resource resource =
      FromProto(request.resource(), rpc::IdAt(request.parent(), 0));
  RETURN_IF_ERROR(CheckShape(resource));
  resource.author = call.caller.name;
  resource.create_time = resource.update_time = call.time;

  return rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Resource> {
        // Made while writing: ids follow the order of the commits.
        resource.key.id = rpc::NewId(call.time);
        RETURN_IF_ERROR(store::InsertResource(tx, resource));
        const std::string body =
            absl::StrCat(resource.description, "\n", resource.text);
        RETURN_IF_ERROR(search::Add(tx, {.scope = request.parent(),
                                         .object = resource.key.id,
                                         .title = resource.title,
                                         .body = body}));
        v1::Resource created = ToProto(resource);
        RETURN_IF_ERROR(events::Emit(tx, ResourceCreated(created, call)));
        return created;
      });
}

absl::StatusOr<v1::Resource> Resources::GetResource(
    const rpc::Call& call, const v1::GetResourceRequest& request) {
  v1::Resource found;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(const Resource resource,
                         store::GetResource(reader, KeyOf(request.name())));
        found = ToProto(resource);
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<v1::ListResourcesResponse> Resources::ListResources(
    const rpc::Call& call, const v1::ListResourcesRequest& request) {
  ASSIGN_OR_RETURN(const rpc::Page page, rpc::PageOf(call, request));
  const std::string community(rpc::IdAt(request.parent(), 0));
  sql::Slice<Resource> resources;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(
            resources,
            community == "-"
                ? store::ListReadableResources(reader, call.caller.name,
                                               page.after, page.size)
                : store::ListResources(reader, community, page.after,
                                       page.size));
        return absl::OkStatus();
      }));

  v1::ListResourcesResponse response;
  if (resources.more) {
    response.set_next_page_token(
        rpc::NextPageToken(call, request, resources.items.back().key.id));
  }
  for (const Resource& resource : resources.items) {
    *response.add_resources() = ToProto(resource);
  }
  return response;
}

absl::StatusOr<v1::SearchResourcesResponse> Resources::SearchResources(
    const rpc::Call& call, const v1::SearchResourcesRequest& request) {
  ASSIGN_OR_RETURN(const rpc::Page page, rpc::PageOf(call, request));
  ASSIGN_OR_RETURN(const sql::TextQuery query,
                   sql::TextQuery::Parse(request.query()));
  const bool everywhere = rpc::IdAt(request.parent(), 0) == "-";
  const search::Where where = {.scope = everywhere ? "" : request.parent(),
                               .principal = call.caller.name};

  v1::SearchResourcesResponse response;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        response.Clear();
        ASSIGN_OR_RETURN(
            const sql::Slice<search::Hit> found,
            search::Find(reader, query, where, page.after, page.size));
        // A resource is the text that was found, so it is as large.
        for (const search::Hit& hit : found.items) {
          const ResourceKey key = {std::string(rpc::IdAt(hit.scope, 0)),
                                   hit.object};
          ASSIGN_OR_RETURN(const Resource resource,
                           store::GetResource(reader, key));
          v1::ResourceHit& answered = *response.add_hits();
          *answered.mutable_resource() = ToProto(resource);
          answered.set_snippet(hit.snippet);
        }
        if (found.more) {
          response.set_next_page_token(
              rpc::NextPageToken(call, request, found.items.back().place));
        }
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace praxis::resources
