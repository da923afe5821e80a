#include "gateway/transcode/wire.h"

#include <algorithm>

namespace praxis::gateway {

// Bits beyond the 64th are dropped, as in protobuf; an eleventh byte is
// refused.
bool WireCursor::ReadLongVarint(uint64_t* value) {
  const ptrdiff_t size = std::min<ptrdiff_t>(end_ - next_, kMaxVarintSize);
  uint64_t result = 0;
  for (ptrdiff_t i = 0; i < size; ++i) {
    const uint64_t byte = static_cast<uint8_t>(next_[i]);
    result |= (byte & 0x7f) << 7 * i;
    if (byte < 0x80) {
      next_ += i + 1;
      *value = result;
      return true;
    }
  }
  return false;
}

// What is neither bytes nor a varint.
bool WireCursor::ReadOther(WireRecord* record) {
  if (record->type == WireType::kStartGroup) {
    return SkipGroup(record->number, 0);
  }
  return (record->type == WireType::kFixed64 ||
          record->type == WireType::kFixed32) &&
         ReadValue(record->type, &record->value);
}

// Up to the end of the group that has begun, and of those within.
bool WireCursor::SkipGroup(uint32_t number, int depth) {
  if (depth == kMaxGroupDepth) return false;
  while (true) {
    WireRecord record;
    if (!ReadTag(&record)) return false;
    if (record.type == WireType::kEndGroup) return record.number == number;
    bool read;
    if (record.type == WireType::kStartGroup) {
      read = SkipGroup(record.number, depth + 1);
    } else if (record.type == WireType::kBytes) {
      read = ReadBytes(&record.bytes);
    } else {
      read = record.type <= WireType::kFixed32 &&
             ReadValue(record.type, &record.value);
    }
    if (!read) return false;
  }
}

int VarintSize(uint64_t value) {
  int size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void EndBytes(size_t start, AppendBuffer* out) {
  const size_t size = out->size() - start;
  if (ABSL_PREDICT_TRUE(size < 0x80)) {
    *out->at(start - 1) = static_cast<char>(size);
    return;
  }
  const int prefix = VarintSize(size);
  out->Reserve(prefix);
  char* body = out->at(start);
  std::memmove(body + prefix - 1, body, size);
  PutVarint(size, body - 1);
  out->Advance(body + prefix - 1 + size);
}

}  // namespace praxis::gateway
