#include "gateway/http/framing.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// 2^60 bytes are enough for one chunk.
constexpr int kSizeDigitsMax = 15;
// Of all extensions and trailers of one body. Nobody needs them.
constexpr int kOverheadMax = 8 * 1024;

absl::Status Malformed(absl::string_view what) {
  return Error(errors::v1::HEADER_INVALID,
               absl::StrCat("The chunked body is malformed: ", what, "."));
}

}  // namespace

BodyFraming::BodyFraming(const RequestHead& head)
    : left_(head.content_length.value_or(0)) {
  if (head.chunked) {
    state_ = State::kSize;
  } else if (left_ > 0) {
    state_ = State::kData;
  }
}

// Up to the next stretch of body bytes, or to the end of what there is.
absl::StatusOr<BodyFraming::Step> BodyFraming::Next(absl::string_view bytes) {
  size_t used = 0;
  while (used < bytes.size() && state_ != State::kDone) {
    if (state_ != State::kData && state_ != State::kChunkData) {
      RETURN_IF_ERROR(Frame(bytes[used++]));
      continue;
    }
    const size_t size = std::min<uint64_t>(left_, bytes.size() - used);
    left_ -= size;
    if (left_ == 0) {
      state_ = state_ == State::kData ? State::kDone : State::kDataCr;
    }
    return Step{used + size, bytes.substr(used, size)};
  }
  return Step{used, absl::string_view()};
}

absl::Status BodyFraming::AddDigit(char c) {
  if (++digits_ > kSizeDigitsMax) return Malformed("a chunk is too large");
  const int digit =
      absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10;
  left_ = left_ * 16 + digit;
  return absl::OkStatus();
}

// One step of the grammar in RFC 9112, 7.1. What ends in LF comes last: there
// is one thing it can be.
absl::Status BodyFraming::Frame(char c) {
  switch (state_) {
    case State::kSize:
      if (absl::ascii_isxdigit(c)) return AddDigit(c);
      if (digits_ == 0) return Malformed("a chunk has no size");
      digits_ = 0;
      if (c != '\r' && c != ';') return Malformed("a size is not hexadecimal");
      state_ = c == '\r' ? State::kSizeLf : State::kExtension;
      return absl::OkStatus();
    case State::kExtension:
    case State::kTrailerLine:
      if (++overhead_ > kOverheadMax)
        return Malformed("it has too much beside");
      if (c == '\n') return Malformed("a line ends without CR");
      if (c == '\r') {
        state_ =
            state_ == State::kExtension ? State::kSizeLf : State::kTrailerLf;
      }
      return absl::OkStatus();
    case State::kDataCr:
      if (c != '\r') return Malformed("a chunk is longer than its size");
      state_ = State::kDataLf;
      return absl::OkStatus();
    case State::kTrailer:
      if (c == '\n') return Malformed("a line ends without CR");
      state_ = c == '\r' ? State::kLastLf : State::kTrailerLine;
      return absl::OkStatus();
    default:
      if (c != '\n') return Malformed("a CR has no LF");
      break;
  }
  if (state_ == State::kSizeLf) {
    state_ = left_ > 0 ? State::kChunkData : State::kTrailer;
  } else if (state_ == State::kDataLf) {
    state_ = State::kSize;
  } else if (state_ == State::kTrailerLf) {
    state_ = State::kTrailer;
  } else {
    state_ = State::kDone;
  }
  return absl::OkStatus();
}

}  // namespace praxis::gateway
