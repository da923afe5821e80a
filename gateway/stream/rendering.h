// Rendering: how the messages of a stream are written one after another.
#ifndef GATEWAY_STREAM_RENDERING_H_
#define GATEWAY_STREAM_RENDERING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/call/operation.h"
#include "gateway/stream/stream_body.h"
#include "gateway/transcode/read_mask.h"

namespace praxis::gateway {

enum class RenderingKind {
  // application/x-ndjson: each message a line.
  kLines,
  // text/event-stream, server-sent events (the HTML standard, 9.2): the JSON is
  // the event's data, the message's int64 field `number` its id and the string
  // field `type` its type. Of a message with nothing but a number only the id
  // is sent: the browser asks from there when it comes again, and no page is
  // told.
  kEvents,
  // application/json: one array of all messages.
  kArray,
};

// What a client reads best, by its Accept; lines if that does not say, or
// likes several equally and names none of them. NOT_ACCEPTABLE.
absl::StatusOr<RenderingKind> RenderingFor(absl::string_view accept);

absl::string_view MediaTypeOf(RenderingKind kind);

// The body of one stream of JSON.
class Rendering : public StreamBody {
 public:
  // `operation` and `mask` outlive this; null is all of each message.
  Rendering(RenderingKind kind, const Operation& operation,
            const ReadMask* mask = nullptr)
      : kind_(kind), operation_(operation), mask_(mask) {}

  absl::string_view media_type() const override { return MediaTypeOf(kind_); }

  // For server-sent events, also how soon a browser comes again: at some time
  // of a few seconds, so that those whose server stopped do not come at once.
  std::string Begin() const override;

  absl::Status AppendMessage(absl::string_view wire,
                             std::string* text) override;

  // A comment, or white space.
  absl::string_view sign_of_life() const override;

  void AppendEnd(std::string* text) const override;
  // {"error":{...}} as any answer has it; in an event of the type "error", as
  // a last line, or as the last element of an array that is then left open.
  void AppendError(const absl::Status& status,
                   std::string* text) const override;
  // The end of server-sent events means no more than to come again.
  bool errors_are_plain() const override {
    return kind_ == RenderingKind::kEvents;
  }

 private:
  absl::Status AppendEvent(absl::string_view wire, std::string* text) const;

  const RenderingKind kind_;
  const Operation& operation_;
  const ReadMask* const mask_;
  // A message of the array has been written.
  bool has_element_ = false;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_RENDERING_H_
