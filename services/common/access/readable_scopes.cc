#include "services/common/access/readable_scopes.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::access {
namespace {

constexpr size_t kFewMax = 16;

}  // namespace

// A scope of which one is a member is in the second part only when it is not
// in the first. 1 is PUBLIC; the tables hold no other role than above 0.
std::string ReadableScopes(absl::string_view principal) {
  return absl::StrCat(
      "SELECT scope FROM access_scopes WHERE visibility = 1"
      " UNION ALL"
      " SELECT access_grants.scope FROM access_grants"
      " JOIN access_scopes ON access_scopes.scope = access_grants.scope"
      " WHERE access_scopes.visibility <> 1 AND access_grants.principal = ",
      principal);
}

std::string IsReadable(absl::string_view scope, absl::string_view principal) {
  return absl::StrCat(
      "EXISTS (SELECT 1 FROM access_scopes"
      " LEFT JOIN access_grants"
      " ON access_grants.scope = access_scopes.scope"
      " AND access_grants.principal = ",
      principal, " WHERE access_scopes.scope = ", scope,
      " AND (access_scopes.visibility = 1"
      " OR access_grants.role IS NOT NULL))");
}

absl::StatusOr<std::optional<std::vector<std::string>>> ReadableIfFew(
    sql::Reader& reader, absl::string_view principal) {
  static const std::string& sql =
      *new std::string(absl::StrCat(ReadableScopes("$1"), " LIMIT $2"));
  std::vector<std::string> scopes;
  RETURN_IF_ERROR(reader.Query(sql.c_str(), {principal, kFewMax + 1},
                               [&](const sql::Row& row) {
                                 scopes.push_back(row.String(0));
                                 return absl::OkStatus();
                               }));
  if (scopes.size() > kFewMax) return std::nullopt;
  return scopes;
}

}  // namespace praxis::access
