// Field rules: the shape of a message, as options.proto declares it.
#ifndef SERVICES_COMMON_RPC_FIELDS_H_
#define SERVICES_COMMON_RPC_FIELDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace praxis::rpc {

// Clears output-only fields of a request and holds every other field against
// its rules: FIELD_INVALID names each that breaks one. In a request with an
// update_mask, what is required of the patched resource is not asked here but
// of the merged record, by ApplyMask.
absl::Status CheckRequest(google::protobuf::Message* request);

// Holds a whole record against its rules.
absl::Status CheckRecord(const google::protobuf::Message& record);

// Every rule that does not fit its field's type, for start-up. Descends into
// the messages that `type` holds.
std::vector<std::string> RuleProblems(const google::protobuf::Descriptor* type);

// The id at `index` of a resource name: IdAt("communities/lean", 0) is "lean".
// Names in requests have their declared shape by the time a handler runs.
absl::string_view IdAt(absl::string_view name, int index);

// What is wrong with `value` of a required string field, as a sentence without
// its subject; empty when nothing is.
std::string FieldProblem(const google::protobuf::FieldDescriptor& field,
                         absl::string_view value);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_FIELDS_H_
