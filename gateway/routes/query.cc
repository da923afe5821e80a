#include "gateway/routes/query.h"

#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/routes/field_path.h"
#include "gateway/routes/percent.h"
#include "gateway/transcode/json_cursor.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// The name comes from outside: it is shown short and escaped.
absl::Status BadParameter(absl::string_view name, absl::string_view why) {
  return Error(Reason::URL_INVALID,
               absl::StrCat("query parameter ", Shown(name), ": ", why));
}

// A system parameter (cloud.google.com/apis/docs/system-parameters), unless it
// is taken.
bool IsReadMask(const Route& route, absl::string_view name) {
  return name == "$fields" ||
         (name == "fields" && route.request->FindName(name) == nullptr);
}

// Sets name and value of "name=value", decoded.
absl::Status ReadParameter(absl::string_view parameter, std::string* name,
                           std::string* value) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(parameter, absl::MaxSplits('=', 1));
  name->clear();
  value->clear();
  if (AppendDecoded(parts.first, Percent::kForm, name) &&
      AppendDecoded(parts.second, Percent::kForm, value)) {
    return absl::OkStatus();
  }
  return BadParameter(parts.first,
                      "a \"%\" is not followed by two hexadecimal digits");
}

// The field that a parameter may set on this route.
absl::StatusOr<FieldPath> FieldOf(const Route& route, absl::string_view name) {
  std::optional<FieldPath> field = FieldPath::Resolve(*route.request, name);
  if (!field.has_value()) {
    return BadParameter(name, "there is no such field");
  }
  for (const FieldPath& variable : route.variables) {
    if (variable == *field) {
      return BadParameter(name, "it is in the path already");
    }
  }
  if (route.body == Route::Body::kWhole ||
      (route.body == Route::Body::kField &&
       &field->first() == route.body_field)) {
    return BadParameter(name, "it belongs into the body");
  }
  return *std::move(field);
}

}  // namespace

absl::Status AppendQuery(const Route& route, absl::string_view query,
                         std::string* wire) {
  absl::flat_hash_set<std::string> taken;
  std::string name;
  std::string value;
  for (const absl::string_view parameter :
       absl::StrSplit(query, '&', absl::SkipEmpty())) {
    RETURN_IF_ERROR(ReadParameter(parameter, &name, &value));
    if (IsReadMask(route, name)) continue;
    ASSIGN_OR_RETURN(const FieldPath field, FieldOf(route, name));
    if (field.last().cardinality == Cardinality::kSingular &&
        !taken.insert(field.Slot()).second) {
      return BadParameter(name, "only one value may be given");
    }
    const absl::Status appended = field.Append(value, wire);
    if (!appended.ok()) return BadParameter(name, appended.message());
  }
  return absl::OkStatus();
}

absl::StatusOr<ReadMask> ReadMaskOf(const Route& route,
                                    absl::string_view query) {
  std::optional<ReadMask> mask;
  std::string name;
  std::string value;
  for (const absl::string_view parameter :
       absl::StrSplit(query, '&', absl::SkipEmpty())) {
    RETURN_IF_ERROR(ReadParameter(parameter, &name, &value));
    if (!IsReadMask(route, name)) continue;
    if (mask.has_value()) {
      return BadParameter(name, "only one value may be given");
    }
    absl::StatusOr<ReadMask> parsed =
        route.response_field == nullptr
            ? ReadMask::Parse(*route.response, value)
            : ReadMask::Parse(*route.response_field, value);
    if (!parsed.ok()) return BadParameter(name, parsed.status().message());
    mask = *std::move(parsed);
  }
  return mask.has_value() ? *std::move(mask) : ReadMask();
}

bool QueryNames(absl::string_view query, const FieldSchema& field) {
  for (const absl::string_view parameter : absl::StrSplit(query, '&')) {
    std::string name;
    AppendDecoded(parameter.substr(0, parameter.find('=')), Percent::kForm,
                  &name);
    if (name == field.descriptor->name() ||
        name == field.descriptor->json_name()) {
      return true;
    }
  }
  return false;
}

}  // namespace praxis::gateway
