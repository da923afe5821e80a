#include "services/resources/domain/resource.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/common/status/status.h"

namespace praxis::resources {
namespace {

constexpr size_t kMediaNameBytesMax = 127;

// RFC 6838, 4.2.
bool IsRestrictedName(absl::string_view name) {
  if (name.empty() || name.size() > kMediaNameBytesMax ||
      !absl::ascii_isalnum(name[0])) {
    return false;
  }
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) &&
        !absl::StrContains("!#$&-^_.+", absl::string_view(&c, 1))) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::Status CheckShape(const Resource& resource) {
  const bool document = resource.kind == ResourceKind::kDocument;
  const bool link = resource.kind == ResourceKind::kLink;
  std::vector<FieldViolation> violations;
  if (document && resource.text.empty()) {
    violations.push_back({"resource.text", "must be set for a DOCUMENT"});
  }
  if (!document && !resource.text.empty()) {
    violations.push_back({"resource.text", "is for a DOCUMENT only"});
  }
  if (link && resource.uri.empty()) {
    violations.push_back({"resource.uri", "must be set for a LINK"});
  }
  if (!link && !resource.uri.empty()) {
    violations.push_back({"resource.uri", "is for a LINK only"});
  }
  return violations.empty() ? absl::OkStatus() : FieldErrors(violations);
}

absl::Status MayUpload(const Resource& resource, const Actor& actor) {
  if (actor.name != resource.author && !actor.moderates) {
    return Error(Reason::NOT_AUTHOR,
                 "Only its author or a moderator can upload its content.");
  }
  if (resource.kind != ResourceKind::kFile) {
    return Error(Reason::NO_CONTENT,
                 "Only a resource of kind FILE takes content.");
  }
  return absl::OkStatus();
}

absl::Status MayDownload(const Resource& resource) {
  if (resource.content.has_value()) return absl::OkStatus();
  return Error(Reason::NO_CONTENT,
               resource.kind == ResourceKind::kFile
                   ? "Its content has not been uploaded yet."
                   : "Only a resource of kind FILE has content.");
}

void SetContent(Resource& resource, FileContent content, absl::Time now) {
  resource.content = std::move(content);
  resource.update_time = now;
  ++resource.version;
}

bool IsMediaType(absl::string_view text) {
  const size_t slash = text.find('/');
  return slash != text.npos && IsRestrictedName(text.substr(0, slash)) &&
         IsRestrictedName(text.substr(slash + 1));
}

}  // namespace praxis::resources
