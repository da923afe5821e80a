#include "gateway/transcode/expectation.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace praxis::gateway {
namespace {

// "an integer from ... to ..."
template <typename Integer>
std::string IntegerRange() {
  using Limits = std::numeric_limits<Integer>;
  return absl::StrCat("an integer from ", Limits::min(), " to ", Limits::max());
}

std::string EnumNames(const EnumSchema& type) {
  constexpr int kShown = 16;
  const google::protobuf::EnumDescriptor& names = type.descriptor();
  std::string all = "one of ";
  for (int i = 0; i < names.value_count() && i < kShown; ++i) {
    absl::StrAppend(&all, i > 0 ? ", " : "", names.value(i)->name());
  }
  if (names.value_count() > kShown) absl::StrAppend(&all, ", ...");
  return all;
}

}  // namespace

std::string Expectation(const FieldSchema& field) {
  switch (field.kind) {
    case FieldKind::kDouble:
    case FieldKind::kFloat:
      return "a number";
    case FieldKind::kUint32:
    case FieldKind::kFixed32:
      return IntegerRange<uint32_t>();
    case FieldKind::kUint64:
    case FieldKind::kFixed64:
      return IntegerRange<uint64_t>();
    case FieldKind::kInt64:
    case FieldKind::kSint64:
    case FieldKind::kSfixed64:
      return IntegerRange<int64_t>();
    case FieldKind::kInt32:
    case FieldKind::kSint32:
    case FieldKind::kSfixed32:
      return IntegerRange<int32_t>();
    case FieldKind::kBool:
      return "true or false";
    case FieldKind::kEnum:
      return EnumNames(*field.enum_schema);
    case FieldKind::kString:
      return "a string of UTF-8";
    case FieldKind::kBytes:
      return "a string of base64";
    case FieldKind::kMessage:
      return Expectation(*field.message);
  }
  return "";
}

std::string Expectation(const MessageSchema& schema) {
  switch (schema.kind) {
    case MessageKind::kTimestamp:
      return "a time like \"2006-01-02T15:04:05Z\" (RFC 3339)";
    case MessageKind::kDuration:
      return "a duration in seconds like \"1.5s\"";
    case MessageKind::kFieldMask:
      return "field names with commas between";
    case MessageKind::kWrapper:
      return Expectation(schema.fields[0]);
    case MessageKind::kListValue:
      return "an array";
    case MessageKind::kValue:
      return "a value";
    default:
      return "an object";
  }
}

}  // namespace praxis::gateway
