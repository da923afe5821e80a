#include "services/common/auth/encoding.h"

#include <sodium.h>

#include <cstdlib>

namespace praxis::auth {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

}  // namespace

void InitSodium() {
  // Fails only where the system gives out no random bytes: then nothing here
  // may go on.
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

std::string Base64Url(absl::string_view bytes) {
  // The length counts a terminating NUL.
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  text.pop_back();
  return text;
}

std::optional<std::string> FromBase64Url(absl::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()),
                        bytes.size(), text.data(), text.size(),
                        /*ignore=*/nullptr, &length, /*b64_end=*/nullptr,
                        kVariant) != 0) {
    return std::nullopt;
  }
  bytes.resize(length);
  return bytes;
}

}  // namespace praxis::auth
