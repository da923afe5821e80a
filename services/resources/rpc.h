// The methods this service serves: one typed line each.
#ifndef SERVICES_RESOURCES_RPC_H_
#define SERVICES_RESOURCES_RPC_H_

#include "services/common/rpc/methods.h"
#include "services/resources/handlers/contents.h"
#include "services/resources/handlers/resources.h"

namespace praxis::resources {

inline void AddMethods(rpc::Methods& methods, Resources& resources,
                       Contents& contents) {
  methods.Add(&resources, &Resources::CreateResource);
  methods.Add(&resources, &Resources::GetResource);
  methods.Add(&resources, &Resources::ListResources);
  methods.Add(&resources, &Resources::SearchResources);
  methods.Add(&contents, &Contents::UploadResource);
  methods.Add(&contents, &Contents::DownloadResource);
}

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_RPC_H_
