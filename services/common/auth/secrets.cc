#include "services/common/auth/secrets.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "services/common/auth/encoding.h"
#include "services/common/auth/secret_file.h"
#include "services/common/status/status.h"

namespace praxis::auth {
namespace {

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

// Names the two keys that are derived from a Sealer's one.
constexpr char kKeyContext[crypto_kdf_CONTEXTBYTES + 1] = "praxiskd";
constexpr uint64_t kSealKey = 1;
constexpr uint64_t kDigestKey = 2;

}  // namespace

absl::StatusOr<std::string> HashPassword(absl::string_view password,
                                         PasswordCost cost) {
  // The text holds algorithm, cost and salt, so that a password outlives a
  // change of the default cost.
  InitSodium();
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str(hash.data(), password.data(), password.size(),
                        cost.passes, cost.memory_bytes) != 0) {
    return Error(Reason::OVERLOADED,
                 "There is no memory to work on a password; retry shortly.");
  }
  hash.resize(hash.find('\0'));
  return hash;
}

bool PasswordMatches(absl::string_view hash, absl::string_view password) {
  InitSodium();
  // libsodium reads as many bytes, whatever the text's own length.
  std::string text(crypto_pwhash_STRBYTES, '\0');
  if (hash.size() >= text.size()) return false;
  std::copy(hash.begin(), hash.end(), text.begin());
  return crypto_pwhash_str_verify(text.data(), password.data(),
                                  password.size()) == 0;
}

std::string RandomToken() {
  InitSodium();
  std::string bytes(32, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return Base64Url(bytes);
}

std::string Sha256Hex(absl::string_view bytes) {
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(Bytes(hash), Bytes(bytes), bytes.size());
  return absl::BytesToHexString(hash);
}

bool SecretEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

absl::StatusOr<Sealer> Sealer::Open(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string digits, ReadOrMakeHexKey(path));
  const std::string bytes = absl::HexStringToBytes(digits);
  Key key;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return Sealer(key);
}

Sealer Sealer::Random() {
  InitSodium();
  Key key;
  randombytes_buf(key.data(), key.size());
  return Sealer(key);
}

Sealer::Sealer(const Key& key) {
  static_assert(sizeof(Key) == crypto_kdf_KEYBYTES);
  InitSodium();
  crypto_kdf_derive_from_key(seal_key_.data(), seal_key_.size(), kSealKey,
                             kKeyContext, key.data());
  crypto_kdf_derive_from_key(digest_key_.data(), digest_key_.size(), kDigestKey,
                             kKeyContext, key.data());
}

std::string Sealer::Seal(absl::string_view plain,
                         absl::string_view context) const {
  // Nonce, then ciphertext with its tag. The nonce is long enough to be random.
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Bytes(sealed) + kNonceBytes, /*clen_p=*/nullptr, Bytes(plain),
      plain.size(), Bytes(context), context.size(), /*nsec=*/nullptr,
      Bytes(sealed), seal_key_.data());
  return Base64Url(sealed);
}

std::optional<std::string> Sealer::Unseal(absl::string_view sealed,
                                          absl::string_view context) const {
  // Whatever is wrong, text, length, key or context, the answer is the same.
  const std::optional<std::string> bytes = FromBase64Url(sealed);
  if (!bytes.has_value() || bytes->size() < kNonceBytes + kTagBytes) {
    return std::nullopt;
  }
  std::string plain(bytes->size() - kNonceBytes - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Bytes(plain), /*mlen_p=*/nullptr, /*nsec=*/nullptr,
          Bytes(*bytes) + kNonceBytes, bytes->size() - kNonceBytes,
          Bytes(context), context.size(), Bytes(*bytes),
          seal_key_.data()) != 0) {
    return std::nullopt;
  }
  return plain;
}

std::string Sealer::Digest(absl::string_view bytes) const {
  std::string digest(32, '\0');
  crypto_generichash(Bytes(digest), digest.size(), Bytes(bytes), bytes.size(),
                     digest_key_.data(), digest_key_.size());
  return digest;
}

}  // namespace praxis::auth
