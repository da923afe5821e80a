#include "services/common/rpc/grpc/metadata.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"

namespace praxis::rpc {
namespace {

constexpr size_t kRequestIdMax = 128;
// traceparent has 55 characters (W3C Trace Context, 3.2); what is longer is
// wrong, and not worth a copy.
constexpr size_t kTraceparentMax = 64;

absl::string_view ViewOf(grpc::string_ref text) {
  return absl::string_view(text.data(), text.size());
}

// The value of `key`, which must be there once; else empty.
absl::string_view Single(const Metadata& metadata, const char* key) {
  const auto [begin, end] = metadata.equal_range(key);
  if (begin == end || std::next(begin) != end) return absl::string_view();
  return ViewOf(begin->second);
}

bool IsVisible(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < '\x7f'; });
}

// The token in `authorization` (RFC 6750, 2.1: the scheme in any case).
std::string TokenIn(const Metadata& metadata) {
  constexpr absl::string_view kBearer = "Bearer ";
  const auto [begin, end] = metadata.equal_range("authorization");
  if (begin == end) return std::string();
  if (std::next(begin) != end) return "sent twice";
  absl::string_view value = ViewOf(begin->second);
  if (absl::StartsWithIgnoreCase(value, kBearer)) {
    value.remove_prefix(kBearer.size());
  }
  return value.empty() ? "empty" : std::string(value);
}

}  // namespace

int64_t AccessPositionOf(const Metadata& trailing) {
  int64_t position = 0;
  if (!absl::SimpleAtoi(Single(trailing, kAccessPosition), &position)) return 0;
  return position;
}

void ReadMetadata(const Metadata& metadata, Incoming* incoming) {
  incoming->token = TokenIn(metadata);
  const absl::string_view traceparent = Single(metadata, "traceparent");
  if (traceparent.size() <= kTraceparentMax) {
    incoming->traceparent = std::string(traceparent);
  }
  const absl::string_view id = Single(metadata, "x-request-id");
  if (id.size() <= kRequestIdMax && IsVisible(id)) {
    incoming->request_id = std::string(id);
  }
}

Incoming IncomingOf(const grpc::CallbackServerContext& context) {
  Incoming incoming;
  ReadMetadata(context.client_metadata(), &incoming);
  const std::chrono::system_clock::time_point deadline = context.deadline();
  if (deadline != std::chrono::system_clock::time_point::max()) {
    incoming.deadline = absl::FromChrono(deadline);
  }
  incoming.cancelled = std::make_shared<std::atomic<bool>>(false);
  return incoming;
}

}  // namespace praxis::rpc
