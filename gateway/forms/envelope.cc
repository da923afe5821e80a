#include "gateway/forms/envelope.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// The flags of a message that is compressed, by either protocol.
constexpr uint8_t kCompressed = 0x01;

std::string PrefixOf(uint8_t flags, size_t size) {
  const auto length = static_cast<uint32_t>(size);
  std::string prefix(1, static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) {
    prefix.push_back(static_cast<char>(length >> shift));
  }
  return prefix;
}

uint32_t LengthOf(absl::string_view prefix) {
  uint32_t length = 0;
  for (const char c : prefix.substr(1, 4)) {
    length = length << 8 | static_cast<uint8_t>(c);
  }
  return length;
}

}  // namespace

void AppendEnvelope(const Form& form, uint8_t flags, absl::string_view payload,
                    std::string* out) {
  const std::string prefix = PrefixOf(flags, payload.size());
  if (form.protocol == Protocol::kGrpcWebText) {
    out->append(absl::Base64Escape(absl::StrCat(prefix, payload)));
  } else {
    absl::StrAppend(out, prefix, payload);
  }
}

absl::StatusOr<absl::string_view> OnlyMessage(absl::string_view body) {
  if (body.size() < kEnvelopePrefixBytes) {
    return Error(Reason::BODY_INVALID,
                 "The body must be one message in an envelope of a byte of "
                 "flags and four of length.");
  }
  if (body[0] == kCompressed) {
    return Error(Reason::COMPRESSION_UNSUPPORTED,
                 "Messages must be sent as they are, not compressed.");
  }
  const uint32_t length = LengthOf(body);
  const absl::string_view message = body.substr(kEnvelopePrefixBytes);
  if (body[0] != 0 || message.size() != length) {
    return Error(
        Reason::BODY_INVALID,
        absl::StrCat("The body must be one message. Its envelope says that it "
                     "has ",
                     length, " bytes, and ", message.size(), " follow."));
  }
  return message;
}

}  // namespace praxis::gateway
