#include "services/common/rpc/grpc/reflection.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"

namespace praxis::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1::FileDescriptorResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

void SetError(absl::StatusCode code, const std::string& message,
              ServerReflectionResponse* response) {
  response->mutable_error_response()->set_error_code(static_cast<int>(code));
  response->mutable_error_response()->set_error_message(message);
}

// `file`, then what it imports; whoever reads it wants the file first.
void AddFile(const FileDescriptor& file, std::set<const FileDescriptor*>* seen,
             FileDescriptorResponse* files) {
  if (!seen->insert(&file).second) return;
  FileDescriptorProto proto;
  file.CopyTo(&proto);
  files->add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddFile(*file.dependency(i), seen, files);
  }
}

void SetFile(const FileDescriptor* file, const std::string& wanted,
             ServerReflectionResponse* response) {
  if (file == nullptr) {
    SetError(absl::StatusCode::kNotFound,
             absl::StrCat("There is no ", wanted, "."), response);
    return;
  }
  std::set<const FileDescriptor*> seen;
  AddFile(*file, &seen, response->mutable_file_descriptor_response());
}

}  // namespace

Reflection::Reflection(std::vector<std::string> services)
    : services_([&] {
        std::sort(services.begin(), services.end());
        return std::move(services);
      }()),
      pool_(*google::protobuf::DescriptorPool::generated_pool()) {}

ServerReflectionResponse Reflection::Answer(
    const ServerReflectionRequest& request) const {
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      SetFile(pool_.FindFileByName(request.file_by_filename()),
              request.file_by_filename(), &response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      SetFile(pool_.FindFileContainingSymbol(request.file_containing_symbol()),
              request.file_containing_symbol(), &response);
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      FileOfExtension(request.file_containing_extension(), &response);
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      ExtensionNumbers(request.all_extension_numbers_of_type(), &response);
      break;
    case ServerReflectionRequest::kListServices:
      ListServices(&response);
      break;
    default:
      SetError(absl::StatusCode::kInvalidArgument, "The request asks nothing.",
               &response);
  }
  return response;
}

void Reflection::ListServices(Response* response) const {
  auto* list = response->mutable_list_services_response();
  for (const std::string& service : services_) {
    list->add_service()->set_name(service);
  }
}

void Reflection::FileOfExtension(
    const grpc::reflection::v1::ExtensionRequest& request,
    Response* response) const {
  const Descriptor* type =
      pool_.FindMessageTypeByName(request.containing_type());
  const FieldDescriptor* extension =
      type == nullptr
          ? nullptr
          : pool_.FindExtensionByNumber(type, request.extension_number());
  SetFile(extension == nullptr ? nullptr : extension->file(),
          absl::StrCat("extension ", request.extension_number(), " of ",
                       request.containing_type()),
          response);
}

void Reflection::ExtensionNumbers(const std::string& type,
                                  Response* response) const {
  const Descriptor* descriptor = pool_.FindMessageTypeByName(type);
  if (descriptor == nullptr) {
    SetError(absl::StatusCode::kNotFound,
             absl::StrCat("There is no ", type, "."), response);
    return;
  }
  std::vector<const FieldDescriptor*> extensions;
  pool_.FindAllExtensions(descriptor, &extensions);
  std::set<int> numbers;
  for (const FieldDescriptor* extension : extensions) {
    numbers.insert(extension->number());
  }
  auto* answer = response->mutable_all_extension_numbers_response();
  answer->set_base_type_name(type);
  for (const int number : numbers) answer->add_extension_number(number);
}

}  // namespace praxis::rpc
