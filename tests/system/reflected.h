// Reflected: the contract as the running servers tell it.
#ifndef TESTS_SYSTEM_REFLECTED_H_
#define TESTS_SYSTEM_REFLECTED_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "tests/system/grpc_client.h"
#include "tests/system/suite.h"

namespace praxis::system {

// The two versions of gRPC server reflection; their messages are the same.
inline constexpr const char* kReflectionVersions[] = {
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection"};

// The names of all services that the server at `address` lists.
std::vector<std::string> ListServices(GrpcClient& grpc,
                                      const std::string& address,
                                      const std::string& version);

// What the servers of a suite say of our services, with messages made from
// that: nothing compiled into this test is asked.
class Reflected {
 public:
  Reflected(const Suite& suite, const std::string& version);

  // Every method of every praxis.* service, each once.
  std::vector<const google::protobuf::MethodDescriptor*> Methods() const;
  // The addresses that serve a service.
  std::vector<std::string> AddressesOf(const std::string& service) const;
  // The file that defines a symbol, as it came.
  const google::protobuf::FileDescriptorProto* File(
      const std::string& name) const;

  std::unique_ptr<google::protobuf::Message> NewRequest(
      const google::protobuf::MethodDescriptor& method);
  std::unique_ptr<google::protobuf::Message> NewResponse(
      const google::protobuf::MethodDescriptor& method);

 private:
  // Fetches the file of a service and all that it imports.
  void Fetch(GrpcClient& grpc, const std::string& address,
             const std::string& version, const std::string& symbol);
  void Build(const std::string& file);

  std::map<std::string, google::protobuf::FileDescriptorProto> files_;
  std::map<std::string, std::vector<std::string>> addresses_;
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
};

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_REFLECTED_H_
