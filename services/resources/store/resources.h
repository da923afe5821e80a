// The table resources.
#ifndef SERVICES_RESOURCES_STORE_RESOURCES_H_
#define SERVICES_RESOURCES_STORE_RESOURCES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/common/sql/slice.h"
#include "services/resources/domain/resource.h"

namespace praxis::resources::store {

// RESOURCE_NOT_FOUND.
absl::StatusOr<Resource> GetResource(sql::Reader& reader,
                                     const ResourceKey& key);

// A page of at most `size` resources of a community, newest first: those older
// than the one with the id `before`, or from the newest when it is empty.
absl::StatusOr<sql::Slice<Resource>> ListResources(sql::Reader& reader,
                                                   absl::string_view community,
                                                   absl::string_view before,
                                                   int size);

// The same over every community that `principal` ("members/{member}"; empty:
// anyone) may read.
absl::StatusOr<sql::Slice<Resource>> ListReadableResources(
    sql::Reader& reader, absl::string_view principal, absl::string_view before,
    int size);

absl::Status InsertResource(sql::Tx& tx, const Resource& resource);

// Stores the content that a resource was given.
absl::Status UpdateContent(sql::Tx& tx, const Resource& resource);

}  // namespace praxis::resources::store

#endif  // SERVICES_RESOURCES_STORE_RESOURCES_H_
