// ResourceService: the methods that take and answer records.
#ifndef SERVICES_RESOURCES_HANDLERS_RESOURCES_H_
#define SERVICES_RESOURCES_HANDLERS_RESOURCES_H_

#include "absl/status/statusor.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"

namespace praxis::resources {

// Handles what resources.proto documents, method by method.
class Resources {
 public:
  explicit Resources(sql::Database& db) : db_(db) {}

  absl::StatusOr<v1::Resource> CreateResource(
      const rpc::Call& call, const v1::CreateResourceRequest& request);
  absl::StatusOr<v1::Resource> GetResource(
      const rpc::Call& call, const v1::GetResourceRequest& request);
  absl::StatusOr<v1::ListResourcesResponse> ListResources(
      const rpc::Call& call, const v1::ListResourcesRequest& request);
  absl::StatusOr<v1::SearchResourcesResponse> SearchResources(
      const rpc::Call& call, const v1::SearchResourcesRequest& request);

 private:
  sql::Database& db_;
};

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_HANDLERS_RESOURCES_H_
