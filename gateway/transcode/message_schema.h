// What the transcoder must know of a message type, compiled once from its
// descriptor. Schemas are immutable and shared by all threads.
#ifndef GATEWAY_TRANSCODE_MESSAGE_SCHEMA_H_
#define GATEWAY_TRANSCODE_MESSAGE_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "gateway/transcode/name_table.h"
#include "gateway/transcode/wire.h"

namespace google::protobuf {
class Descriptor;
class EnumDescriptor;
class FieldDescriptor;
}  // namespace google::protobuf

namespace praxis::gateway {

class SchemaSet;
struct MessageSchema;

// The types of protobuf, numbered as FieldDescriptor::Type. Groups (10), which
// proto3 has not and JSON has no form for, are left out.
enum class FieldKind : uint8_t {
  kDouble = 1,
  kFloat = 2,
  kInt64 = 3,
  kUint64 = 4,
  kInt32 = 5,
  kFixed64 = 6,
  kFixed32 = 7,
  kBool = 8,
  kString = 9,
  kMessage = 11,
  kBytes = 12,
  kUint32 = 13,
  kEnum = 14,
  kSfixed32 = 15,
  kSfixed64 = 16,
  kSint32 = 17,
  kSint64 = 18,
};

// How many values a field holds.
enum class Cardinality : uint8_t { kSingular, kList, kMap };

// The names and numbers of an enum.
class EnumSchema {
 public:
  explicit EnumSchema(const google::protobuf::EnumDescriptor* descriptor);

  // The name of a number in JSON: quoted, or null for that of NullValue. Empty
  // if the number has none. Of several names the one declared first.
  absl::string_view JsonOf(int32_t number) const;

  // Index into numbers() of a name, or NameTable::kNone.
  int Find(absl::string_view name) const { return names_.Find(name); }
  const std::vector<int32_t>& numbers() const { return numbers_; }

  // google.protobuf.NullValue, whose JSON is null.
  bool is_null_value() const { return is_null_value_; }
  const google::protobuf::EnumDescriptor& descriptor() const {
    return *descriptor_;
  }

 private:
  const google::protobuf::EnumDescriptor* descriptor_;
  bool is_null_value_;
  NameTable names_;
  std::vector<int32_t> numbers_;    // as declared
  std::vector<std::string> dense_;  // JSON of 0, 1, 2 ... while small
  absl::flat_hash_map<int32_t, std::string> sparse_;  // and of the others
};

// One field of a message.
struct FieldSchema {
  const google::protobuf::FieldDescriptor* descriptor = nullptr;
  uint32_t number = 0;
  FieldKind kind = FieldKind::kMessage;
  Cardinality cardinality = Cardinality::kSingular;
  // Of one value. A list of numbers may come packed into kBytes too.
  WireType wire_type = WireType::kBytes;
  bool has_presence = false;
  // A list that is written packed.
  bool packed = false;
  // Set by the service; ignored in requests (AIP-203).
  bool output_only = false;
  // null is a value of it: google.protobuf.Value and NullValue.
  bool takes_null = false;
  // Its place in MessageSchema::fields.
  uint32_t index = 0;
  // Its oneof, counted from 0 within the message; -1 is none. A proto3
  // optional is in none.
  int oneof = -1;
  // The bytes of its tag, as it is written.
  uint8_t tag_size = 0;
  char tag[5] = {};
  // `,"displayName":`
  std::string json_key;

  const EnumSchema* enum_schema = nullptr;  // of a kEnum
  const MessageSchema* message = nullptr;   // of a kMessage, and of a map entry

  bool is_packable() const { return wire_type != WireType::kBytes; }
  // Whether a record of this wire type is one of the field.
  bool Accepts(WireType type) const {
    return type == wire_type || (type == WireType::kBytes && is_packable() &&
                                 cardinality == Cardinality::kList);
  }
  absl::string_view tag_bytes() const { return {tag, tag_size}; }
};

// Types whose JSON is not an object of their fields (protobuf.dev/
// programming-guides/json). google.protobuf.Empty is an ordinary message.
enum class MessageKind : uint8_t {
  kPlain,
  kTimestamp,
  kDuration,
  kFieldMask,
  kWrapper,
  kAny,
  kStruct,
  kValue,
  kListValue,
};

// One message type.
struct MessageSchema {
  const google::protobuf::Descriptor* descriptor = nullptr;
  MessageKind kind = MessageKind::kPlain;
  std::vector<FieldSchema> fields;  // by number
  size_t oneof_count = 0;
  // The set it is in, where the types of Any values are found.
  SchemaSet* schemas = nullptr;

  // Null if there is no such field.
  const FieldSchema* FindNumber(uint32_t number) const {
    return number < by_number.size() ? by_number[number] : FindSparse(number);
  }
  // By JSON name or by the name in the .proto. Null if there is none.
  const FieldSchema* FindName(absl::string_view name) const {
    const int index = by_name.Find(name);
    return index == NameTable::kNone ? nullptr : &fields[index];
  }

  std::vector<const FieldSchema*>
      by_number;  // index is the number, while small
  NameTable by_name;

 private:
  const FieldSchema* FindSparse(uint32_t number) const;
};

// The schemas of message types, made as they are asked for. All of it may be
// called from any thread. Schemas live as long as the set, and the descriptors
// must live as long.
class SchemaSet {
 public:
  SchemaSet() = default;
  SchemaSet(const SchemaSet&) = delete;
  SchemaSet& operator=(const SchemaSet&) = delete;

  // The schema of a type, complete with those of the types it refers to.
  const MessageSchema& Get(const google::protobuf::Descriptor* type);

 private:
  const MessageSchema* Build(const google::protobuf::Descriptor* type)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const EnumSchema* BuildEnum(const google::protobuf::EnumDescriptor* type)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  FieldSchema BuildField(const google::protobuf::FieldDescriptor* field)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  absl::flat_hash_map<const google::protobuf::Descriptor*,
                      std::unique_ptr<MessageSchema>>
      messages_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const google::protobuf::EnumDescriptor*,
                      std::unique_ptr<EnumSchema>>
      enums_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_MESSAGE_SCHEMA_H_
