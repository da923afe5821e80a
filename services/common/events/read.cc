#include "services/common/events/read.h"

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace praxis::events {
namespace {

// Of a row of number, body, type and name.
void AddEvent(const sql::Row& row, const std::string& source,
              v1::ReadEventsResponse* response) {
  v1::Event& event = *response->add_events();
  const absl::string_view body = row.Text(1);
  if (!event.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    spdlog::error("events: {}: number {} does not parse", source, row.Int(0));
    event.Clear();
    event.set_type(row.String(2));
    event.set_name(row.String(3));
  }
  event.set_number(row.Int(0));
  event.set_source(source);
}

}  // namespace

absl::StatusOr<int64_t> NewestIn(sql::Reader& reader) {
  return reader.One("SELECT max(number) FROM events", {}, "",
                    [](const sql::Row& row) { return row.Int(0); });
}

absl::Status ReadIn(sql::Reader& reader, const std::string& source,
                    int64_t after, int limit,
                    v1::ReadEventsResponse* response) {
  return reader.Query(
      "SELECT number, body, type, name FROM events WHERE number > $1"
      " ORDER BY number LIMIT $2",
      {after, limit}, [&](const sql::Row& row) {
        AddEvent(row, source, response);
        return absl::OkStatus();
      });
}

absl::Status ReadUnder(sql::Reader& reader, const std::string& source,
                       absl::string_view scope, int64_t after, int64_t to,
                       int limit, v1::ReadEventsResponse* response) {
  return reader.Query(
      "SELECT number, body, type, name FROM events"
      " WHERE number > $1 AND number <= $2"
      " AND (name = $3 OR substr(name, 1, length($4)) = $4)"
      " ORDER BY number LIMIT $5",
      {after, to, scope, absl::StrCat(scope, "/"), limit},
      [&](const sql::Row& row) {
        AddEvent(row, source, response);
        StripContent(&*response->mutable_events()->rbegin());
        return absl::OkStatus();
      });
}

}  // namespace praxis::events
