#include "services/common/telemetry/trace.h"

#include <algorithm>
#include <cstring>

#include "absl/random/random.h"

namespace praxis::telemetry {
namespace {

constexpr size_t kLength = 55;
constexpr uint8_t kSampledFlag = 1;

// Lower-case hex only (3.2.2). -1 for anything else.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool ReadHex(absl::string_view text, uint8_t* out) {
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

template <size_t kBytes>
void WriteHex(const std::array<uint8_t, kBytes>& bytes, char* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const uint8_t byte : bytes) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 15];
  }
}

template <size_t kBytes>
bool IsZero(const std::array<uint8_t, kBytes>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](uint8_t byte) { return byte == 0; });
}

// Ids are not secret: a fast generator does.
template <size_t kBytes>
void Randomize(std::array<uint8_t, kBytes>& bytes) {
  thread_local absl::InsecureBitGen random;
  do {
    for (size_t i = 0; i < kBytes; i += sizeof(uint64_t)) {
      const uint64_t word = absl::Uniform<uint64_t>(random);
      std::memcpy(&bytes[i], &word, sizeof(word));
    }
  } while (IsZero(bytes));
}

}  // namespace

TraceContext TraceContext::Start(bool sampled) {
  TraceContext context;
  Randomize(context.trace_id);
  Randomize(context.span_id);
  context.sampled = sampled;
  return context;
}

std::optional<TraceContext> TraceContext::Parse(absl::string_view text) {
  if (text.size() < kLength) return std::nullopt;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return std::nullopt;
  }
  uint8_t version;
  uint8_t flags;
  TraceContext context;
  if (!ReadHex(text.substr(0, 2), &version) ||
      !ReadHex(text.substr(3, 32), context.trace_id.data()) ||
      !ReadHex(text.substr(36, 16), context.span_id.data()) ||
      !ReadHex(text.substr(53, 2), &flags)) {
    return std::nullopt;
  }
  // ff is no version (3.2.2.1); version 00 is exactly this long.
  if (version == 0xff) return std::nullopt;
  if (version == 0 && text.size() != kLength) return std::nullopt;
  // A later version may add fields, after another dash.
  if (text.size() > kLength && text[kLength] != '-') return std::nullopt;
  if (IsZero(context.trace_id) || IsZero(context.span_id)) return std::nullopt;
  context.sampled = (flags & kSampledFlag) != 0;
  return context;
}

TraceContext TraceContext::Child() const {
  TraceContext child = *this;
  Randomize(child.span_id);
  return child;
}

TraceContext::Text<55> TraceContext::Traceparent() const {
  Text<55> text;
  text.fill('-');
  std::memcpy(text.data(), "00", 2);
  WriteHex(trace_id, text.data() + 3);
  WriteHex(span_id, text.data() + 36);
  std::memcpy(text.data() + 53, sampled ? "01" : "00", 2);
  return text;
}

TraceContext::Text<16> TraceContext::SpanId() const {
  Text<16> text;
  WriteHex(span_id, text.data());
  return text;
}

TraceContext::Text<32> TraceContext::TraceId() const {
  Text<32> text;
  WriteHex(trace_id, text.data());
  return text;
}

}  // namespace praxis::telemetry
