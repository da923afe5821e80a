#include "services/common/events/stream/stream.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

namespace praxis::events::stream {
namespace {

constexpr char kSuffix[] = "-0";

std::string TimeOf(const v1::Event& event) {
  const absl::Time time = absl::FromUnixSeconds(event.time().seconds()) +
                          absl::Nanoseconds(event.time().nanos());
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

}  // namespace

std::string KeyOf(absl::string_view source) {
  return absl::StrCat("praxis:", absl::StripPrefix(source, "services/"),
                      ":events");
}

void AddEvent(const std::string& key, int64_t events_max,
              const v1::Event& event, redis::Commands* commands) {
  const std::string number = absl::StrCat(event.number());
  const std::string id = absl::StrCat(number, kSuffix);
  const std::string events = absl::StrCat(events_max);
  const std::string time = TimeOf(event);
  const std::string data = event.SerializeAsString();
  commands->Add({"XADD",
                 key,
                 "MAXLEN",
                 "~",
                 events,
                 id,  //
                 "specversion",
                 "1.0",
                 "id",
                 number,  //
                 "source",
                 event.source(),
                 "type",
                 event.type(),  //
                 "subject",
                 event.name(),
                 "time",
                 time,  //
                 "datacontenttype",
                 "application/protobuf",
                 "data",
                 data});
}

std::optional<int64_t> NumberOf(absl::string_view id) {
  int64_t number = 0;
  if (!absl::ConsumeSuffix(&id, kSuffix) || !absl::SimpleAtoi(id, &number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<v1::Event> EventOf(const redis::Reply& entry,
                                 absl::string_view source) {
  if (entry.items.size() != 2) return std::nullopt;
  const std::optional<int64_t> number = NumberOf(entry.items[0].text);
  const std::vector<redis::Reply>& fields = entry.items[1].items;
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (fields[i].text != "data") continue;
    v1::Event event;
    if (!event.ParseFromString(fields[i + 1].text) ||
        event.number() != number || event.source() != source) {
      return std::nullopt;
    }
    return event;
  }
  return std::nullopt;
}

}  // namespace praxis::events::stream
