#include "gateway/transcode/message_schema.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/transcode/json_text.h"
#include "google/protobuf/descriptor.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Numbers below this are looked up in an array.
constexpr uint32_t kDenseNumbers = 256;

// How one value of a kind is written.
WireType WireTypeOf(FieldKind kind) {
  switch (kind) {
    case FieldKind::kDouble:
    case FieldKind::kFixed64:
    case FieldKind::kSfixed64:
      return WireType::kFixed64;
    case FieldKind::kFloat:
    case FieldKind::kFixed32:
    case FieldKind::kSfixed32:
      return WireType::kFixed32;
    case FieldKind::kString:
    case FieldKind::kBytes:
    case FieldKind::kMessage:
      return WireType::kBytes;
    default:
      return WireType::kVarint;
  }
}

// Which of the types with a JSON form of their own it is, by its full name.
MessageKind MessageKindOf(const Descriptor& type) {
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
      return MessageKind::kPlain;
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return MessageKind::kTimestamp;
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return MessageKind::kDuration;
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return MessageKind::kFieldMask;
    case Descriptor::WELLKNOWNTYPE_ANY:
      return MessageKind::kAny;
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return MessageKind::kStruct;
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return MessageKind::kValue;
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return MessageKind::kListValue;
    default:
      return MessageKind::kWrapper;
  }
}

Cardinality CardinalityOf(const FieldDescriptor& field) {
  if (field.is_map()) return Cardinality::kMap;
  return field.is_repeated() ? Cardinality::kList : Cardinality::kSingular;
}

// A name as JSON: names may be anything if json_name says so.
std::string Quoted(absl::string_view text) {
  AppendBuffer out(text.size());
  AppendJsonString(text, text.end(), &out);
  return std::string(out.view());
}

}  // namespace

EnumSchema::EnumSchema(const EnumDescriptor* descriptor)
    : descriptor_(descriptor),
      is_null_value_(descriptor->full_name() == "google.protobuf.NullValue") {
  std::vector<std::pair<absl::string_view, int>> names;
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const int32_t number = descriptor->value(i)->number();
    const std::string& name = descriptor->value(i)->name();
    names.emplace_back(name, i);
    numbers_.push_back(number);
    if (!JsonOf(number).empty()) continue;
    const std::string json = is_null_value_ ? "null" : Quoted(name);
    if (static_cast<uint32_t>(number) >= kDenseNumbers) {
      sparse_[number] = json;
      continue;
    }
    if (dense_.size() <= static_cast<size_t>(number)) dense_.resize(number + 1);
    dense_[number] = json;
  }
  names_ = NameTable(names);
}

// Enums are numbered from 0 with few holes; the array serves those.
absl::string_view EnumSchema::JsonOf(int32_t number) const {
  if (static_cast<uint32_t>(number) < dense_.size()) return dense_[number];
  const auto found = sparse_.find(number);
  return found == sparse_.end() ? absl::string_view() : found->second;
}

const FieldSchema* MessageSchema::FindSparse(uint32_t number) const {
  const auto found = std::lower_bound(
      fields.begin(), fields.end(), number,
      [](const FieldSchema& field, uint32_t n) { return field.number < n; });
  return found != fields.end() && found->number == number ? &*found : nullptr;
}

// Readers share the lock; it is taken exclusively once a type.
const MessageSchema& SchemaSet::Get(const Descriptor* type) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = messages_.find(type);
    if (found != messages_.end()) return *found->second;
  }
  absl::MutexLock lock(&mutex_);
  return *Build(type);
}

// A type is in the map before its fields are made, so that recursive types end;
// nobody else sees it before the lock is released.
const MessageSchema* SchemaSet::Build(const Descriptor* type) {
  std::unique_ptr<MessageSchema>& slot = messages_[type];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<MessageSchema>();
  MessageSchema* const schema = slot.get();  // the map may move the slot
  schema->descriptor = type;
  schema->kind = MessageKindOf(*type);
  schema->oneof_count = type->real_oneof_decl_count();
  schema->schemas = this;

  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->type() == FieldDescriptor::TYPE_GROUP) continue;
    schema->fields.push_back(BuildField(type->field(i)));
  }
  std::sort(schema->fields.begin(), schema->fields.end(),
            [](const FieldSchema& a, const FieldSchema& b) {
              return a.number < b.number;
            });
  std::vector<std::pair<absl::string_view, int>> names;
  for (FieldSchema& field : schema->fields) {
    field.index = names.size() / 2;
    names.emplace_back(field.descriptor->json_name(), field.index);
    names.emplace_back(field.descriptor->name(), field.index);
    if (field.number >= kDenseNumbers) continue;
    schema->by_number.resize(field.number + 1);
    schema->by_number[field.number] = &field;
  }
  schema->by_name = NameTable(names);
  return schema;
}

// All but the index, which follows from the order of the fields.
FieldSchema SchemaSet::BuildField(const FieldDescriptor* descriptor) {
  FieldSchema field;
  field.descriptor = descriptor;
  field.number = descriptor->number();
  field.kind = static_cast<FieldKind>(descriptor->type());
  field.cardinality = CardinalityOf(*descriptor);
  field.wire_type = WireTypeOf(field.kind);
  field.has_presence = descriptor->has_presence();
  field.packed = descriptor->is_packed();
  field.output_only =
      descriptor->options().GetExtension(options::v1::field).output_only();
  if (descriptor->real_containing_oneof() != nullptr) {
    field.oneof = descriptor->real_containing_oneof()->index();
  }
  field.json_key = absl::StrCat(",", Quoted(descriptor->json_name()), ":");
  const WireType written = field.packed ? WireType::kBytes : field.wire_type;
  field.tag_size =
      PutVarint(field.number << 3 | static_cast<uint32_t>(written), field.tag) -
      field.tag;
  if (descriptor->enum_type() != nullptr) {
    field.enum_schema = BuildEnum(descriptor->enum_type());
    field.takes_null = field.enum_schema->is_null_value();
  }
  if (descriptor->message_type() != nullptr) {
    field.message = Build(descriptor->message_type());
    field.takes_null = field.message->kind == MessageKind::kValue;
  }
  return field;
}

const EnumSchema* SchemaSet::BuildEnum(const EnumDescriptor* type) {
  std::unique_ptr<EnumSchema>& slot = enums_[type];
  if (slot == nullptr) slot = std::make_unique<EnumSchema>(type);
  return slot.get();
}

}  // namespace praxis::gateway
