// The protobuf wire format (protobuf.dev/programming-guides/encoding), read and
// written without message objects.
#ifndef GATEWAY_TRANSCODE_WIRE_H_
#define GATEWAY_TRANSCODE_WIRE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/base/optimization.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/append_buffer.h"

namespace praxis::gateway {

static_assert(std::endian::native == std::endian::little,
              "fixed32 and fixed64 are read and written in place");

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

constexpr int kMaxVarintSize = 10;

// One field of a message on the wire: its number and its undecoded value,
// which is in `bytes` for kBytes and in `value` otherwise. An absent field is
// the record of zeros: it decodes to the default of every type.
struct WireRecord {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t value = 0;
  absl::string_view bytes;
};

// Reads the records of one message, front to back. Every Read is false when
// the bytes are malformed; the cursor is then of no further use.
class WireCursor {
 public:
  explicit WireCursor(absl::string_view wire)
      : next_(wire.data()), end_(wire.data() + wire.size()) {}

  bool done() const { return next_ == end_; }
  const char* position() const { return next_; }

  // The next record. Groups, which proto3 does not have, are skipped whole and
  // answered as an empty record of kStartGroup, which no field accepts.
  bool ReadRecord(WireRecord* record);

  // Whether the next record is one of field `number`.
  bool NextIs(uint32_t number) const;

  // One value of a packed field, or the value of a record of `type`.
  bool ReadValue(WireType type, uint64_t* value);

  bool ReadVarint(uint64_t* value) {
    if (ABSL_PREDICT_TRUE(next_ != end_ && *next_ >= 0)) {
      *value = static_cast<uint8_t>(*next_++);
      return true;
    }
    return ReadLongVarint(value);
  }

 private:
  static constexpr int kMaxGroupDepth = 64;

  bool ReadBytes(absl::string_view* bytes) {
    uint64_t size;
    if (!ReadVarint(&size)) return false;
    if (size > static_cast<size_t>(end_ - next_)) return false;
    *bytes = absl::string_view(next_, size);
    next_ += size;
    return true;
  }
  bool ReadLongVarint(uint64_t* value);
  bool ReadTag(WireRecord* record);
  bool ReadOther(WireRecord* record);
  bool SkipGroup(uint32_t number, int depth);

  const char* next_;
  const char* end_;
};

inline bool WireCursor::ReadTag(WireRecord* record) {
  uint64_t tag;
  if (!ReadVarint(&tag)) return false;
  record->number = static_cast<uint32_t>(tag >> 3);
  record->type = static_cast<WireType>(tag & 7);
  return record->number != 0 && tag <= UINT32_MAX;
}

inline bool WireCursor::NextIs(uint32_t number) const {
  WireCursor ahead = *this;
  uint64_t tag;
  return ahead.ReadVarint(&tag) && tag >> 3 == number;
}

inline bool WireCursor::ReadValue(WireType type, uint64_t* value) {
  if (type == WireType::kVarint) return ReadVarint(value);
  const ptrdiff_t size = type == WireType::kFixed64 ? 8 : 4;
  if (end_ - next_ < size) return false;
  *value = 0;
  std::memcpy(value, next_, size);
  next_ += size;
  return true;
}

inline bool WireCursor::ReadRecord(WireRecord* record) {
  if (!ReadTag(record)) return false;
  if (record->type == WireType::kBytes) return ReadBytes(&record->bytes);
  if (record->type == WireType::kVarint) return ReadVarint(&record->value);
  return ReadOther(record);
}

// Bytes of a varint: 1 to kMaxVarintSize.
int VarintSize(uint64_t value);

// Writes a varint at `out`, which has room for it, and answers its end.
inline char* PutVarint(uint64_t value, char* out) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

inline void AppendVarint(uint64_t value, AppendBuffer* out) {
  out->Advance(PutVarint(value, out->Reserve(kMaxVarintSize)));
}

// A length-delimited value: its size, then its bytes.
inline void AppendBytes(absl::string_view bytes, AppendBuffer* out) {
  char* at =
      PutVarint(bytes.size(), out->Reserve(kMaxVarintSize + bytes.size()));
  std::memcpy(at, bytes.data(), bytes.size());
  out->Advance(at + bytes.size());
}

// Writes a nested message whose size is not known yet. One byte is kept free
// for the size, which is all that most need; a longer message is moved by the
// difference. A byte is moved at most once a level, and levels are limited, so
// this stays linear; it is 3 % of the work of reading a page of 50 posts.
inline size_t BeginBytes(AppendBuffer* out) {
  out->Append('\0');
  return out->size();
}
void EndBytes(size_t start, AppendBuffer* out);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_WIRE_H_
