#include "gateway/ops/openapi/examples.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using options::v1::FieldRules;

const FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field);
}

bool HoldsFields(const FieldDescriptor& field) {
  return field.message_type() != nullptr &&
         !absl::StartsWith(field.message_type()->full_name(),
                           "google.protobuf.");
}

// What callers leave out of a request that is neither a retry nor guarded:
// what the service sets, and a name that it gives.
bool IsSeldomSent(const FieldDescriptor& field) {
  const FieldRules& rules = RulesOf(field);
  return rules.output_only() || field.name() == "etag" ||
         field.name() == "request_id" ||
         (!rules.name().empty() && !rules.required());
}

// The text of an example as the JSON value that the field has.
Value Parsed(const FieldDescriptor& field, const std::string& text) {
  double number = 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return ValueOf(text == "true");
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (absl::SimpleAtod(text, &number)) return ValueOf(number);
      break;
    default:
      break;
  }
  return ValueOf(text);
}

}  // namespace

Examples::Examples(const Contract& contract) {
  for (const auto* file : contract.Files()) {
    for (int m = 0; m < file->message_type_count(); ++m) {
      const Descriptor& type = *file->message_type(m);
      for (int f = 0; f < type.field_count(); ++f) {
        const FieldRules& rules = RulesOf(*type.field(f));
        if (rules.name().empty() || rules.example().empty()) continue;
        names_.try_emplace(rules.name(), rules.example());
      }
    }
  }
}

Object Examples::Answered(const Descriptor& type) const {
  return Message(type, Way::kAnswered, {});
}

Object Examples::Sent(const Descriptor& type,
                      const std::set<std::string>& left_out) const {
  return Message(type, Way::kSent, left_out);
}

std::optional<Value> Examples::Of(const FieldDescriptor& field) const {
  const FieldRules& rules = RulesOf(field);
  if (!rules.example().empty()) return Parsed(field, rules.example());
  const auto name = names_.find(rules.name());
  if (name == names_.end()) return std::nullopt;
  return ValueOf(name->second);
}

// Of what can be one of several, the first.
Object Examples::Message(const Descriptor& type, Way way,
                         const std::set<std::string>& left_out) const {
  Object object;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto* oneof = field.real_containing_oneof();
    if (left_out.count(field.name()) > 0 ||
        (way == Way::kSent && IsSeldomSent(field)) ||
        (oneof != nullptr && oneof->field(0) != &field)) {
      continue;
    }
    const std::optional<Value> value = Field(field, way);
    if (value.has_value()) Set(object, field.json_name(), *value);
  }
  return object;
}

// Messages that the service sets are not always there: an example of what was
// just made has none.
std::optional<Value> Examples::Field(const FieldDescriptor& field,
                                     Way way) const {
  std::optional<Value> value;
  if (!HoldsFields(field)) {
    value = Of(field);
  } else if (!RulesOf(field).output_only()) {
    const Object object = Message(*field.message_type(), way, {});
    if (object.fields_size() > 0) value = ValueOf(object);
  }
  if (!value.has_value() || !field.is_repeated()) return value;
  return ValueOf(std::vector<Value>{*std::move(value)});
}

}  // namespace praxis::gateway
