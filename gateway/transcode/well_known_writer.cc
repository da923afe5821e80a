// The types of google.protobuf whose JSON is not an object of their fields.
#include <bit>
#include <cmath>

#include "gateway/transcode/field_mask_text.h"
#include "gateway/transcode/json_text.h"
#include "gateway/transcode/message_writer.h"
#include "gateway/transcode/time_text.h"
#include "google/protobuf/descriptor.h"

namespace praxis::gateway {

// The fields of these small types are singular scalars or lists: read in any
// order, the last value of each counts.

bool MessageWriter::WriteTime(const MessageSchema& schema,
                              absl::string_view wire) {
  SecondsNanos time;
  for (WireCursor in(wire); !in.done();) {
    WireRecord record;
    if (!in.ReadRecord(&record)) return FailMalformed();
    if (record.type != WireType::kVarint) continue;
    if (record.number == 1) time.seconds = static_cast<int64_t>(record.value);
    if (record.number == 2) time.nanos = static_cast<int32_t>(record.value);
  }
  char* const at = out_.Reserve(kTimeTextSize + 2);
  *at = '"';
  char* const end = schema.kind == MessageKind::kTimestamp
                        ? PutTimestamp(time, at + 1)
                        : PutDuration(time, at + 1);
  if (end == nullptr) return Fail("a time is out of range");
  *end = '"';
  out_.Advance(end + 1);
  return true;
}

bool MessageWriter::WriteFieldMask(absl::string_view wire) {
  out_.Append('"');
  bool first = true;
  for (WireCursor in(wire); !in.done();) {
    WireRecord record;
    if (!in.ReadRecord(&record)) return FailMalformed();
    if (record.number != 1 || record.type != WireType::kBytes) continue;
    if (!first) out_.Append(',');
    first = false;
    if (!AppendMaskPath(record.bytes, &out_)) {
      return Fail("a field mask has no JSON form");
    }
  }
  out_.Append('"');
  return true;
}

bool MessageWriter::WriteWrapper(const MessageSchema& schema,
                                 absl::string_view wire) {
  const FieldSchema& field = schema.fields[0];
  WireRecord value;
  for (WireCursor in(wire); !in.done();) {
    WireRecord record;
    if (!in.ReadRecord(&record)) return FailMalformed();
    if (record.number == field.number && field.Accepts(record.type)) {
      value = record;
    }
  }
  return WriteValue(field, value);
}

// Struct and ListValue: what their one field holds.
bool MessageWriter::WriteContainer(const MessageSchema& schema,
                                   absl::string_view wire) {
  if (!Order(schema, &wire)) return false;
  WireCursor in(wire);
  if (!WriteAll(schema.fields[0], &in)) return false;
  // Something else lies between; once in order, that is left out.
  return in.done() || FailUnordered();
}

// google.protobuf.Value: what its one field holds. JSON has no NaN.
bool MessageWriter::WriteDynamicValue(const MessageSchema& schema,
                                      absl::string_view wire) {
  if (!Order(schema, &wire)) return false;
  const FieldSchema* field = nullptr;
  WireRecord value;
  for (WireCursor in(wire); !in.done();) {
    WireRecord record;
    if (!in.ReadRecord(&record)) return FailMalformed();
    const FieldSchema* known = schema.FindNumber(record.number);
    if (known == nullptr || !known->Accepts(record.type)) continue;
    if (field != nullptr) return FailUnordered();
    field = known;
    value = record;
  }
  if (field == nullptr || field->kind == FieldKind::kEnum) {
    out_.Append("null");
    return true;
  }
  if (field->kind == FieldKind::kDouble &&
      !std::isfinite(std::bit_cast<double>(value.value))) {
    return Fail("a Value is no finite number");
  }
  return WriteValue(*field, value);
}

// google.protobuf.Any: the fields of the message within, after its type; of a
// type with a JSON form of its own, that form as "value".
bool MessageWriter::WriteAny(const MessageSchema& schema,
                             absl::string_view wire) {
  absl::string_view url;
  absl::string_view value;
  for (WireCursor in(wire); !in.done();) {
    WireRecord record;
    if (!in.ReadRecord(&record)) return FailMalformed();
    if (record.type != WireType::kBytes) continue;
    if (record.number == 1) url = record.bytes;
    if (record.number == 2) value = record.bytes;
  }
  const size_t start = out_.size();
  if (!Open()) return false;
  if (!url.empty() || !value.empty()) {
    const size_t slash = url.rfind('/');
    const google::protobuf::Descriptor* type =
        slash == absl::string_view::npos
            ? nullptr
            : schema.descriptor->file()->pool()->FindMessageTypeByName(
                  std::string(url.substr(slash + 1)));
    if (type == nullptr) return Fail("an Any is of an unknown type");
    const MessageSchema& content = schema.schemas->Get(type);
    out_.Append(R"(,"@type":)");
    if (!WriteString(url)) return false;
    if (content.kind == MessageKind::kPlain) {
      if (!WriteFields(content, value)) return false;
    } else {
      out_.Append(R"(,"value":)");
      if (!WriteMessage(content, value)) return false;
    }
  }
  Close(start, '{', '}');
  return true;
}

}  // namespace praxis::gateway
