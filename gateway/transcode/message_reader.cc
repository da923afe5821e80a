#include "gateway/transcode/message_reader.h"

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "gateway/transcode/expectation.h"
#include "gateway/transcode/scalar_text.h"
#include "gateway/transcode/wire.h"
#include "google/protobuf/descriptor.h"

namespace praxis::gateway {

// Which fields and oneofs of one object have come.
class MessageReader::SeenFields {
 public:
  explicit SeenFields(const MessageSchema& schema)
      : fields_(schema.fields.size()),
        bits_((fields_ + schema.oneof_count + 63) / 64) {}

  // False if it has come before.
  bool AddField(const FieldSchema& field) { return Add(field.index); }
  bool AddOneof(int oneof) { return Add(fields_ + oneof); }

 private:
  bool Add(size_t bit) {
    uint64_t& word = bits_[bit / 64];
    const uint64_t mask = uint64_t{1} << bit % 64;
    const bool added = (word & mask) == 0;
    word |= mask;
    return added;
  }

  size_t fields_;
  absl::InlinedVector<uint64_t, 2> bits_;
};

namespace {

// protobuf's parsers refuse more (CodedInputStream's recursion limit). Only
// google.protobuf.Value takes several levels of messages for one of JSON.
constexpr int kMaxWireDepth = 100;

}  // namespace

bool MessageReader::ReadMessage(const MessageSchema& schema) {
  switch (schema.kind) {
    case MessageKind::kPlain:
      return ReadObject(schema, /*in_any=*/false);
    case MessageKind::kTimestamp:
    case MessageKind::kDuration:
    case MessageKind::kFieldMask:
      return ReadTextMessage(schema);
    case MessageKind::kWrapper:
      out_.Append(schema.fields[0].tag_bytes());
      return ReadValue(schema.fields[0]);
    case MessageKind::kAny:
      return ReadAny(schema);
    case MessageKind::kStruct:
      return ReadMap(schema.fields[0]);
    case MessageKind::kListValue:
      return ReadList(schema.fields[0]);
    case MessageKind::kValue:
      return ReadDynamicValue(schema);
  }
  return false;
}

// With `in_any` the object has the member "@type" too, which has been read.
bool MessageReader::ReadObject(const MessageSchema& schema, bool in_any) {
  if (!in_.Open('{')) return false;
  if (in_.Close('}')) return true;
  SeenFields seen(schema);
  const FieldSchema* likely = schema.fields.data();
  bool more = true;
  while (more) {
    const size_t position = in_.Position();
    if (in_any && in_.TakeTypeKey()) {
      in_any = false;
      if (!in_.SkipValue()) return false;
    } else {
      const FieldSchema* field = ReadName(schema, likely);
      if (field == nullptr) return false;
      if (!ReadMember(*field, position, &seen)) {
        return in_.AddField(field->descriptor->json_name());
      }
      likely = field + 1;
    }
    if (!in_.ReadNextOrClose('}', &more)) return false;
  }
  return true;
}

// Reads a member's name and colon. Most writers keep to one order, so the field
// after the last one is tried first: one comparison instead of a scan and a
// look-up. Null on failure.
const FieldSchema* MessageReader::ReadName(const MessageSchema& schema,
                                           const FieldSchema* likely) {
  if (likely != schema.fields.data() + schema.fields.size() &&
      in_.TakeExactly(absl::string_view(likely->json_key).substr(1))) {
    return likely;
  }
  const size_t position = in_.Position();
  absl::string_view name;
  if (!in_.ReadKey(&name)) return nullptr;
  const FieldSchema* field = schema.FindName(name);
  if (field == nullptr) {
    in_.FailAt(position, absl::StrCat("unknown field ", Shown(name)));
  }
  return field;
}

// A member's value. `position` is where its name stands.
bool MessageReader::ReadMember(const FieldSchema& field, size_t position,
                               SeenFields* seen) {
  if (!seen->AddField(field)) {
    return in_.FailAt(position, "this field is here twice");
  }
  const bool is_set = in_.Peek() != 'n' || field.takes_null;
  if (field.oneof >= 0 && is_set && !seen->AddOneof(field.oneof)) {
    return in_.FailAt(position,
                      absl::StrCat("only one field of the oneof \"",
                                   field.descriptor->containing_oneof()->name(),
                                   "\" may be set"));
  }
  return ReadField(field);
}

// null is as if the field was not there, unless it is a value of the field.
bool MessageReader::ReadField(const FieldSchema& field) {
  const bool is_singular = field.cardinality == Cardinality::kSingular;
  if (in_.Peek() == 'n' && !(is_singular && field.takes_null)) {
    return in_.ReadNull();
  }
  if (is_singular) {
    out_.Append(field.tag_bytes());
    return ReadValue(field);
  }
  return field.cardinality == Cardinality::kMap ? ReadMap(field)
                                                : ReadList(field);
}

// A null within the list is refused by the elements' types.
bool MessageReader::ReadList(const FieldSchema& field) {
  if (!in_.Open('[')) return false;
  if (in_.Close(']')) return true;
  size_t start = 0;
  if (field.packed) {
    out_.Append(field.tag_bytes());
    start = BeginBytes(&out_);
  }
  bool more = true;
  for (size_t index = 0; more; ++index) {
    if (!field.packed) out_.Append(field.tag_bytes());
    if (!ReadValue(field)) return in_.AddIndex(index);
    if (!in_.ReadNextOrClose(']', &more)) return false;
  }
  if (field.packed) EndBytes(start, &out_);
  return true;
}

bool MessageReader::ReadMap(const FieldSchema& field) {
  if (!in_.Open('{')) return false;
  if (in_.Close('}')) return true;
  absl::flat_hash_set<std::string> keys;
  bool more = true;
  while (more) {
    if (!ReadMapEntry(field, &keys)) return false;
    if (!in_.ReadNextOrClose('}', &more)) return false;
  }
  return true;
}

// An entry is a message of the fields 1 key and 2 value. Keys are compared as
// they are on the wire: "1" and "1.0" are one key of an integer.
bool MessageReader::ReadMapEntry(const FieldSchema& field,
                                 absl::flat_hash_set<std::string>* keys) {
  const size_t position = in_.Position();
  absl::string_view text;
  if (!in_.ReadKey(&text)) return false;
  const std::string name(text);  // reading the value may overwrite the text
  const FieldSchema& key = field.message->fields[0];
  const FieldSchema& value = field.message->fields[1];

  out_.Append(field.tag_bytes());
  const size_t start = BeginBytes(&out_);
  out_.Append(key.tag_bytes());
  if (!AppendText(key, name, &out_)) {
    in_.FailAt(position, absl::StrCat("expected ", Expectation(key)));
    return in_.AddKey(name);
  }
  if (!keys->emplace(out_.at(start), out_.size() - start).second) {
    in_.FailAt(position, "this key is here twice");
    return in_.AddKey(name);
  }
  out_.Append(value.tag_bytes());
  ++wire_depth_;
  if (!ReadValue(value)) return in_.AddKey(name);
  --wire_depth_;
  EndBytes(start, &out_);
  return true;
}

bool MessageReader::ReadValue(const FieldSchema& field) {
  switch (field.kind) {
    case FieldKind::kString:
      return ReadString();
    case FieldKind::kMessage:
      return ReadNested(field);
    case FieldKind::kBool:
      return ReadBool();
    case FieldKind::kEnum:
      return ReadEnum(field);
    case FieldKind::kBytes:
      return ReadBytes(field);
    default:
      return ReadNumber(field);
  }
}

bool MessageReader::ReadNested(const FieldSchema& field) {
  if (++wire_depth_ > kMaxWireDepth) {
    return in_.Fail("nested too deep for protobuf");
  }
  const size_t start = BeginBytes(&out_);
  if (!ReadMessage(*field.message)) return false;
  EndBytes(start, &out_);
  --wire_depth_;
  return true;
}

bool MessageReader::ReadString() {
  absl::string_view text;
  if (!in_.ReadString(&text)) return false;
  AppendBytes(text, &out_);
  return true;
}

bool MessageReader::ReadBool() {
  bool value;
  if (!in_.ReadBool(&value)) return false;
  out_.Append(value ? '\1' : '\0');
  return true;
}

bool MessageReader::ReadBytes(const FieldSchema& field) {
  const size_t position = in_.Position();
  absl::string_view text;
  if (!in_.ReadString(&text)) return false;
  return AppendBytesOfBase64(text, &out_) ||
         in_.FailAt(position, absl::StrCat("expected ", Expectation(field)));
}

// By name or by number. Numbers without a name are kept: enums of proto3 are
// open, and the service decides.
bool MessageReader::ReadEnum(const FieldSchema& field) {
  const char first = in_.Peek();
  if (first == 'n' && field.takes_null) {
    out_.Append('\0');
    return in_.ReadNull();
  }
  if (first != '"') return ReadNumber(field);
  const size_t position = in_.Position();
  absl::string_view name;
  if (!in_.ReadString(&name)) return false;
  return AppendEnumName(*field.enum_schema, name, &out_) ||
         in_.FailAt(position, absl::StrCat("expected ", Expectation(field),
                                           ", not ", Shown(name)));
}

// Numbers may be in quotes, and those of 64 bits usually are.
bool MessageReader::ReadNumber(const FieldSchema& field) {
  const size_t position = in_.Position();
  absl::string_view text;
  const char first = in_.Peek();
  if (first == '"' && field.kind != FieldKind::kEnum) {
    if (!in_.ReadString(&text)) return false;
  } else if (first == '-' || (first >= '0' && first <= '9')) {
    if (!in_.ReadNumber(&text)) return false;
  } else {
    return in_.FailExpecting(Expectation(field));
  }
  return AppendNumber(field.kind, text, &out_) ||
         in_.FailAt(position, absl::StrCat("expected ", Expectation(field)));
}

}  // namespace praxis::gateway
