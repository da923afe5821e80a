// Field masks: a patch applied to a record (AIP-134, AIP-161).
#ifndef SERVICES_COMMON_RPC_MASK_H_
#define SERVICES_COMMON_RPC_MASK_H_

#include "absl/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace praxis::rpc {

// Copies the fields that `mask` names from `patch` to `record`, two messages of
// one type. An empty mask names every field set in the patch; "*" names all
// that can be set. `name`, `etag` and output-only fields cannot: naming one is
// MASK_INVALID, as is an unknown path. The record is then held against its
// field rules: FIELD_INVALID leaves it in an unspecified state.
absl::Status ApplyMask(const google::protobuf::FieldMask& mask,
                       const google::protobuf::Message& patch,
                       google::protobuf::Message* record);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_MASK_H_
