#include "tests/system/reflected.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "gtest/gtest.h"

namespace praxis::system {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

ServerReflectionResponse Ask(GrpcClient& grpc, const std::string& address,
                             const std::string& version,
                             const ServerReflectionRequest& request) {
  const Answer answer =
      grpc.Unary(address, absl::StrCat("/", version, "/ServerReflectionInfo"),
                 request.SerializeAsString());
  EXPECT_THAT(answer, Answered()) << version;
  ServerReflectionResponse response;
  EXPECT_TRUE(response.ParseFromString(answer.bytes));
  EXPECT_FALSE(response.has_error_response()) << response.DebugString();
  return response;
}

}  // namespace

std::vector<std::string> ListServices(GrpcClient& grpc,
                                      const std::string& address,
                                      const std::string& version) {
  ServerReflectionRequest request;
  request.set_list_services("*");
  const ServerReflectionResponse response =
      Ask(grpc, address, version, request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  return names;
}

Reflected::Reflected(const Suite& suite, const std::string& version) {
  GrpcClient grpc;
  for (const std::string& address : suite.grpc_addresses()) {
    for (const std::string& service : ListServices(grpc, address, version)) {
      if (!absl::StartsWith(service, "praxis.")) continue;
      addresses_[service].push_back(address);
      Fetch(grpc, address, version, service);
    }
  }
  for (const auto& [name, file] : files_) Build(name);
}

void Reflected::Fetch(GrpcClient& grpc, const std::string& address,
                      const std::string& version, const std::string& symbol) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol(symbol);
  const ServerReflectionResponse response =
      Ask(grpc, address, version, request);
  for (const std::string& bytes :
       response.file_descriptor_response().file_descriptor_proto()) {
    FileDescriptorProto file;
    EXPECT_TRUE(file.ParseFromString(bytes));
    const auto [known, is_new] = files_.emplace(file.name(), file);
    // Every server tells the same of the same file.
    EXPECT_EQ(known->second.SerializeAsString(), bytes) << file.name();
  }
}

// A file comes into the pool after all that it imports.
void Reflected::Build(const std::string& name) {
  if (pool_.FindFileByName(name) != nullptr) return;
  const auto file = files_.find(name);
  if (file == files_.end()) {
    ADD_FAILURE() << name << " is imported, but reflection did not send it";
    return;
  }
  for (const std::string& import : file->second.dependency()) Build(import);
  EXPECT_NE(pool_.BuildFile(file->second), nullptr) << name;
}

std::vector<const MethodDescriptor*> Reflected::Methods() const {
  std::vector<const MethodDescriptor*> methods;
  for (const auto& [name, addresses] : addresses_) {
    const auto* service = pool_.FindServiceByName(name);
    if (service == nullptr) {
      ADD_FAILURE() << name << " is listed but not described";
      continue;
    }
    for (int i = 0; i < service->method_count(); ++i) {
      methods.push_back(service->method(i));
    }
  }
  return methods;
}

std::vector<std::string> Reflected::AddressesOf(
    const std::string& service) const {
  const auto found = addresses_.find(service);
  return found == addresses_.end() ? std::vector<std::string>() : found->second;
}

const FileDescriptorProto* Reflected::File(const std::string& name) const {
  const auto file = files_.find(name);
  return file == files_.end() ? nullptr : &file->second;
}

std::unique_ptr<Message> Reflected::NewRequest(const MethodDescriptor& method) {
  return std::unique_ptr<Message>(
      factory_.GetPrototype(method.input_type())->New());
}

std::unique_ptr<Message> Reflected::NewResponse(
    const MethodDescriptor& method) {
  return std::unique_ptr<Message>(
      factory_.GetPrototype(method.output_type())->New());
}

}  // namespace praxis::system
