// How a request's body is framed (RFC 9112, 6 and 7.1).
#ifndef GATEWAY_HTTP_FRAMING_H_
#define GATEWAY_HTTP_FRAMING_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/http/head.h"

namespace praxis::gateway {

// Takes the framing off one body, piece by piece and without copying. Beast's
// parser is not used for it: with assertions on it stops the program when the
// last chunk arrives torn in two.
class BodyFraming {
 public:
  // No body.
  BodyFraming() = default;
  explicit BodyFraming(const RequestHead& head);

  struct Step {
    // Bytes that were used up, `data` included.
    size_t consumed = 0;
    // Body bytes, a part of what was given; empty when more must come first.
    absl::string_view data;
  };
  // The next piece in `bytes`, which follow what was consumed. Chunk
  // extensions and trailers are read and dropped. HEADER_INVALID when the
  // framing is wrong.
  absl::StatusOr<Step> Next(absl::string_view bytes);

  // Nothing of the body is left to come.
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State : uint8_t {
    kDone,
    kData,       // of a known length
    kSize,       // hex digits of a chunk's size
    kExtension,  // after them, up to CR
    kSizeLf,
    kChunkData,
    kDataCr,
    kDataLf,
    kTrailer,  // at the beginning of a trailer line
    kTrailerLine,
    kTrailerLf,
    kLastLf,
  };

  // Takes one byte that is not body.
  absl::Status Frame(char c);
  absl::Status AddDigit(char c);

  State state_ = State::kDone;
  // Bytes left of the body or the chunk.
  uint64_t left_ = 0;
  int digits_ = 0;
  // Bytes of extensions and trailers so far.
  int overhead_ = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_FRAMING_H_
