#ifndef GATEWAY_TRANSCODE_MESSAGE_WRITER_H_
#define GATEWAY_TRANSCODE_MESSAGE_WRITER_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gateway/transcode/append_buffer.h"
#include "gateway/transcode/message_schema.h"
#include "gateway/transcode/read_mask.h"
#include "gateway/transcode/wire.h"

namespace praxis::gateway {

// Writes one message as JSON: the recursion behind WriteJson().
//
// Records are expected in the order in which our own services write them: one
// pass, nothing kept. Bytes in any other order are legal; the writer fails at
// the first sign of it, and the caller starts once more with an ordering
// writer, which brings every level into order first. So the usual way pays one
// comparison a field, and the other stays linear: it is chosen once, not again
// at every level.
class MessageWriter {
 public:
  // `wire` holds all the bytes that will be written. Without a mask (null) all
  // fields are.
  MessageWriter(absl::string_view wire, bool ordering, const ReadMask* mask,
                AppendBuffer* out)
      : limit_(wire.data() + wire.size()),
        ordering_(ordering),
        mask_(mask == nullptr || mask->keeps_all() ? nullptr : mask),
        out_(*out) {}

  // The JSON of a message of any kind. Every Write is false on the first
  // failure.
  bool WriteMessage(const MessageSchema& schema, absl::string_view wire);

  // The JSON of one field of a message whose bytes are in order.
  bool WriteFieldOf(const FieldSchema& field, absl::string_view wire);

  // What was wrong, not where.
  absl::string_view error() const { return error_; }

 private:
  struct MapEntry {
    uint64_t number = 0;     // the key, of an integer or a bool
    absl::string_view text;  // the key, of a string
    WireRecord value;
  };

  bool WriteObject(const MessageSchema& schema, absl::string_view wire);
  bool WriteFields(const MessageSchema& schema, absl::string_view wire);
  bool WriteSingular(const FieldSchema& field, const WireRecord& record);

  // A list or map, from the records of its field that come next.
  bool WriteRepeated(const FieldSchema& field, WireCursor* in);
  bool WriteAll(const FieldSchema& field, WireCursor* in);
  bool WriteElements(const FieldSchema& field, const WireRecord& record);
  bool ReadMapEntry(const MessageSchema& schema, absl::string_view wire,
                    MapEntry* entry);
  bool WriteMapEntries(const MessageSchema& schema,
                       std::vector<MapEntry>* entries);
  bool WriteMapKey(const FieldSchema& field, const MapEntry& entry);

  bool WriteValue(const FieldSchema& field, const WireRecord& record);
  void WriteEnum(const FieldSchema& field, int32_t number);
  bool WriteString(absl::string_view text);

  // In well_known_writer.cc.
  bool WriteTime(const MessageSchema& schema, absl::string_view wire);
  bool WriteFieldMask(absl::string_view wire);
  bool WriteWrapper(const MessageSchema& schema, absl::string_view wire);
  bool WriteContainer(const MessageSchema& schema, absl::string_view wire);
  bool WriteDynamicValue(const MessageSchema& schema, absl::string_view wire);
  bool WriteAny(const MessageSchema& schema, absl::string_view wire);

  // Opens an object or array, whose members then all begin with a comma;
  // Close() turns the first comma into the bracket. `start` is where it began.
  bool Open();
  void Close(size_t start, char open, char close);

  // An ordering writer replaces the bytes of one level by those in order.
  bool Order(const MessageSchema& schema, absl::string_view* wire);

  bool Fail(absl::string_view error) {
    error_ = error;
    return false;
  }
  bool FailMalformed() { return Fail("the wire bytes are malformed"); }
  bool FailUnordered() { return Fail("the wire bytes are not in order"); }

  const char* const limit_;
  const bool ordering_;
  // Of the fields of the next message; null where all are kept.
  const ReadMask* mask_;
  AppendBuffer& out_;
  int depth_ = 0;
  absl::string_view error_;
  std::deque<std::string> ordered_;  // bytes that Order() made
};

// The number that the undecoded value of a record stands for: signed kinds
// extended to 64 bits, floats as their bits.
uint64_t DecodeValue(FieldKind kind, uint64_t value);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_MESSAGE_WRITER_H_
