#include "services/common/sql/postgres_result.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace praxis::sql {
namespace {

// pg_type.oid, which are part of the protocol.
enum Type : Oid {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kVarchar = 1043,
  kVoid = 2278,
};

// Big-endian, as wide as its type.
int64_t Number(const char* bytes, int width) {
  uint64_t number = width > 0 && (bytes[0] & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (int i = 0; i < width; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return static_cast<int64_t>(number);
}

class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* rows, int row) : rows_(rows), row_(row) {}

  bool IsNull(int column) const override {
    return PQgetisnull(rows_, row_, column) != 0;
  }
  int64_t Int(int column) const override {
    const absl::string_view bytes = Text(column);
    switch (PQftype(rows_, column)) {
      case kBool:
      case kInt2:
      case kInt4:
      case kInt8:
        return Number(bytes.data(), static_cast<int>(bytes.size()));
    }
    // A text is the number it spells, as in SQLite.
    int64_t number = 0;
    return absl::SimpleAtoi(bytes, &number) ? number : 0;
  }
  absl::string_view Text(int column) const override {
    return {PQgetvalue(rows_, row_, column),
            static_cast<size_t>(PQgetlength(rows_, row_, column))};
  }

 private:
  const PGresult* const rows_;
  const int row_;
};

}  // namespace

int64_t PostgresResult::Changed() const {
  if (absl::StartsWith(PQcmdStatus(rows.get()), "SELECT")) return 0;
  int64_t changed = 0;
  return absl::SimpleAtoi(PQcmdTuples(rows.get()), &changed) ? changed : 0;
}

bool PostgresResult::IsReadable() const {
  for (int column = 0; column < PQnfields(rows.get()); ++column) {
    switch (PQftype(rows.get(), column)) {
      case kBool:
      case kBytea:
      case kName:
      case kInt8:
      case kInt2:
      case kInt4:
      case kText:
      case kVarchar:
      case kVoid:
        break;
      default:
        return false;
    }
  }
  return true;
}

absl::Status PostgresResult::ForEach(RowCallback row) const {
  const int count = PQntuples(rows.get());
  for (int i = 0; i < count; ++i) {
    const absl::Status status = row(PostgresRow(rows.get(), i));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace praxis::sql
