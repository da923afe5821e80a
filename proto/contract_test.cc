// Checks what the contracts promise as a whole; their wording is buf's matter.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "praxis/errors/v1/reasons.pb.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using ::testing::IsEmpty;
using ::testing::Not;

// Every file of ours, and what it is served with. A file that is missing here
// was dropped by the linker or renamed.
constexpr const char* kFiles[] = {
    "praxis/discussions/v1/events.proto",
    "praxis/discussions/v1/posts.proto",
    "praxis/discussions/v1/threads.proto",
    "praxis/errors/v1/reasons.proto",
    "praxis/events/v1/events.proto",
    "praxis/http/v1/body.proto",
    "praxis/members/v1/communities.proto",
    "praxis/members/v1/members.proto",
    "praxis/members/v1/memberships.proto",
    "praxis/members/v1/sessions.proto",
    "praxis/ops/v1/status.proto",
    "praxis/options/v1/options.proto",
    "praxis/resources/v1/resources.proto",
    "google/api/annotations.proto",
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
    "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto",
    "grpc/reflection/v1alpha/reflection.proto",
};

std::vector<const MethodDescriptor*> OurMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const char* name : kFiles) {
    if (!absl::StartsWith(name, "praxis/")) continue;
    const FileDescriptor* file =
        DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) continue;
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.push_back(file->service(s)->method(m));
      }
    }
  }
  return methods;
}

const options::v1::Policy& PolicyOf(const MethodDescriptor* method) {
  return method->options().GetExtension(options::v1::policy);
}

// The field that a dotted path such as "thread.name" leads to, or nullptr.
const FieldDescriptor* FieldAt(const Descriptor* message,
                               const std::string& path) {
  const FieldDescriptor* field = nullptr;
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  for (const std::string& part : parts) {
    if (field != nullptr) message = field->message_type();
    if (message == nullptr) return nullptr;
    field = message->FindFieldByName(part);
    if (field == nullptr) return nullptr;
  }
  return field;
}

TEST(Contract, EveryFileIsInThePoolOfAProgramThatServesGrpc) {
  // Uses gRPC, so that its library is linked and registers what it carries.
  EXPECT_THAT(grpc::Version(), Not(IsEmpty()));
  for (const char* file : kFiles) {
    EXPECT_NE(DescriptorPool::generated_pool()->FindFileByName(file), nullptr)
        << file;
  }
}

TEST(Contract, EveryMethodHasAPolicy) {
  ASSERT_THAT(OurMethods(), Not(IsEmpty()));
  for (const MethodDescriptor* method : OurMethods()) {
    EXPECT_NE(PolicyOf(method).access(), options::v1::ACCESS_UNSPECIFIED)
        << method->full_name();
  }
}

TEST(Contract, EveryScopeIsARequestFieldThatHoldsAResourceName) {
  for (const MethodDescriptor* method : OurMethods()) {
    const std::string& scope = PolicyOf(method).scope();
    if (scope.empty()) continue;
    const FieldDescriptor* field = FieldAt(method->input_type(), scope);
    ASSERT_NE(field, nullptr) << method->full_name() << " " << scope;
    EXPECT_THAT(field->options().GetExtension(options::v1::field).name(),
                Not(IsEmpty()))
        << field->full_name() << " has no name rule";
  }
}

TEST(Contract, AccessByRoleNamesItsScope) {
  for (const MethodDescriptor* method : OurMethods()) {
    const options::v1::Access access = PolicyOf(method).access();
    const bool by_role =
        access >= options::v1::READER && access <= options::v1::OWNER;
    EXPECT_EQ(by_role, !PolicyOf(method).scope().empty())
        << method->full_name();
  }
}

TEST(Contract, MethodsWithoutSideEffectsEmitNothingAndAreReadByGet) {
  for (const MethodDescriptor* method : OurMethods()) {
    if (method->options().idempotency_level() !=
        google::protobuf::MethodOptions::NO_SIDE_EFFECTS) {
      continue;
    }
    EXPECT_THAT(PolicyOf(method).emits(), IsEmpty()) << method->full_name();
    if (!method->options().HasExtension(google::api::http)) continue;
    EXPECT_THAT(method->options().GetExtension(google::api::http).get(),
                Not(IsEmpty()))
        << method->full_name();
  }
}

TEST(Contract, EveryReasonHasACode) {
  const EnumDescriptor* reasons = errors::v1::Reason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    if (reasons->value(i)->number() == errors::v1::REASON_UNSPECIFIED) continue;
    EXPECT_NE(
        reasons->value(i)->options().GetExtension(errors::v1::error).code(),
        google::rpc::OK)
        << reasons->value(i)->name();
  }
}

}  // namespace
}  // namespace praxis
