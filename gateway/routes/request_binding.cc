#include "gateway/routes/request_binding.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/routes/query.h"
#include "gateway/transcode/field_paths.h"
#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/scalar_text.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Each variable within the messages that it lies in, whatever they hold so far.
absl::Status AppendPath(const RouteMatch& match, std::string* wire) {
  const std::vector<FieldPath>& variables = match.route->variables;
  for (size_t i = 0; i < variables.size(); ++i) {
    const absl::Status appended = variables[i].Append(match.captures[i], wire);
    if (!appended.ok()) {
      return Error(Reason::URL_INVALID,
                   absl::StrCat("in the path, ", variables[i].ToString(), ": ",
                                appended.message()));
    }
  }
  return absl::OkStatus();
}

// A field of the resource that a body names, but that is no change: its name,
// which is in the path, and the etag that it must have.
bool IsIdentity(const Route& route, absl::string_view path) {
  if (path == "etag") return true;
  const std::string full =
      absl::StrCat(route.body_field->descriptor->name(), ".", path);
  for (const FieldPath& variable : route.variables) {
    if (variable.ToString() == full) return true;
  }
  return false;
}

// An empty mask is left out: services take it for all that is set.
absl::Status AppendUpdateMask(const Route& route, absl::string_view body,
                              std::string* wire) {
  ASSIGN_OR_RETURN(std::vector<std::string> paths,
                   FieldPaths(*route.body_field->message, body));
  std::erase_if(
      paths, [&](const std::string& path) { return IsIdentity(route, path); });
  if (paths.empty()) return absl::OkStatus();
  return ParseScalar(*route.update_mask, absl::StrJoin(paths, ","), wire);
}

// ReadJson says what is wrong and where; a body nobody asked for is wrong too.
absl::Status AppendBody(const Route& route, absl::string_view body,
                        std::string* wire) {
  switch (route.body) {
    case Route::Body::kNone:
      return Error(Reason::BODY_INVALID, "this method takes no body");
    case Route::Body::kWhole:
      return ReadJson(*route.request, body, wire);
    case Route::Body::kField:
      return ReadJsonField(*route.body_field, body, wire);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> BindRequest(const RouteMatch& match,
                                        absl::string_view query,
                                        absl::string_view body) {
  const Route& route = *match.route;
  std::string wire;
  RETURN_IF_ERROR(AppendQuery(route, query, &wire));
  if (!absl::StripAsciiWhitespace(body).empty()) {
    RETURN_IF_ERROR(AppendBody(route, body, &wire));
    if (route.update_mask != nullptr &&
        !QueryNames(query, *route.update_mask)) {
      RETURN_IF_ERROR(AppendUpdateMask(route, body, &wire));
    }
  }
  RETURN_IF_ERROR(AppendPath(match, &wire));
  return wire;
}

absl::StatusOr<std::string> BindUrl(const RouteMatch& match,
                                    absl::string_view query) {
  std::string wire;
  RETURN_IF_ERROR(AppendQuery(*match.route, query, &wire));
  RETURN_IF_ERROR(AppendPath(match, &wire));
  return wire;
}

absl::Status WriteResponse(const Route& route, absl::string_view wire,
                           const ReadMask& mask, std::string* json) {
  if (route.response_field == nullptr) {
    return WriteJson(*route.response, wire, json, &mask);
  }
  return WriteJsonField(*route.response, *route.response_field, wire, json,
                        &mask);
}

}  // namespace praxis::gateway
