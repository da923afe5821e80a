#include "services/resources/store/blobs.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/status/status.h"

namespace praxis::resources::store {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(1);

}  // namespace

absl::StatusOr<bool> IsBlobNamed(sql::Database& db, absl::string_view sha256) {
  bool named = false;
  RETURN_IF_ERROR(db.Read(
      [&](sql::Reader& reader) {
        named = false;
        return reader.Query("SELECT 1 FROM resources WHERE sha256 = $1 LIMIT 1",
                            {sha256}, [&](const sql::Row&) {
                              named = true;
                              return absl::OkStatus();
                            });
      },
      {.deadline = absl::Now() + kPatience}));
  return named;
}

absl::StatusOr<std::string> BlobFolder(sql::Database& db) {
  std::string id;
  RETURN_IF_ERROR(db.Read([&](sql::Reader& reader) {
    id.clear();
    return reader.Query("SELECT id FROM blob_folder", {},
                        [&](const sql::Row& row) {
                          id = row.String(0);
                          return absl::OkStatus();
                        });
  }));
  return id;
}

absl::StatusOr<std::string> ChooseBlobFolder(sql::Database& db,
                                             absl::string_view id) {
  RETURN_IF_ERROR(db.Write([&](sql::Tx& tx) {
    return tx
        .Execute(
            "INSERT INTO blob_folder (key, id) VALUES (1, $1) "
            "ON CONFLICT DO NOTHING",
            {id})
        .status();
  }));
  return BlobFolder(db);
}

}  // namespace praxis::resources::store
