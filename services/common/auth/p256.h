// ECDSA over P-256 with SHA-256: the one signature tokens have (ES256).
#ifndef SERVICES_COMMON_AUTH_P256_H_
#define SERVICES_COMMON_AUTH_P256_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// OpenSSL's key, whose header is not light.
struct evp_pkey_st;

namespace praxis::auth {

// A point's coordinates, 32 bytes each, big-endian.
struct P256Point {
  std::string x;
  std::string y;
};

// A key that verifies. Thread-safe.
class P256PublicKey {
 public:
  // None when the point is not on the curve.
  static std::optional<P256PublicKey> FromPoint(const P256Point& point);

  // Whether `signature`, r and s of 32 bytes each (RFC 7518, 3.4), is one of
  // `message` by this key.
  bool Verifies(absl::string_view message, absl::string_view signature) const;

 private:
  explicit P256PublicKey(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
};

// A key that signs. Thread-safe.
class P256PrivateKey {
 public:
  static P256PrivateKey Generate();

  // Every key of a PEM text (RFC 7468; PKCS #8 or SEC 1, not encrypted), in its
  // order. None when it holds no key or a key of another kind.
  static std::vector<P256PrivateKey> AllFromPem(absl::string_view pem);

  // PKCS #8.
  std::string ToPem() const;

  P256Point Point() const;

  // r and s, 32 bytes each. They differ each time.
  std::string Sign(absl::string_view message) const;

 private:
  explicit P256PrivateKey(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_P256_H_
