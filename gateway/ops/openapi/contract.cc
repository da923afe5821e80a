#include "gateway/ops/openapi/contract.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace praxis::gateway {
namespace {

using google::protobuf::DescriptorPool;

// Lines of one paragraph become one line; empty lines stay.
std::string Unwrapped(absl::string_view comment) {
  std::vector<std::string> paragraphs(1);
  for (absl::string_view line : absl::StrSplit(comment, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    std::string& paragraph = paragraphs.back();
    if (line.empty()) {
      if (!paragraph.empty()) paragraphs.emplace_back();
    } else {
      if (!paragraph.empty()) paragraph += ' ';
      paragraph.append(line.data(), line.size());
    }
  }
  if (paragraphs.back().empty()) paragraphs.pop_back();
  return absl::StrJoin(paragraphs, "\n\n");
}

// `declaration` is of the contract's pool; null gives no comment.
template <typename Declaration>
std::string Comment(const Declaration* declaration) {
  google::protobuf::SourceLocation location;
  if (declaration == nullptr || !declaration->GetSourceLocation(&location)) {
    return "";
  }
  return Unwrapped(location.leading_comments);
}

}  // namespace

Contract::Contract() {
  const absl::string_view bytes = ContractBytes();
  files_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  // Imports come before those who import them.
  for (const auto& file : files_.file()) pool_.BuildFile(file);
}

std::vector<const google::protobuf::FileDescriptor*> Contract::Files() const {
  std::vector<const google::protobuf::FileDescriptor*> files;
  for (const auto& file : files_.file()) {
    const auto* generated =
        DescriptorPool::generated_pool()->FindFileByName(file.name());
    if (generated != nullptr) files.push_back(generated);
  }
  return files;
}

std::vector<const google::protobuf::ServiceDescriptor*> Contract::ServicesOf(
    absl::string_view package) const {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const auto* file : Files()) {
    if (file->package() != package) continue;
    for (int i = 0; i < file->service_count(); ++i) {
      services.push_back(file->service(i));
    }
  }
  return services;
}

std::string Contract::CommentOf(
    const google::protobuf::Descriptor& type) const {
  return Comment(pool_.FindMessageTypeByName(type.full_name()));
}

std::string Contract::CommentOf(
    const google::protobuf::FieldDescriptor& field) const {
  return Comment(pool_.FindFieldByName(field.full_name()));
}

std::string Contract::CommentOf(
    const google::protobuf::EnumDescriptor& type) const {
  return Comment(pool_.FindEnumTypeByName(type.full_name()));
}

std::string Contract::CommentOf(
    const google::protobuf::EnumValueDescriptor& value) const {
  return Comment(pool_.FindEnumValueByName(value.full_name()));
}

std::string Contract::CommentOf(
    const google::protobuf::ServiceDescriptor& service) const {
  return Comment(pool_.FindServiceByName(service.full_name()));
}

std::string Contract::CommentOf(
    const google::protobuf::MethodDescriptor& method) const {
  return Comment(pool_.FindMethodByName(method.full_name()));
}

}  // namespace praxis::gateway
