#include "gateway/transcode/wire_order.h"

#include <algorithm>
#include <vector>

#include "gateway/transcode/wire.h"

namespace praxis::gateway {
namespace {

// A record of a known field.
struct KnownRecord {
  const FieldSchema* field;
  absl::string_view whole;  // with its tag
  absl::string_view bytes;  // of a message
};

// Which member of a oneof holds, and the record it was set by: what other
// members, or the same one before it was displaced, held is lost.
struct OneofState {
  const FieldSchema* member = nullptr;
  size_t first = 0;
};

// Leaves out the records that a later member of their oneof displaced.
void DropDisplaced(const std::vector<OneofState>& oneofs,
                   std::vector<KnownRecord>* records) {
  size_t kept = 0;
  for (size_t i = 0; i < records->size(); ++i) {
    const KnownRecord& record = (*records)[i];
    if (record.field->oneof >= 0) {
      const OneofState& oneof = oneofs[record.field->oneof];
      if (record.field != oneof.member || i < oneof.first) continue;
    }
    (*records)[kept++] = record;
  }
  records->resize(kept);
}

// Writes the records from `begin` on, all of one singular field, as one.
void AppendMerged(const KnownRecord* begin, const KnownRecord* end,
                  AppendBuffer* out) {
  if (begin->field->kind != FieldKind::kMessage || end - begin == 1) {
    return out->Append(end[-1].whole);
  }
  // Messages are merged by concatenating them: that is what merging means.
  size_t size = 0;
  for (const KnownRecord* r = begin; r != end; ++r) size += r->bytes.size();
  out->Append(begin->field->tag_bytes());
  AppendVarint(size, out);
  for (const KnownRecord* r = begin; r != end; ++r) out->Append(r->bytes);
}

}  // namespace

// The sort is stable: within a field the records keep their order, on which the
// last value of a scalar and the order of a list depend.
bool OrderWire(const MessageSchema& schema, absl::string_view wire,
               std::string* ordered) {
  std::vector<KnownRecord> records;
  std::vector<OneofState> oneofs(schema.oneof_count);
  for (WireCursor in(wire); !in.done();) {
    const char* const start = in.position();
    WireRecord record;
    if (!in.ReadRecord(&record)) return false;
    const FieldSchema* field = schema.FindNumber(record.number);
    if (field == nullptr || !field->Accepts(record.type)) continue;
    if (field->oneof >= 0 && oneofs[field->oneof].member != field) {
      oneofs[field->oneof] = {field, records.size()};
    }
    const size_t size = in.position() - start;
    records.push_back({field, absl::string_view(start, size), record.bytes});
  }
  DropDisplaced(oneofs, &records);
  std::stable_sort(records.begin(), records.end(),
                   [](const KnownRecord& a, const KnownRecord& b) {
                     return a.field->number < b.field->number;
                   });

  AppendBuffer out(wire.size());
  const KnownRecord* const end = records.data() + records.size();
  for (const KnownRecord* begin = records.data(); begin != end;) {
    const KnownRecord* next = begin;
    while (next != end && next->field == begin->field) ++next;
    if (begin->field->cardinality == Cardinality::kSingular) {
      AppendMerged(begin, next, &out);
    } else {
      for (; begin != next; ++begin) out.Append(begin->whole);
    }
    begin = next;
  }
  ordered->append(out.view().data(), out.size());
  return true;
}

}  // namespace praxis::gateway
