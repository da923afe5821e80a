#ifndef GATEWAY_TRANSCODE_MESSAGE_READER_H_
#define GATEWAY_TRANSCODE_MESSAGE_READER_H_

#include <cstddef>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/append_buffer.h"
#include "gateway/transcode/json_cursor.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// Reads one JSON text into wire bytes. As JsonCursor, every Read is false on
// the first failure. ReadField appends a field with its tag, ReadValue a value
// without tag but with its length, ReadMessage the fields without a length.
class MessageReader {
 public:
  explicit MessageReader(absl::string_view json)
      : in_(json), out_(json.size()) {}

  bool ReadDocument(const MessageSchema& schema) {
    return ReadMessage(schema) && in_.ReadEnd();
  }
  bool ReadDocument(const FieldSchema& field) {
    return ReadField(field) && in_.ReadEnd();
  }
  absl::Status error() const { return in_.error(); }
  absl::string_view wire() const { return out_.view(); }

 private:
  class SeenFields;

  // Messages and their fields.
  bool ReadMessage(const MessageSchema& schema);
  bool ReadObject(const MessageSchema& schema, bool in_any);
  const FieldSchema* ReadName(const MessageSchema& schema,
                              const FieldSchema* likely);
  bool ReadMember(const FieldSchema& field, size_t position, SeenFields* seen);
  bool ReadField(const FieldSchema& field);
  bool ReadList(const FieldSchema& field);
  bool ReadMap(const FieldSchema& field);
  bool ReadMapEntry(const FieldSchema& field,
                    absl::flat_hash_set<std::string>* keys);

  // Values.
  bool ReadValue(const FieldSchema& field);
  bool ReadNested(const FieldSchema& field);
  bool ReadString();
  bool ReadBool();
  bool ReadBytes(const FieldSchema& field);
  bool ReadEnum(const FieldSchema& field);
  bool ReadNumber(const FieldSchema& field);

  // Types with a JSON form of their own: well_known_reader.cc.
  bool ReadTextMessage(const MessageSchema& schema);
  bool ReadDynamicValue(const MessageSchema& schema);
  bool ReadAny(const MessageSchema& any);
  bool FindAnyType(std::string* url);
  bool ReadAnyContent(const MessageSchema& schema);

  JsonCursor in_;
  AppendBuffer out_;
  int wire_depth_ = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_MESSAGE_READER_H_
