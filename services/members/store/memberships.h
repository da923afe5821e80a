// The table memberships.
#ifndef SERVICES_MEMBERS_STORE_MEMBERSHIPS_H_
#define SERVICES_MEMBERS_STORE_MEMBERSHIPS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/members/domain/membership.h"

namespace praxis::members::store {

absl::StatusOr<std::optional<Membership>> FindMembership(
    sql::Reader& reader, absl::string_view community, absl::string_view member);

// RESOURCE_NOT_FOUND.
absl::StatusOr<Membership> GetMembership(sql::Reader& reader,
                                         absl::string_view community,
                                         absl::string_view member);

// At most `limit` memberships after the place `after`: owners first, then by
// role, time of joining and id.
absl::StatusOr<std::vector<Membership>> ListMemberships(
    sql::Reader& reader, absl::string_view community, absl::string_view after,
    int limit);

// The place of a membership in that order, for the page after it.
std::string PlaceOf(const Membership& membership);

// The same as FindMembership, and nobody else changes it until the transaction
// has ended: for whoever acts by it.
absl::StatusOr<std::optional<Membership>> LockMembership(
    sql::Tx& tx, absl::string_view community, absl::string_view member);

// How many owners a community has, counted to two, who stay its owners until
// the transaction has ended: of two who leave at once, one sees that the other
// has left.
absl::StatusOr<int> CountOwners(sql::Tx& tx, absl::string_view community);

// NAME_TAKEN when the person belongs to the community.
absl::Status InsertMembership(sql::Tx& tx, const Membership& membership);

// Stores a changed role.
absl::Status UpdateMembership(sql::Tx& tx, const Membership& membership);

absl::Status DeleteMembership(sql::Tx& tx, const Membership& membership);

}  // namespace praxis::members::store

#endif  // SERVICES_MEMBERS_STORE_MEMBERSHIPS_H_
