#include "services/common/events/read.h"

#include "spdlog/spdlog.h"

namespace praxis::events {

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
        v1::Event& event = *response->add_events();
        const absl::string_view body = row.Text(1);
        if (!event.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
          spdlog::error("events: {}: number {} does not parse", source,
                        row.Int(0));
          event.Clear();
          event.set_type(row.String(2));
          event.set_name(row.String(3));
        }
        event.set_number(row.Int(0));
        event.set_source(source);
        return absl::OkStatus();
      });
}

}  // namespace praxis::events
