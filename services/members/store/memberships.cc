#include "services/members/store/memberships.h"

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/status/status.h"

namespace praxis::members::store {
namespace {

constexpr char kFind[] =
    "SELECT community_id, member_id, rank, create_time, update_time, version "
    "FROM memberships WHERE community_id = $1 AND member_id = $2";

// The column rank: owners are 0.
int64_t RankOf(Role role) {
  return static_cast<int64_t>(Role::kOwner) - static_cast<int64_t>(role);
}
Role RoleOf(int64_t rank) {
  return static_cast<Role>(static_cast<int64_t>(Role::kOwner) - rank);
}

Membership MembershipFrom(const sql::Row& row) {
  Membership membership;
  membership.community = row.String(0);
  membership.member = row.String(1);
  membership.role = RoleOf(row.Int(2));
  membership.create_time = row.Time(3);
  membership.update_time = row.Time(4);
  membership.version = row.Int(5);
  return membership;
}

// A row's place in the order of the list.
struct Place {
  // Before every row.
  int64_t rank = -1;
  int64_t joined = 0;
  std::string member;
};

// `text` is empty or comes from PlaceOf: pages are sealed on their way.
Place ParsePlace(absl::string_view text) {
  Place place;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  if (parts.size() == 3 && absl::SimpleAtoi(parts[0], &place.rank) &&
      absl::SimpleAtoi(parts[1], &place.joined)) {
    place.member = std::string(parts[2]);
  }
  return place;
}

}  // namespace

absl::StatusOr<std::optional<Membership>> FindMembership(
    sql::Reader& reader, absl::string_view community,
    absl::string_view member) {
  std::optional<Membership> membership;
  RETURN_IF_ERROR(
      reader.Query(kFind, {community, member}, [&](const sql::Row& row) {
        membership = MembershipFrom(row);
        return absl::OkStatus();
      }));
  return membership;
}

absl::StatusOr<std::optional<Membership>> LockMembership(
    sql::Tx& tx, absl::string_view community, absl::string_view member) {
  std::optional<Membership> membership;
  RETURN_IF_ERROR(tx.Lock(kFind, {community, member}, [&](const sql::Row& row) {
    membership = MembershipFrom(row);
    return absl::OkStatus();
  }));
  return membership;
}

absl::StatusOr<Membership> GetMembership(sql::Reader& reader,
                                         absl::string_view community,
                                         absl::string_view member) {
  ASSIGN_OR_RETURN(std::optional<Membership> membership,
                   FindMembership(reader, community, member));
  if (membership.has_value()) return *std::move(membership);
  return sql::NotFound("This person is not a member of the community.");
}

// The place is compared as a row, so that a page anywhere in the list is one
// range of the index memberships_listed, which also has every column.
absl::StatusOr<std::vector<Membership>> ListMemberships(
    sql::Reader& reader, absl::string_view community, absl::string_view after,
    int limit) {
  const Place place = ParsePlace(after);
  std::vector<Membership> memberships;
  RETURN_IF_ERROR(reader.Query(
      "SELECT community_id, member_id, rank, create_time, update_time, version "
      "FROM memberships WHERE community_id = $1 "
      "AND (rank, create_time, member_id) > ($2, $3, $4) "
      "ORDER BY rank, create_time, member_id LIMIT $5",
      {community, place.rank, place.joined, place.member, limit},
      [&](const sql::Row& row) {
        memberships.push_back(MembershipFrom(row));
        return absl::OkStatus();
      }));
  return memberships;
}

std::string PlaceOf(const Membership& membership) {
  return absl::StrCat(RankOf(membership.role), "/",
                      absl::ToUnixMicros(membership.create_time), "/",
                      membership.member);
}

// Whether there is another owner is all that anyone asks, so a community of a
// thousand owners costs no more. In an order that does not change, so that any
// two who count lock the same ones.
absl::StatusOr<int> CountOwners(sql::Tx& tx, absl::string_view community) {
  int owners = 0;
  RETURN_IF_ERROR(tx.Lock(
      "SELECT member_id FROM memberships WHERE community_id = $1 AND rank = 0 "
      "ORDER BY create_time, member_id LIMIT 2",
      {community}, [&](const sql::Row&) {
        ++owners;
        return absl::OkStatus();
      }));
  return owners;
}

// A clash is no failure of the statement: where several write, the database
// then finds that someone else was here in the meantime, the transaction runs
// again, and sees them.
absl::Status InsertMembership(sql::Tx& tx, const Membership& membership) {
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      tx.Execute("INSERT INTO memberships (community_id, member_id, rank, "
                 "create_time, update_time, version) "
                 "VALUES ($1, $2, $3, $4, $5, $6) "
                 "ON CONFLICT (community_id, member_id) DO NOTHING",
                 {membership.community, membership.member,
                  RankOf(membership.role), membership.create_time,
                  membership.update_time, membership.version}));
  if (inserted == 1) return absl::OkStatus();
  return Error(Reason::NAME_TAKEN,
               "This person is a member of the community already.");
}

absl::Status UpdateMembership(sql::Tx& tx, const Membership& membership) {
  return tx
      .Execute(
          "UPDATE memberships SET rank = $3, update_time = $4, "
          "version = $5 WHERE community_id = $1 AND member_id = $2",
          {membership.community, membership.member, RankOf(membership.role),
           membership.update_time, membership.version})
      .status();
}

absl::Status DeleteMembership(sql::Tx& tx, const Membership& membership) {
  return tx
      .Execute(
          "DELETE FROM memberships "
          "WHERE community_id = $1 AND member_id = $2",
          {membership.community, membership.member})
      .status();
}

}  // namespace praxis::members::store
