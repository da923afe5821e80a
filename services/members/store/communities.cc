#include "services/members/store/communities.h"

#include "services/common/status/status.h"
#include "services/members/store/lines.h"

namespace praxis::members::store {
namespace {

Community CommunityFrom(const sql::Row& row) {
  Community community;
  community.id = row.String(0);
  community.display_name = row.String(1);
  community.domain = row.String(2);
  community.topics = SplitLines(row.Text(3));
  community.visibility = static_cast<Visibility>(row.Int(4));
  community.join_policy = static_cast<JoinPolicy>(row.Int(5));
  community.create_time = row.Time(6);
  community.update_time = row.Time(7);
  community.version = row.Int(8);
  return community;
}

}  // namespace

absl::StatusOr<Community> GetCommunity(sql::Reader& reader,
                                       absl::string_view id) {
  return reader.One(
      "SELECT id, display_name, domain, topics, visibility, join_policy, "
      "create_time, update_time, version FROM communities WHERE id = $1",
      {id}, "There is no such community.", CommunityFrom);
}

absl::StatusOr<std::vector<Community>> ListCommunities(sql::Reader& reader,
                                                       absl::string_view member,
                                                       absl::string_view after,
                                                       int limit) {
  std::vector<Community> communities;
  // Two ordered ranges, each read no further than the page: listed ones by
  // their partial index, the caller's hidden ones by the caller's memberships.
  RETURN_IF_ERROR(reader.Query(
      "SELECT id, display_name, domain, topics, visibility, join_policy, "
      "create_time, update_time, version FROM ("
      "  SELECT * FROM communities WHERE visibility < 3 AND id > $2"
      "  ORDER BY id LIMIT $3) AS listed "
      "UNION ALL "
      "SELECT id, display_name, domain, topics, visibility, join_policy, "
      "create_time, update_time, version FROM ("
      "  SELECT communities.* FROM memberships JOIN communities"
      "    ON communities.id = memberships.community_id"
      "  WHERE memberships.member_id = $1 AND memberships.community_id > $2"
      "    AND communities.visibility >= 3"
      "  ORDER BY memberships.community_id LIMIT $3) AS hidden "
      "ORDER BY id LIMIT $3",
      {member, after, limit}, [&](const sql::Row& row) {
        communities.push_back(CommunityFrom(row));
        return absl::OkStatus();
      }));
  return communities;
}

// A taken id is no failure of the statement, so that the error can say what to
// do about it.
absl::Status InsertCommunity(sql::Tx& tx, const Community& community) {
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      tx.Execute("INSERT INTO communities (id, display_name, domain, topics, "
                 "visibility, join_policy, create_time, update_time, version) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
                 "ON CONFLICT (id) DO NOTHING",
                 {community.id, community.display_name, community.domain,
                  JoinLines(community.topics), community.visibility,
                  community.join_policy, community.create_time,
                  community.update_time, community.version}));
  if (inserted == 1) return absl::OkStatus();
  return Error(Reason::NAME_TAKEN,
               "A community with this id exists; choose another.");
}

absl::Status UpdateCommunity(sql::Tx& tx, const Community& community) {
  return tx
      .Execute(
          "UPDATE communities SET display_name = $2, domain = $3, "
          "topics = $4, visibility = $5, join_policy = $6, "
          "update_time = $7, version = $8 WHERE id = $1",
          {community.id, community.display_name, community.domain,
           JoinLines(community.topics), community.visibility,
           community.join_policy, community.update_time, community.version})
      .status();
}

}  // namespace praxis::members::store
