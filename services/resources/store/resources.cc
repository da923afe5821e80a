#include "services/resources/store/resources.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/access/readable_scopes.h"
#include "services/common/status/status.h"

namespace praxis::resources::store {
namespace {

// Above every id: they are made of digits and lower-case letters.
constexpr char kAfterAll[] = "~";

constexpr absl::string_view kScopePrefix = "communities/";

// Every query begins with these columns; ResourceFrom reads them.
std::string Select(absl::string_view rest) {
  return absl::StrCat(
      "SELECT kind, author, create_time, update_time, version, sha256, "
      "size_bytes, filename, content_type, uri, title, description, text, "
      "community_id, id FROM resources ",
      rest);
}

Resource ResourceFrom(const sql::Row& row) {
  Resource resource{.key = {.community = row.String(13), .id = row.String(14)},
                    .kind = static_cast<ResourceKind>(row.Int(0)),
                    .title = row.String(10),
                    .description = row.String(11),
                    .text = row.String(12),
                    .uri = row.String(9),
                    .author = row.String(1),
                    .create_time = row.Time(2),
                    .update_time = row.Time(3),
                    .version = row.Int(4)};
  if (!row.IsNull(5)) {
    resource.content = FileContent{.filename = row.String(7),
                                   .content_type = row.String(8),
                                   .size_bytes = row.Int(6),
                                   .sha256 = row.String(5)};
  }
  return resource;
}

absl::StatusOr<std::vector<Resource>> List(sql::Reader& reader, const char* sql,
                                           sql::Params params) {
  std::vector<Resource> resources;
  RETURN_IF_ERROR(reader.Query(sql, params, [&](const sql::Row& row) {
    resources.push_back(ResourceFrom(row));
    return absl::OkStatus();
  }));
  return resources;
}

// The newest of each of these scopes, put in order.
absl::StatusOr<std::vector<Resource>> ListByNaming(
    sql::Reader& reader, const std::vector<std::string>& scopes,
    absl::string_view before, int limit) {
  std::vector<Resource> all;
  for (absl::string_view scope : scopes) {
    ASSIGN_OR_RETURN(std::vector<Resource> resources,
                     ListResources(reader, scope.substr(kScopePrefix.size()),
                                   before, limit));
    std::move(resources.begin(), resources.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(), [](const Resource& a, const Resource& b) {
    return a.key.id > b.key.id;
  });
  if (all.size() > static_cast<size_t>(limit)) all.resize(limit);
  return all;
}

// The newest of all, each asked whether it may be read.
absl::StatusOr<std::vector<Resource>> ListByAsking(sql::Reader& reader,
                                                   absl::string_view principal,
                                                   absl::string_view before,
                                                   int limit) {
  static const std::string& sql = *new std::string(Select(
      absl::StrCat("WHERE id < $1 AND ",
                   access::IsReadable("'communities/' || community_id", "$2"),
                   " ORDER BY id DESC LIMIT $3")));
  return List(reader, sql.c_str(), {before, principal, limit});
}

}  // namespace

absl::StatusOr<Resource> GetResource(sql::Reader& reader,
                                     const ResourceKey& key) {
  static const std::string& sql =
      *new std::string(Select("WHERE community_id = $1 AND id = $2"));
  return reader.One(sql.c_str(), {key.community, key.id},
                    "There is no such resource.", ResourceFrom);
}

absl::StatusOr<std::vector<Resource>> ListResources(sql::Reader& reader,
                                                    absl::string_view community,
                                                    absl::string_view before,
                                                    int limit) {
  static const std::string& sql = *new std::string(
      Select("WHERE community_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"));
  return List(reader, sql.c_str(),
              {community, before.empty() ? kAfterAll : before, limit});
}

absl::StatusOr<std::vector<Resource>> ListReadableResources(
    sql::Reader& reader, absl::string_view principal, absl::string_view before,
    int limit) {
  if (before.empty()) before = kAfterAll;
  ASSIGN_OR_RETURN(const std::optional<std::vector<std::string>> few,
                   access::ReadableIfFew(reader, principal));
  return few.has_value() ? ListByNaming(reader, *few, before, limit)
                         : ListByAsking(reader, principal, before, limit);
}

absl::Status InsertResource(sql::Tx& tx, const Resource& resource) {
  return tx
      .Execute(
          "INSERT INTO resources (community_id, id, kind, author, create_time, "
          "update_time, version, uri, title, description, text) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
          {resource.key.community, resource.key.id, resource.kind,
           resource.author, resource.create_time, resource.update_time,
           resource.version, resource.uri, resource.title, resource.description,
           resource.text})
      .status();
}

absl::Status UpdateContent(sql::Tx& tx, const Resource& resource) {
  return tx
      .Execute(
          "UPDATE resources SET update_time = $3, version = $4, sha256 = $5, "
          "size_bytes = $6, filename = $7, content_type = $8 "
          "WHERE community_id = $1 AND id = $2",
          {resource.key.community, resource.key.id, resource.update_time,
           resource.version, resource.content->sha256,
           resource.content->size_bytes, resource.content->filename,
           resource.content->content_type})
      .status();
}

}  // namespace praxis::resources::store
