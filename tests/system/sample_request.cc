#include "tests/system/sample_request.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/api/annotations.pb.h"
#include "gtest/gtest.h"
#include "praxis/options/v1/options.pb.h"
#include "tests/system/http_rule.h"

namespace praxis::system {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

options::v1::FieldRules RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field);
}

void SetScalar(const FieldDescriptor& field, const std::string& text,
               Message* message) {
  const auto& reflection = *message->GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* value = field.enum_type()->FindValueByName(text);
    ASSERT_NE(value, nullptr) << field.full_name() << " has no " << text;
    return reflection.SetEnum(message, &field, value);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    int64_t number = 0;
    ASSERT_TRUE(absl::SimpleAtoi(text, &number));
    return reflection.SetInt64(message, &field, number);
  }
  ASSERT_EQ(field.cpp_type(), FieldDescriptor::CPPTYPE_STRING)
      << "no sample for " << field.full_name();
  if (field.is_repeated()) return reflection.AddString(message, &field, text);
  reflection.SetString(message, &field, text);
}

}  // namespace

// What the method asks of the message that is filled.
struct SampleRequests::Visit {
  // Paths of fields in the request, "post.name".
  std::set<std::string> in_path;

  bool LeadsTo(const std::string& path) const {
    for (const std::string& field : in_path) {
      if (field == path || absl::StartsWith(field, path + ".")) return true;
    }
    return false;
  }
};

SampleRequests::SampleRequests(Names names, Values values)
    : names_(std::move(names)), values_(std::move(values)) {}

void SampleRequests::Fill(const google::protobuf::MethodDescriptor& method,
                          Message* request) const {
  Visit visit;
  for (const auto& rule : BindingsOf(method)) {
    for (const std::string& field : PathFieldsOf(rule)) {
      visit.in_path.insert(field);
    }
  }
  FillMessage(visit, "", request);
}

void SampleRequests::FillMessage(const Visit& visit, const std::string& path,
                                 Message* message) const {
  const auto& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string inner =
        absl::StrCat(path, path.empty() ? "" : ".", field.name());
    if (values_.count(field.full_name()) > 0 || RulesOf(field).required() ||
        visit.LeadsTo(inner)) {
      FillField(visit, inner, field, message);
    }
  }
  // Of what must be one of several, the first.
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const auto& oneof = *type.oneof_decl(i);
    if (!message->GetReflection()->HasOneof(*message, &oneof)) {
      FillField(visit, absl::StrCat(path, ".", oneof.field(0)->name()),
                *oneof.field(0), message);
    }
  }
}

void SampleRequests::FillField(const Visit& visit, const std::string& path,
                               const FieldDescriptor& field,
                               Message* message) const {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return SetScalar(field, TextOf(field), message);
  }
  Message* inner = message->GetReflection()->MutableMessage(message, &field);
  if (field.message_type()->full_name() == "google.protobuf.FieldMask") {
    const FieldDescriptor& paths =
        *field.message_type()->FindFieldByName("paths");
    return SetScalar(paths, TextOf(field), inner);
  }
  FillMessage(visit, path, inner);
}

std::string SampleRequests::TextOf(const FieldDescriptor& field) const {
  const auto value = values_.find(field.full_name());
  if (value != values_.end()) return value->second();
  const options::v1::FieldRules rules = RulesOf(field);
  if (!rules.name().empty()) {
    const auto name = names_.find(rules.name());
    if (name != names_.end()) return name->second;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return field.enum_type()->value(1)->name();
  }
  EXPECT_TRUE(rules.pattern().empty() && rules.name().empty())
      << "no sample for " << field.full_name();
  return absl::StrCat("Some ", field.name());
}

}  // namespace praxis::system
