// Resources: what a community's practice has produced.
#ifndef SERVICES_RESOURCES_DOMAIN_RESOURCE_H_
#define SERVICES_RESOURCES_DOMAIN_RESOURCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/resources/domain/actor.h"

namespace praxis::resources {

// The numbers are stored and are those of the contract.
enum class ResourceKind { kDocument = 1, kLink = 2, kFile = 3 };

// Where a resource lives: "communities/{community}/resources/{id}".
struct ResourceKey {
  std::string community;
  std::string id;
};

// The bytes of a file, by what they are.
struct FileContent {
  std::string filename;
  // Media type, "application/pdf".
  std::string content_type;
  int64_t size_bytes = 0;
  // 64 lower-case hex digits.
  std::string sha256;
};

// One artefact.
struct Resource {
  ResourceKey key;
  ResourceKind kind = ResourceKind::kDocument;
  std::string title;
  std::string description;
  // Of a document.
  std::string text;
  // Of a link.
  std::string uri;
  // Of a file that was uploaded.
  std::optional<FileContent> content;
  // "members/{member}"
  std::string author;
  absl::Time create_time;
  absl::Time update_time;
  // 1, 2, 3 ...
  int64_t version = 1;
};

// A document has text, a link its URI, and neither has what belongs to another
// kind: FIELD_INVALID names every field that is missing or too much.
absl::Status CheckShape(const Resource& resource);

// A file takes bytes, from its author or who moderates: NO_CONTENT, NOT_AUTHOR.
absl::Status MayUpload(const Resource& resource, const Actor& actor);

// NO_CONTENT unless it is a file that was uploaded.
absl::Status MayDownload(const Resource& resource);

// Gives `resource` new bytes.
void SetContent(Resource& resource, FileContent content, absl::Time now);

// A media type "type/subtype" of RFC 6838's restricted names, without
// parameters.
bool IsMediaType(absl::string_view text);

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_DOMAIN_RESOURCE_H_
