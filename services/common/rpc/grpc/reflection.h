// Reflection: what a server tells about its contracts.
#ifndef SERVICES_COMMON_RPC_GRPC_REFLECTION_H_
#define SERVICES_COMMON_RPC_GRPC_REFLECTION_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace praxis::rpc {

// Answers the questions of grpc.reflection.v1 from the files that were compiled
// in. v1alpha has the same messages on the wire, so one answer serves both.
// Files come with all that they import, each once. Thread-safe.
class Reflection {
 public:
  // `services` are the full names that list_services answers.
  explicit Reflection(std::vector<std::string> services);

  grpc::reflection::v1::ServerReflectionResponse Answer(
      const grpc::reflection::v1::ServerReflectionRequest& request) const;

 private:
  using Response = grpc::reflection::v1::ServerReflectionResponse;

  void ListServices(Response* response) const;
  void FileOfExtension(const grpc::reflection::v1::ExtensionRequest& request,
                       Response* response) const;
  void ExtensionNumbers(const std::string& type, Response* response) const;

  const std::vector<std::string> services_;
  const google::protobuf::DescriptorPool& pool_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_REFLECTION_H_
