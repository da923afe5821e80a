// What the tables say of blobs: which are named, and in which folder they are.
#ifndef SERVICES_RESOURCES_STORE_BLOBS_H_
#define SERVICES_RESOURCES_STORE_BLOBS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"

namespace praxis::resources::store {

// Whether the content of any resource has this digest. It is asked while
// uploads wait, so for a second at the most.
absl::StatusOr<bool> IsBlobNamed(sql::Database& db, absl::string_view sha256);

// The id of the folder whose blobs the resources name; empty when there is
// none.
absl::StatusOr<std::string> BlobFolder(sql::Database& db);

// The same, which is `id` when there was none: of several processes the first
// one's.
absl::StatusOr<std::string> ChooseBlobFolder(sql::Database& db,
                                             absl::string_view id);

}  // namespace praxis::resources::store

#endif  // SERVICES_RESOURCES_STORE_BLOBS_H_
