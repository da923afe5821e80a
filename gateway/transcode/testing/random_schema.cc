#include "gateway/transcode/testing/random_schema.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"

namespace praxis::gateway::testing {

using google::protobuf::EnumDescriptorProto;
using google::protobuf::FileDescriptorProto;

namespace {

constexpr const char* kImports[] = {"any",        "duration", "empty",
                                    "field_mask", "struct",   "timestamp",
                                    "wrappers"};

constexpr const char* kWellKnown[] = {
    "Any",         "Duration",    "Empty",      "FieldMask",  "ListValue",
    "Struct",      "Timestamp",   "Value",      "BoolValue",  "BytesValue",
    "DoubleValue", "FloatValue",  "Int32Value", "Int64Value", "StringValue",
    "UInt32Value", "UInt64Value",
};

// A map entry has this name, else the file is refused.
std::string EntryName(const std::string& field) {
  std::string name;
  bool upper = true;
  for (const char c : field) {
    if (c == '_') {
      upper = true;
      continue;
    }
    name.push_back(upper && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    upper = false;
  }
  return name + "Entry";
}

int OneofOf(const google::protobuf::FieldDescriptorProto& field) {
  return field.has_oneof_index() ? field.oneof_index() : -1;
}

}  // namespace

FileDescriptorProto RandomSchema::File(const std::string& name) {
  FileDescriptorProto file;
  file.set_name(absl::StrCat(name, ".proto"));
  file.set_package(name);
  file.set_syntax("proto3");
  for (const char* import : kImports) {
    file.add_dependency(absl::StrCat("google/protobuf/", import, ".proto"));
  }
  messages_.clear();
  enums_ = {".google.protobuf.NullValue"};
  AddTypes(&file);
  // Names come first, so that types may hold each other.
  for (auto& type : *file.mutable_message_type()) {
    const std::string full_name = absl::StrCat(".", name, ".", type.name());
    AddFields(full_name, &type);
    for (auto& nested : *type.mutable_nested_type()) {
      if (nested.options().map_entry()) continue;
      AddFields(absl::StrCat(full_name, ".", nested.name()), &nested);
    }
  }
  return file;
}

void RandomSchema::AddTypes(FileDescriptorProto* file) {
  const std::string package = absl::StrCat(".", file->package());
  for (int i = 1 + Below(3); i > 0; --i) {
    EnumDescriptorProto* type = file->add_enum_type();
    type->set_name(absl::StrCat("E", i));
    AddEnum(package, type);
  }
  for (int i = 1 + Below(4); i > 0; --i) {
    Type* type = file->add_message_type();
    type->set_name(absl::StrCat("M", i));
    const std::string full_name = absl::StrCat(package, ".", type->name());
    messages_.push_back(full_name);
    if (Below(2) == 0) {
      type->add_nested_type()->set_name("Inner");
      messages_.push_back(absl::StrCat(full_name, ".Inner"));
    }
    if (Below(2) == 0) {
      EnumDescriptorProto* inner = type->add_enum_type();
      inner->set_name("InnerE");
      AddEnum(full_name, inner);
    }
  }
}

void RandomSchema::AddEnum(const std::string& scope,
                           EnumDescriptorProto* type) {
  enums_.push_back(absl::StrCat(scope, ".", type->name()));
  std::set<int> numbers;
  for (int i = 0; i < 1 + Below(6); ++i) {
    static constexpr int kNumbers[] = {1, 2, 3, 7, 255, 256, 70000, -1, -300};
    // The first is 0 in proto3.
    const int number = i == 0 ? 0 : kNumbers[Below(std::size(kNumbers))];
    if (!numbers.insert(number).second) {
      type->mutable_options()->set_allow_alias(true);
    }
    auto* value = type->add_value();
    value->set_name(absl::StrCat(type->name(), "_V", i));
    value->set_number(number);
  }
}

void RandomSchema::AddFields(const std::string& full_name, Type* type) {
  for (int i = Below(3); i > 0; --i) {
    type->add_oneof_decl()->set_name(absl::StrCat("choice_", i));
  }
  std::set<int> numbers;
  for (int i = Below(16); i > 0; --i) {
    static constexpr int kFarthest = 536870911;
    const int kind = Below(8);
    const int number = kind > 1    ? 1 + Below(30)
                       : kind == 0 ? 200 + Below(100)
                                   : kFarthest - Below(1000);
    if (numbers.insert(number).second) AddField(full_name, number, type);
  }
  // A oneof must have a field.
  for (int i = 0; i < type->oneof_decl_size(); ++i) {
    bool used = false;
    for (const Field& field : type->field()) {
      used |= field.has_oneof_index() && field.oneof_index() == i;
    }
    if (used) continue;
    Field* field = type->add_field();
    field->set_name(absl::StrCat("chosen_", i));
    field->set_number(100 + i);
    field->set_label(Field::LABEL_OPTIONAL);
    field->set_oneof_index(i);
    SetType(field);
  }
  // The members of a oneof stand together.
  std::stable_sort(
      type->mutable_field()->begin(), type->mutable_field()->end(),
      [](const Field& a, const Field& b) { return OneofOf(a) < OneofOf(b); });
  // Optional fields have oneofs of their own, after all others.
  for (Field& field : *type->mutable_field()) {
    if (!field.proto3_optional()) continue;
    field.set_oneof_index(type->oneof_decl_size());
    type->add_oneof_decl()->set_name(absl::StrCat("_", field.name()));
  }
}

void RandomSchema::AddField(const std::string& full_name, int number,
                            Type* type) {
  static constexpr const char* kNames[] = {"f",    "some_field", "_f", "F",
                                           "a_b_", "f_1_x",      "aB", "x__y",
                                           "url2", "A_B"};
  Field* field = type->add_field();
  field->set_name(absl::StrCat(kNames[Below(std::size(kNames))], "n", number));
  field->set_number(number);
  field->set_label(Field::LABEL_OPTIONAL);
  if (Below(8) == 0) field->set_json_name(absl::StrCat("as-", number));
  const int shape = Below(8);
  if (shape == 0) return AddMap(full_name, field, type);
  SetType(field);
  if (shape <= 2) {
    field->set_label(Field::LABEL_REPEATED);
    const bool is_packable = field->type() != Field::TYPE_STRING &&
                             field->type() != Field::TYPE_BYTES &&
                             field->type() != Field::TYPE_MESSAGE;
    if (is_packable && Below(2) == 0) {
      field->mutable_options()->set_packed(Below(2) == 0);
    }
  } else if (shape == 3) {
    field->set_proto3_optional(true);
  } else if (shape == 4 && type->oneof_decl_size() > 0) {
    field->set_oneof_index(Below(type->oneof_decl_size()));
  }
}

void RandomSchema::AddMap(const std::string& full_name, Field* field,
                          Type* type) {
  static constexpr Field::Type kKeys[] = {
      Field::TYPE_STRING,  Field::TYPE_BOOL,     Field::TYPE_INT32,
      Field::TYPE_INT64,   Field::TYPE_UINT32,   Field::TYPE_UINT64,
      Field::TYPE_SINT32,  Field::TYPE_SINT64,   Field::TYPE_FIXED32,
      Field::TYPE_FIXED64, Field::TYPE_SFIXED32, Field::TYPE_SFIXED64};
  field->set_name(absl::StrCat("map_", field->number()));
  Type* entry = type->add_nested_type();
  entry->set_name(EntryName(field->name()));
  entry->mutable_options()->set_map_entry(true);
  Field* key = entry->add_field();
  key->set_name("key");
  key->set_number(1);
  key->set_label(Field::LABEL_OPTIONAL);
  key->set_type(kKeys[Below(std::size(kKeys))]);
  Field* value = entry->add_field();
  value->set_name("value");
  value->set_number(2);
  value->set_label(Field::LABEL_OPTIONAL);
  SetType(value);
  field->set_label(Field::LABEL_REPEATED);
  field->set_type(Field::TYPE_MESSAGE);
  field->set_type_name(absl::StrCat(full_name, ".", entry->name()));
}

void RandomSchema::SetType(Field* field) {
  const int number = 1 + Below(Field::Type_MAX + 4);
  if (number == Field::TYPE_ENUM) {
    field->set_type(Field::TYPE_ENUM);
    field->set_type_name(enums_[Below(static_cast<int>(enums_.size()))]);
  } else if (number == Field::TYPE_GROUP || number == Field::TYPE_MESSAGE ||
             number > Field::Type_MAX) {
    SetMessageType(field);
  } else {
    field->set_type(static_cast<Field::Type>(number));
  }
}

void RandomSchema::SetMessageType(Field* field) {
  field->set_type(Field::TYPE_MESSAGE);
  if (Below(2) == 0) {
    field->set_type_name(messages_[Below(static_cast<int>(messages_.size()))]);
  } else {
    field->set_type_name(absl::StrCat(
        ".google.protobuf.", kWellKnown[Below(std::size(kWellKnown))]));
  }
}

}  // namespace praxis::gateway::testing
