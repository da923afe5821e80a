// Between the contract's messages and the domain's structs.
#ifndef SERVICES_RESOURCES_CONVERT_H_
#define SERVICES_RESOURCES_CONVERT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "praxis/http/v1/body.pb.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/rpc/call.h"
#include "services/resources/domain/actor.h"
#include "services/resources/domain/resource.h"

namespace praxis::resources {

// "communities/{community}/resources/{id}", a name of the declared shape.
ResourceKey KeyOf(absl::string_view name);
std::string NameOf(const ResourceKey& key);

Actor ActorOf(const rpc::Call& call);

v1::Resource ToProto(const Resource& resource);

// What a caller says of a new resource in `community`; id, author and times
// are the caller's affair.
Resource FromProto(const v1::Resource& resource, absl::string_view community);

// What a download says of its bytes; they begin at `offset`.
http::v1::BodyInfo ToBodyInfo(const FileContent& content, int64_t offset);

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_CONVERT_H_
