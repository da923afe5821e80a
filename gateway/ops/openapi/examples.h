// Examples: values as a caller may see and send them.
#ifndef GATEWAY_OPS_OPENAPI_EXAMPLES_H_
#define GATEWAY_OPS_OPENAPI_EXAMPLES_H_

#include <map>
#include <optional>
#include <set>
#include <string>

#include "gateway/ops/openapi/contract.h"
#include "gateway/ops/openapi/object.h"
#include "google/protobuf/descriptor.h"

namespace praxis::gateway {

// Makes examples of the values that the contract gives for its fields
// (praxis.options.v1.field, `example`). A resource name has one wherever it is
// asked for: that of the first field with its pattern.
class Examples {
 public:
  explicit Examples(const Contract& contract);

  // A message as it is answered: every field that has an example.
  Object Answered(const google::protobuf::Descriptor& type) const;
  // A message as it is sent: without what the service sets, what only a retry
  // or a guarded change needs, and the fields in `left_out`, by name.
  Object Sent(const google::protobuf::Descriptor& type,
              const std::set<std::string>& left_out = {}) const;

  // Of one field that holds no message of ours, or of each element of its list;
  // none where the contract gives none.
  std::optional<Value> Of(const google::protobuf::FieldDescriptor& field) const;

 private:
  enum class Way { kAnswered, kSent };

  Object Message(const google::protobuf::Descriptor& type, Way way,
                 const std::set<std::string>& left_out) const;
  std::optional<Value> Field(const google::protobuf::FieldDescriptor& field,
                             Way way) const;

  // By pattern, "communities/*".
  std::map<std::string, std::string> names_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_EXAMPLES_H_
