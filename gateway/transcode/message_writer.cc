#include "gateway/transcode/message_writer.h"

#include <algorithm>
#include <bit>

#include "gateway/transcode/json_cursor.h"
#include "gateway/transcode/json_text.h"
#include "gateway/transcode/wire_order.h"

namespace praxis::gateway {

uint64_t DecodeValue(FieldKind kind, uint64_t value) {
  switch (kind) {
    case FieldKind::kInt32:
    case FieldKind::kSfixed32:
    case FieldKind::kEnum:
      return static_cast<int64_t>(static_cast<int32_t>(value));
    case FieldKind::kSint32:
      value = static_cast<uint32_t>(value);
      [[fallthrough]];
    case FieldKind::kSint64:
      return value >> 1 ^ (0 - (value & 1));
    case FieldKind::kUint32:
      return static_cast<uint32_t>(value);
    case FieldKind::kBool:
      return value != 0;
    default:
      return value;
  }
}

bool MessageWriter::WriteMessage(const MessageSchema& schema,
                                 absl::string_view wire) {
  switch (schema.kind) {
    case MessageKind::kPlain:
      return WriteObject(schema, wire);
    case MessageKind::kTimestamp:
    case MessageKind::kDuration:
      return WriteTime(schema, wire);
    case MessageKind::kFieldMask:
      return WriteFieldMask(wire);
    case MessageKind::kWrapper:
      return WriteWrapper(schema, wire);
    case MessageKind::kAny:
      return WriteAny(schema, wire);
    case MessageKind::kStruct:
    case MessageKind::kListValue:
      return WriteContainer(schema, wire);
    case MessageKind::kValue:
      return WriteDynamicValue(schema, wire);
  }
  return false;
}

bool MessageWriter::WriteFieldOf(const FieldSchema& field,
                                 absl::string_view wire) {
  WireCursor in(wire);
  WireRecord record;
  while (!in.done() && !in.NextIs(field.number)) {
    if (!in.ReadRecord(&record)) return FailMalformed();
  }
  if (field.cardinality != Cardinality::kSingular) return WriteAll(field, &in);
  if (in.done() && field.has_presence) {
    out_.Append("null");
    return true;
  }
  record = WireRecord();  // of the default value
  if (!in.done() && !in.ReadRecord(&record)) return FailMalformed();
  return WriteValue(field, record);
}

bool MessageWriter::WriteObject(const MessageSchema& schema,
                                absl::string_view wire) {
  const size_t start = out_.size();
  if (!Open() || !WriteFields(schema, wire)) return false;
  Close(start, '{', '}');
  return true;
}

bool MessageWriter::WriteFields(const MessageSchema& schema,
                                absl::string_view wire) {
  if (!Order(schema, &wire)) return false;
  const ReadMask* const mask = mask_;
  WireCursor in(wire);
  uint32_t last = 0;
  uint64_t oneofs = 0;  // more than 64 share bits: they need no order to be met
  while (!in.done()) {
    const WireCursor before = in;
    WireRecord record;
    if (!in.ReadRecord(&record)) return FailMalformed();
    const FieldSchema* field = schema.FindNumber(record.number);
    if (field == nullptr || !field->Accepts(record.type)) continue;
    const ReadMask* part = nullptr;
    if (ABSL_PREDICT_FALSE(mask != nullptr)) {
      part = mask->PartOf(*field);
      // Members of a oneof displace each other, wanted or not.
      if (part == nullptr && field->oneof < 0) continue;
      mask_ = part == nullptr || part->keeps_all() ? nullptr : part;
    }
    if (!ordering_) {
      const uint64_t oneof =
          field->oneof < 0 ? 0 : uint64_t{1} << field->oneof % 64;
      if (field->number <= last || (oneofs & oneof) != 0) {
        return FailUnordered();
      }
      last = field->number;
      oneofs |= oneof;
    }
    if (ABSL_PREDICT_FALSE(mask != nullptr && part == nullptr)) continue;
    if (field->cardinality == Cardinality::kSingular) {
      if (!WriteSingular(*field, record)) return false;
    } else {
      in = before;
      if (!WriteRepeated(*field, &in)) return false;
    }
  }
  mask_ = mask;
  return true;
}

// Without presence a default is no value: parsers do not tell it from absence,
// so it is left out even if somebody wrote it.
bool MessageWriter::WriteSingular(const FieldSchema& field,
                                  const WireRecord& record) {
  if (!field.has_presence) {
    const bool is_default = field.wire_type == WireType::kBytes
                                ? record.bytes.empty()
                                : DecodeValue(field.kind, record.value) == 0;
    if (is_default) return true;
  }
  out_.Append(field.json_key);
  return WriteValue(field, record);
}

bool MessageWriter::WriteRepeated(const FieldSchema& field, WireCursor* in) {
  const size_t before = out_.size();
  out_.Append(field.json_key);
  const size_t start = out_.size();
  if (!WriteAll(field, in)) return false;
  // A packed list of nothing is no list.
  if (out_.size() == start + 2) out_.Truncate(before);
  return true;
}

// The bracketed values of the records of one field that come next.
bool MessageWriter::WriteAll(const FieldSchema& field, WireCursor* in) {
  const bool is_map = field.cardinality == Cardinality::kMap;
  const size_t start = out_.size();
  if (!Open()) return false;
  std::vector<MapEntry> entries;
  WireRecord record;
  while (in->NextIs(field.number)) {
    if (!in->ReadRecord(&record)) return FailMalformed();
    if (!field.Accepts(record.type)) continue;
    if (!is_map) {
      if (!WriteElements(field, record)) return false;
    } else {
      entries.emplace_back();
      if (!ReadMapEntry(*field.message, record.bytes, &entries.back())) {
        return false;
      }
    }
  }
  if (is_map && !WriteMapEntries(*field.message, &entries)) return false;
  Close(start, is_map ? '{' : '[', is_map ? '}' : ']');
  return true;
}

// One value, or those of a packed record.
bool MessageWriter::WriteElements(const FieldSchema& field,
                                  const WireRecord& record) {
  if (record.type == field.wire_type) {
    out_.Append(',');
    return WriteValue(field, record);
  }
  WireRecord element;
  for (WireCursor in(record.bytes); !in.done();) {
    if (!in.ReadValue(field.wire_type, &element.value)) return FailMalformed();
    out_.Append(',');
    if (!WriteValue(field, element)) return false;
  }
  return true;
}

// An entry is a message of the fields 1 key and 2 value; either may be absent.
bool MessageWriter::ReadMapEntry(const MessageSchema& schema,
                                 absl::string_view wire, MapEntry* entry) {
  if (!Order(schema, &wire)) return false;
  uint32_t last = 0;
  for (WireCursor in(wire); !in.done();) {
    WireRecord record;
    if (!in.ReadRecord(&record)) return FailMalformed();
    const FieldSchema* field = schema.FindNumber(record.number);
    if (field == nullptr || !field->Accepts(record.type)) continue;
    if (field->number <= last) return FailUnordered();
    last = field->number;
    if (field->number == 2) {
      entry->value = record;
    } else if (field->kind == FieldKind::kString) {
      entry->text = record.bytes;
    } else {
      entry->number = DecodeValue(field->kind, record.value);
    }
  }
  return true;
}

// Sorted by key, so that equal messages have equal JSON: protobuf writes maps
// in an order that differs from process to process. Of equal keys the last
// counts.
bool MessageWriter::WriteMapEntries(const MessageSchema& schema,
                                    std::vector<MapEntry>* entries) {
  const auto less = [](const MapEntry& a, const MapEntry& b) {
    return a.number != b.number ? a.number < b.number : a.text < b.text;
  };
  std::stable_sort(entries->begin(), entries->end(), less);
  for (auto entry = entries->begin(); entry != entries->end(); ++entry) {
    const auto next = entry + 1;
    if (next != entries->end() && !less(*entry, *next)) continue;
    if (!WriteMapKey(schema.fields[0], *entry) ||
        !WriteValue(schema.fields[1], entry->value)) {
      return false;
    }
  }
  return true;
}

// Keys are strings in JSON, whatever their type.
bool MessageWriter::WriteMapKey(const FieldSchema& field,
                                const MapEntry& entry) {
  out_.Append(',');
  if (field.kind == FieldKind::kString) {
    if (!WriteString(entry.text)) return false;
  } else if (field.kind == FieldKind::kBool) {
    out_.Append(entry.number != 0 ? R"("true")" : R"("false")");
  } else if (field.kind == FieldKind::kUint64 ||
             field.kind == FieldKind::kFixed64) {
    AppendQuotedInteger(entry.number, &out_);
  } else {
    AppendQuotedInteger(static_cast<int64_t>(entry.number), &out_);
  }
  out_.Append(':');
  return true;
}

bool MessageWriter::WriteValue(const FieldSchema& field,
                               const WireRecord& record) {
  const uint64_t value = DecodeValue(field.kind, record.value);
  switch (field.kind) {
    case FieldKind::kString:
      return WriteString(record.bytes);
    case FieldKind::kMessage:
      return WriteMessage(*field.message, record.bytes);
    case FieldKind::kEnum:
      WriteEnum(field, static_cast<int32_t>(value));
      break;
    case FieldKind::kBool:
      out_.Append(value != 0 ? "true" : "false");
      break;
    case FieldKind::kInt32:
    case FieldKind::kSint32:
    case FieldKind::kSfixed32:
      AppendInteger(static_cast<int32_t>(value), &out_);
      break;
    case FieldKind::kUint32:
    case FieldKind::kFixed32:
      AppendInteger(static_cast<uint32_t>(value), &out_);
      break;
    case FieldKind::kInt64:
    case FieldKind::kSint64:
    case FieldKind::kSfixed64:
      AppendQuotedInteger(static_cast<int64_t>(value), &out_);
      break;
    case FieldKind::kUint64:
    case FieldKind::kFixed64:
      AppendQuotedInteger(value, &out_);
      break;
    case FieldKind::kFloat:
      AppendFloat(std::bit_cast<float>(static_cast<uint32_t>(value)), &out_);
      break;
    case FieldKind::kDouble:
      AppendFloat(std::bit_cast<double>(value), &out_);
      break;
    case FieldKind::kBytes:
      AppendBase64(record.bytes, &out_);
      break;
  }
  return true;
}

void MessageWriter::WriteEnum(const FieldSchema& field, int32_t number) {
  const absl::string_view name = field.enum_schema->JsonOf(number);
  if (name.empty()) {
    AppendInteger(number, &out_);
  } else {
    out_.Append(name);
  }
}

bool MessageWriter::WriteString(absl::string_view text) {
  // What an ordering writer reads lies in many buffers.
  const char* const limit = ordering_ ? text.data() + text.size() : limit_;
  return AppendJsonString(text, limit, &out_) || Fail("a string is not UTF-8");
}

bool MessageWriter::Open() {
  return ++depth_ <= kMaxJsonDepth || Fail("nested too deep");
}

void MessageWriter::Close(size_t start, char open, char close) {
  --depth_;
  if (out_.size() == start) {
    out_.Append(open);
  } else {
    *out_.at(start) = open;
  }
  out_.Append(close);
}

bool MessageWriter::Order(const MessageSchema& schema,
                          absl::string_view* wire) {
  if (!ordering_) return true;
  ordered_.emplace_back();
  if (!OrderWire(schema, *wire, &ordered_.back())) return FailMalformed();
  *wire = ordered_.back();
  return true;
}

}  // namespace praxis::gateway
