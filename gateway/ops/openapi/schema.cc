#include "gateway/ops/openapi/schema.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using options::v1::FieldRules;

// One id of a resource name.
constexpr char kId[] = "[a-z0-9-]{1,64}";

Object Typed(const char* type) {
  Object schema;
  Set(schema, "type", type);
  return schema;
}

Object Formatted(const char* type, const char* format) {
  Object schema = Typed(type);
  Set(schema, "format", format);
  return schema;
}

Object Ref(const std::string& name) {
  Object schema;
  Set(schema, "$ref", absl::StrCat("#/components/schemas/", name));
  return schema;
}

Object ScalarOf(const FieldDescriptor& field);

// The JSON of types that have one of their own (protobuf.dev/
// programming-guides/json). False for all others.
bool WellKnown(const Descriptor& type, Object* schema) {
  const std::string& name = type.full_name();
  if (name == "google.protobuf.Timestamp") {
    *schema = Formatted("string", "date-time");
  } else if (name == "google.protobuf.Duration") {
    *schema = Typed("string");
    Set(*schema, "pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$");
  } else if (name == "google.protobuf.FieldMask") {
    *schema = Typed("string");
  } else if (name == "google.protobuf.Any") {
    *schema = Typed("object");
    Set(In(In(*schema, "properties"), "@type"), "type", "string");
    Set(*schema, "additionalProperties", true);
  } else if (name == "google.protobuf.Struct") {
    *schema = Typed("object");
  } else if (name == "google.protobuf.Value") {
    *schema = Object();
  } else if (name == "google.protobuf.ListValue") {
    *schema = Typed("array");
  } else if (type.file()->name() == "google/protobuf/wrappers.proto") {
    *schema = ScalarOf(*type.field(0));
  } else {
    return false;
  }
  return true;
}

// Of a value that is neither message nor enum.
Object ScalarOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Formatted("integer", "int32");
    case FieldDescriptor::CPPTYPE_UINT32: {
      Object schema = Formatted("integer", "int64");
      Set(schema, "minimum", 0);
      return schema;
    }
    case FieldDescriptor::CPPTYPE_INT64:
      return Formatted("string", "int64");
    case FieldDescriptor::CPPTYPE_UINT64:
      return Formatted("string", "uint64");
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Formatted("number", "double");
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Formatted("number", "float");
    case FieldDescriptor::CPPTYPE_BOOL:
      return Typed("boolean");
    default:
      break;
  }
  Object schema = Typed("string");
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    Set(schema, "contentEncoding", "base64");
  }
  return schema;
}

// What fields of these names mean wherever they are; said where their comments
// say nothing.
std::string UsualMeaningOf(const std::string& field) {
  if (field == "request_id") return "A retry with the same one acts once.";
  if (field == "page_token") return "`nextPageToken` of the page before.";
  if (field == "etag") return "Changes with the object.";
  if (field == "update_mask") {
    return "The fields to change; those in the body unless it says otherwise.";
  }
  return "";
}

std::string NamePattern(const FieldRules& rules) {
  return absl::StrCat("^", absl::StrReplaceAll(rules.name(), {{"*", kId}}),
                      "$");
}

// Rules about one value, of a field or of each element of a list.
void AddValueRules(const FieldRules& rules, Object* schema) {
  if (rules.min_len() > 0) Set(*schema, "minLength", rules.min_len());
  if (rules.max_len() > 0) Set(*schema, "maxLength", rules.max_len());
  // Characters are never more than bytes.
  if (rules.max_bytes() > 0 && rules.max_len() == 0) {
    Set(*schema, "maxLength", static_cast<double>(rules.max_bytes()));
  }
  if (!rules.pattern().empty()) {
    Set(*schema, "pattern", absl::StrCat("^(?:", rules.pattern(), ")$"));
  }
  if (!rules.name().empty()) Set(*schema, "pattern", NamePattern(rules));
  if (rules.uri()) Set(*schema, "format", "uri");
  if (rules.secret()) Set(*schema, "format", "password");
}

const FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field);
}

// Whether all fields are of one oneof. A oneof beside other fields is more than
// a schema that people read can say.
bool IsOneOfItsFields(const Descriptor& type) {
  return type.real_oneof_decl_count() == 1 &&
         type.oneof_decl(0)->field_count() == type.field_count();
}

// JSON names of the fields that must be there.
std::vector<std::string> RequiredOf(const Descriptor& type) {
  std::vector<std::string> required;
  for (int i = 0; i < type.field_count(); ++i) {
    if (RulesOf(*type.field(i)).required()) {
      required.push_back(type.field(i)->json_name());
    }
  }
  return required;
}

}  // namespace

Object Schemas::Of(const Descriptor& type) {
  Object schema;
  if (WellKnown(type, &schema)) return schema;
  if (described_.insert(type.full_name()).second) Describe(type);
  return Ref(type.full_name());
}

// Values are strings in JSON; what each means goes into the enum's description.
Object Schemas::EnumOf(const FieldDescriptor& field) {
  const EnumDescriptor& type = *field.enum_type();
  if (described_.insert(type.full_name()).second) {
    std::vector<std::string> names;
    std::string described = contract_.CommentOf(type);
    for (int i = 0; i < type.value_count(); ++i) {
      names.push_back(type.value(i)->name());
      const std::string comment = contract_.CommentOf(*type.value(i));
      if (!comment.empty()) {
        absl::StrAppend(&described, "\n\n", names.back(), ": ", comment);
      }
    }
    Object schema = Typed("string");
    Set(schema, "enum", std::move(names));
    SetText(schema, "description", described);
    Set(components_, type.full_name(), std::move(schema));
  }
  Object schema = Ref(type.full_name());
  if (RulesOf(field).defined()) {
    Set(In(schema, "not"), "const", type.value(0)->name());
  }
  return schema;
}

// One value: of a list, each element.
Object Schemas::ValueOfField(const FieldDescriptor& field) {
  Object schema;
  if (field.message_type() != nullptr) {
    schema = Of(*field.message_type());
  } else if (field.enum_type() != nullptr) {
    schema = EnumOf(field);
  } else {
    schema = ScalarOf(field);
  }
  AddValueRules(RulesOf(field), &schema);
  return schema;
}

Object Schemas::Of(const FieldDescriptor& field) {
  Object schema;
  if (field.is_map()) {
    schema = Typed("object");
    Set(schema, "additionalProperties",
        ValueOfField(*field.message_type()->map_value()));
  } else if (field.is_repeated()) {
    schema = Typed("array");
    Set(schema, "items", ValueOfField(field));
    if (RulesOf(field).max_items() > 0) {
      Set(schema, "maxItems", RulesOf(field).max_items());
    }
  } else {
    schema = ValueOfField(field);
  }
  if (RulesOf(field).output_only()) Set(schema, "readOnly", true);
  const std::string comment = contract_.CommentOf(field);
  SetText(schema, "description",
          comment.empty() ? UsualMeaningOf(field.name()) : comment);
  return schema;
}

Object Schemas::WithoutFields(const Descriptor& type,
                              const std::set<std::string>& left_out) {
  Object schema = Typed("object");
  Object& properties = In(schema, "properties");
  std::vector<std::string> required;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (left_out.count(field.name()) > 0) continue;
    Set(properties, field.json_name(), Of(field));
    if (RulesOf(field).required()) required.push_back(field.json_name());
  }
  if (!required.empty()) Set(schema, "required", std::move(required));
  if (IsOneOfItsFields(type)) Set(schema, "maxProperties", 1);
  // Requests with other fields are refused, and answers have none.
  Set(schema, "additionalProperties", false);
  return schema;
}

Object Schemas::WholeOf(const Descriptor& type) {
  Object schema = Of(type);
  if (partial_.count(&type) == 0) return schema;
  Object required;
  Set(required, "required", RequiredOf(type));
  Object both;
  Set(both, "allOf",
      std::vector<Object>{std::move(schema), std::move(required)});
  return both;
}

void Schemas::Describe(const Descriptor& type) {
  Object schema = WithoutFields(type, {});
  if (partial_.count(&type) > 0) schema.mutable_fields()->erase("required");
  SetText(schema, "description", contract_.CommentOf(type));
  Set(components_, type.full_name(), std::move(schema));
}

}  // namespace praxis::gateway
