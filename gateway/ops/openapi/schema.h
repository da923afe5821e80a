// Messages as JSON Schema (2020-12, the dialect of OpenAPI 3.1).
#ifndef GATEWAY_OPS_OPENAPI_SCHEMA_H_
#define GATEWAY_OPS_OPENAPI_SCHEMA_H_

#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "gateway/ops/openapi/contract.h"
#include "gateway/ops/openapi/object.h"
#include "google/protobuf/descriptor.h"

namespace praxis::gateway {

// Makes the schemas of a document. Each message and enum is described once,
// under its full name, and referred to from then on. Field rules become
// constraints; what JSON Schema cannot say stays out.
class Schemas {
 public:
  // Of the types in `partial`, which patches have, nothing is required where
  // they are described: a patch has only what changes.
  Schemas(const Contract& contract,
          std::set<const google::protobuf::Descriptor*> partial)
      : contract_(contract), partial_(std::move(partial)) {}

  // {"$ref": "#/components/schemas/..."}, or a schema in place for types whose
  // JSON is not an object of their fields.
  Object Of(const google::protobuf::Descriptor& type);
  // Of one field's value, with its rules and its comment.
  Object Of(const google::protobuf::FieldDescriptor& field);

  // An object of the fields of `type` but those in `left_out`, by name.
  Object WithoutFields(const google::protobuf::Descriptor& type,
                       const std::set<std::string>& left_out);

  // Of() with what must be there when one is made.
  Object WholeOf(const google::protobuf::Descriptor& type);

  // Everything referred to so far, by name.
  const Object& components() const { return components_; }

 private:
  Object ValueOfField(const google::protobuf::FieldDescriptor& field);
  Object EnumOf(const google::protobuf::FieldDescriptor& field);
  void Describe(const google::protobuf::Descriptor& type);

  const Contract& contract_;
  const std::set<const google::protobuf::Descriptor*> partial_;
  absl::flat_hash_set<std::string> described_;
  Object components_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_SCHEMA_H_
