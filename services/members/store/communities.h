// The table communities.
#ifndef SERVICES_MEMBERS_STORE_COMMUNITIES_H_
#define SERVICES_MEMBERS_STORE_COMMUNITIES_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/members/domain/community.h"

namespace praxis::members::store {

// RESOURCE_NOT_FOUND.
absl::StatusOr<Community> GetCommunity(sql::Reader& reader,
                                       absl::string_view id);

// At most `limit` communities with ids after `after`, by id: those that are
// not hidden and those that `member` (an id; empty: nobody) belongs to.
absl::StatusOr<std::vector<Community>> ListCommunities(sql::Reader& reader,
                                                       absl::string_view member,
                                                       absl::string_view after,
                                                       int limit);

// NAME_TAKEN, also when the one that has the id is hidden: a slug can only be
// given out once.
absl::Status InsertCommunity(sql::Tx& tx, const Community& community);

// Overwrites the row with the community's id.
absl::Status UpdateCommunity(sql::Tx& tx, const Community& community);

}  // namespace praxis::members::store

#endif  // SERVICES_MEMBERS_STORE_COMMUNITIES_H_
