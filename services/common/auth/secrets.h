// What is kept secret: passwords, sealed values, random tokens.
#ifndef SERVICES_COMMON_AUTH_SECRETS_H_
#define SERVICES_COMMON_AUTH_SECRETS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace praxis::auth {

// What one try at a password costs, us and whoever guesses. The default is
// about 50 ms and 64 MiB; only tests ask for less.
struct PasswordCost {
  unsigned long long passes = 2;
  size_t memory_bytes = 64 << 20;
};

// argon2id (RFC 9106) with a random salt, in its own text form, which holds
// the cost. Both use as much memory as the cost says while they run: bound how
// many run at once. OVERLOADED when there is not that much.
absl::StatusOr<std::string> HashPassword(absl::string_view password,
                                         PasswordCost cost = {});
bool PasswordMatches(absl::string_view hash, absl::string_view password);

// 256 random bits, base64url.
std::string RandomToken();

// SHA-256, 64 lower-case hex digits: how a random token is stored.
std::string Sha256Hex(absl::string_view bytes);

// Compares in a time that does not depend on where they differ; lengths are no
// secret.
bool SecretEquals(absl::string_view a, absl::string_view b);

// Authenticated encryption of small values that leave the service and come
// back (page tokens), and keyed hashes of values that must not be guessable.
// One key a service, shared by its replicas. Thread-safe.
class Sealer {
 public:
  // Reads 32 bytes (64 hex digits) from `path`, or makes the file, mode 0600.
  static absl::StatusOr<Sealer> Open(const std::string& path);
  static Sealer Random();

  // base64url of XChaCha20-Poly1305 over `plain`, bound to `context`: only the
  // same context opens it.
  std::string Seal(absl::string_view plain, absl::string_view context) const;
  std::optional<std::string> Unseal(absl::string_view sealed,
                                    absl::string_view context) const;

  // Keyed BLAKE2b-256 of `bytes`, raw.
  std::string Digest(absl::string_view bytes) const;

 private:
  using Key = std::array<unsigned char, 32>;
  explicit Sealer(const Key& key);

  // Derived from the one key, so that no key serves two ends.
  Key seal_key_;
  Key digest_key_;
};

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_SECRETS_H_
