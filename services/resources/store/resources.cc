#include "services/resources/store/resources.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

// What bounds a page.
size_t TextBytes(const Resource& resource) {
  return resource.text.size() + resource.description.size();
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

absl::StatusOr<sql::Slice<Resource>> List(sql::Reader& reader, const char* sql,
                                          sql::Params params, int size) {
  sql::Slice<Resource> resources;
  RETURN_IF_ERROR(reader.Query(sql, params, [&](const sql::Row& row) {
    if (resources.more) return absl::OkStatus();
    Resource resource = ResourceFrom(row);
    const size_t bytes = TextBytes(resource);
    resources.Add(std::move(resource), bytes, size);
    return absl::OkStatus();
  }));
  return resources;
}

// The newest of each of these scopes, put in order; only the page's own are
// read whole.
absl::StatusOr<sql::Slice<Resource>> ListByNaming(
    sql::Reader& reader, const std::vector<std::string>& scopes,
    absl::string_view before, int size) {
  std::vector<ResourceKey> keys;
  for (absl::string_view scope : scopes) {
    const absl::string_view community = scope.substr(kScopePrefix.size());
    RETURN_IF_ERROR(reader.Query(
        "SELECT id FROM resources WHERE community_id = $1 AND id < $2 "
        "ORDER BY id DESC LIMIT $3",
        {community, before, size + 1}, [&](const sql::Row& row) {
          keys.push_back({std::string(community), row.String(0)});
          return absl::OkStatus();
        }));
  }
  std::sort(
      keys.begin(), keys.end(),
      [](const ResourceKey& a, const ResourceKey& b) { return a.id > b.id; });

  sql::Slice<Resource> resources;
  for (const ResourceKey& key : keys) {
    if (resources.more) break;
    ASSIGN_OR_RETURN(Resource resource, GetResource(reader, key));
    const size_t bytes = TextBytes(resource);
    resources.Add(std::move(resource), bytes, size);
  }
  return resources;
}

// The newest of all, each asked whether it may be read.
absl::StatusOr<sql::Slice<Resource>> ListByAsking(sql::Reader& reader,
                                                  absl::string_view principal,
                                                  absl::string_view before,
                                                  int size) {
  static const std::string& sql = *new std::string(Select(
      absl::StrCat("WHERE id < $1 AND ",
                   access::IsReadable("'communities/' || community_id", "$2"),
                   " ORDER BY id DESC LIMIT $3")));
  return List(reader, sql.c_str(), {before, principal, size + 1}, size);
}

}  // namespace

absl::StatusOr<Resource> GetResource(sql::Reader& reader,
                                     const ResourceKey& key) {
  static const std::string& sql =
      *new std::string(Select("WHERE community_id = $1 AND id = $2"));
  return reader.One(sql.c_str(), {key.community, key.id},
                    "There is no such resource.", ResourceFrom);
}

absl::StatusOr<sql::Slice<Resource>> ListResources(sql::Reader& reader,
                                                   absl::string_view community,
                                                   absl::string_view before,
                                                   int size) {
  static const std::string& sql = *new std::string(
      Select("WHERE community_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"));
  return List(reader, sql.c_str(),
              {community, before.empty() ? kAfterAll : before, size + 1}, size);
}

absl::StatusOr<sql::Slice<Resource>> ListReadableResources(
    sql::Reader& reader, absl::string_view principal, absl::string_view before,
    int size) {
  if (before.empty()) before = kAfterAll;
  ASSIGN_OR_RETURN(const std::optional<std::vector<std::string>> few,
                   access::ReadableIfFew(reader, principal));
  return few.has_value() ? ListByNaming(reader, *few, before, size)
                         : ListByAsking(reader, principal, before, size);
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
