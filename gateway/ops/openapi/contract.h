// Contract: the .proto files that this program was built from.
#ifndef GATEWAY_OPS_OPENAPI_CONTRACT_H_
#define GATEWAY_OPS_OPENAPI_CONTRACT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace praxis::gateway {

// A google.protobuf.FileDescriptorSet with comments, made at build time.
absl::string_view ContractBytes();

// What generated descriptors do not tell: which services a package has, and
// what the comments say. Read by full names, so that it fits the descriptors
// of the generated pool.
class Contract {
 public:
  Contract();

  // Every file, those that others import first, from the generated pool.
  std::vector<const google::protobuf::FileDescriptor*> Files() const;

  // The services of a package, in the order of files and declarations, from
  // the generated pool.
  std::vector<const google::protobuf::ServiceDescriptor*> ServicesOf(
      absl::string_view package) const;

  // The comment before a declaration, as one text; empty when there is none or
  // the declaration is not of the contract.
  std::string CommentOf(const google::protobuf::Descriptor& type) const;
  std::string CommentOf(const google::protobuf::FieldDescriptor& field) const;
  std::string CommentOf(const google::protobuf::EnumDescriptor& type) const;
  std::string CommentOf(
      const google::protobuf::EnumValueDescriptor& value) const;
  std::string CommentOf(
      const google::protobuf::ServiceDescriptor& service) const;
  std::string CommentOf(const google::protobuf::MethodDescriptor& method) const;

 private:
  google::protobuf::FileDescriptorSet files_;
  google::protobuf::DescriptorPool pool_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_CONTRACT_H_
