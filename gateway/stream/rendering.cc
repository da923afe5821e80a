#include "gateway/stream/rendering.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gateway/call/answer.h"
#include "gateway/forms/accept.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/wire.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Those that a client likes equally are taken in this order.
constexpr RenderingKind kKinds[] = {
    RenderingKind::kLines, RenderingKind::kEvents, RenderingKind::kArray};

// How much a client likes a media type: by its name, else by the range of its
// kind, else by that of all (RFC 9110, 12.5.1). Of two that it likes equally,
// the one that it names.
struct Liking {
  double weight = 0;
  bool named = false;

  bool operator>(const Liking& other) const {
    return weight != other.weight ? weight > other.weight
                                  : named && !other.named;
  }
};

Liking LikingOf(absl::string_view accept, absl::string_view media_type) {
  if (const auto weight = QualityOf(accept, media_type)) return {*weight, true};
  const std::string range =
      absl::StrCat(media_type.substr(0, media_type.find('/')), "/*");
  if (const auto weight = QualityOf(accept, range)) return {*weight};
  return {QualityOf(accept, "*/*").value_or(0)};
}

// What makes an event of a message.
struct EventFields {
  std::optional<int64_t> number;
  absl::string_view type;
  // There is more than the number.
  bool has_data = false;
};

EventFields FieldsOf(const Operation& operation, absl::string_view wire) {
  EventFields fields;
  WireCursor in(wire);
  WireRecord record;
  while (!in.done()) {
    if (!in.ReadRecord(&record)) {
      // Told by who writes its JSON.
      fields.has_data = true;
      break;
    }
    if (operation.event_number != nullptr &&
        record.number == operation.event_number->number) {
      fields.number = static_cast<int64_t>(record.value);
      continue;
    }
    fields.has_data = true;
    if (operation.event_type != nullptr &&
        record.number == operation.event_type->number) {
      fields.type = record.bytes;
    }
  }
  // The number 0 is not on the wire.
  if (operation.event_number != nullptr && !fields.number.has_value()) {
    fields.number = 0;
  }
  return fields;
}

// Whether it can stand in a line of its own.
bool IsOneLine(absl::string_view text) {
  return std::none_of(text.begin(), text.end(), absl::ascii_iscntrl);
}

}  // namespace

absl::StatusOr<RenderingKind> RenderingFor(absl::string_view accept) {
  if (accept.empty()) return RenderingKind::kLines;
  Liking best;
  std::optional<RenderingKind> chosen;
  for (const RenderingKind kind : kKinds) {
    const Liking liking = LikingOf(accept, MediaTypeOf(kind));
    if (liking.weight > 0 && liking > best) {
      best = liking;
      chosen = kind;
    }
  }
  if (chosen.has_value()) return *chosen;
  return Error(Reason::NOT_ACCEPTABLE,
               "This stream is sent as application/x-ndjson, "
               "text/event-stream or application/json; accept one of them.");
}

absl::string_view MediaTypeOf(RenderingKind kind) {
  switch (kind) {
    case RenderingKind::kEvents:
      return "text/event-stream";
    case RenderingKind::kArray:
      return kJson;
    default:
      return "application/x-ndjson";
  }
}

std::string Rendering::Begin() const {
  switch (kind_) {
    case RenderingKind::kEvents:
      return absl::StrCat("retry: ", absl::Uniform(absl::BitGen(), 1000, 3000),
                          "\n\n");
    case RenderingKind::kArray:
      return "[";
    default:
      return "";
  }
}

absl::Status Rendering::AppendMessage(absl::string_view wire,
                                      std::string* text) {
  if (kind_ == RenderingKind::kEvents) return AppendEvent(wire, text);
  const size_t before = text->size();
  if (has_element_ && kind_ == RenderingKind::kArray) text->push_back(',');
  absl::Status status =
      WriteJson(*operation_.route.response, wire, text, mask_);
  if (!status.ok()) {
    text->resize(before);
    return status;
  }
  has_element_ = true;
  text->push_back('\n');
  return absl::OkStatus();
}

absl::Status Rendering::AppendEvent(absl::string_view wire,
                                    std::string* text) const {
  const EventFields fields = FieldsOf(operation_, wire);
  const size_t before = text->size();
  if (fields.number.has_value()) {
    absl::StrAppend(text, "id: ", *fields.number, "\n");
  }
  if (fields.has_data || !fields.number.has_value()) {
    if (!fields.type.empty() && IsOneLine(fields.type)) {
      absl::StrAppend(text, "event: ", fields.type, "\n");
    }
    text->append("data: ");
    // JSON as it is written here has no line ends.
    absl::Status status =
        WriteJson(*operation_.route.response, wire, text, mask_);
    if (!status.ok()) {
      text->resize(before);
      return status;
    }
    text->push_back('\n');
  }
  text->push_back('\n');
  return absl::OkStatus();
}

absl::string_view Rendering::sign_of_life() const {
  return kind_ == RenderingKind::kEvents ? ":\n\n" : "\n";
}

void Rendering::AppendEnd(std::string* text) const {
  if (kind_ == RenderingKind::kArray) text->append("]\n");
}

void Rendering::AppendError(const absl::Status& status,
                            std::string* text) const {
  const std::string error = ErrorResponse(status).body;
  if (kind_ == RenderingKind::kEvents) {
    absl::StrAppend(text, "event: error\ndata: ", error, "\n\n");
    return;
  }
  const bool follows = has_element_ && kind_ == RenderingKind::kArray;
  absl::StrAppend(text, follows ? "," : "", error, "\n");
}

}  // namespace praxis::gateway
