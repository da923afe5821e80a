// StreamBody: how the messages of a stream are written one after another.
#ifndef GATEWAY_STREAM_STREAM_BODY_H_
#define GATEWAY_STREAM_STREAM_BODY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace praxis::gateway {

// The body of one stream, in pieces that the caller sends in this order: what
// it begins with; messages and signs of life; then an end or an error.
class StreamBody {
 public:
  virtual ~StreamBody() = default;

  virtual absl::string_view media_type() const = 0;

  virtual std::string Begin() const { return ""; }

  // A message of wire bytes. Errors as WriteJson(); `text` is then as it was.
  virtual absl::Status AppendMessage(absl::string_view wire,
                                     std::string* text) = 0;

  // Means nothing, wherever it stands. Empty where there is no such thing.
  virtual absl::string_view sign_of_life() const { return ""; }

  virtual void AppendEnd(std::string* text) const = 0;
  virtual void AppendError(const absl::Status& status,
                           std::string* text) const = 0;

  // Whether every reader knows an error for one, and need not be shown by a
  // connection that breaks.
  virtual bool errors_are_plain() const = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_STREAM_BODY_H_
