// Which fields a JSON body names: the update mask of a PATCH without one.
#ifndef GATEWAY_TRANSCODE_FIELD_PATHS_H_
#define GATEWAY_TRANSCODE_FIELD_PATHS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// The paths, in names of the .proto, of the fields that `json` names, in its
// order: {"displayName": "x", "spot": {"x": 1}} is "display_name", "spot.x"
// (AIP-134). Fields set to null are named too, for a PATCH clears them. Lists,
// maps, empty objects and types with a JSON form of their own are one path.
// Left out are fields that callers cannot set (output_only, AIP-203), so that
// what was read can be sent back changed. null names nothing. BODY_INVALID as
// by ReadJson().
absl::StatusOr<std::vector<std::string>> FieldPaths(const MessageSchema& schema,
                                                    absl::string_view json);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_FIELD_PATHS_H_
