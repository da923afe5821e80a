// TokenForge: access tokens, right and wrong, as whoever knows the key and
// whoever does not could make them.
#ifndef TESTS_SYSTEM_TOKEN_FORGE_H_
#define TESTS_SYSTEM_TOKEN_FORGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

typedef struct evp_pkey_st EVP_PKEY;

namespace praxis::system {

// RFC 4648, 5, without padding.
std::string Base64Url(absl::string_view bytes);
std::string FromBase64Url(absl::string_view text);

// The three parts of a token (RFC 7515, 7.1): header and claims as JSON, the
// signature as bytes.
struct TokenParts {
  std::string header;
  std::string claims;
  std::string signature;
};
TokenParts PartsOfToken(absl::string_view token);
std::string TokenOf(const TokenParts& parts);

// Signs with a P-256 key.
class TokenForge {
 public:
  // `pem` holds a private key, such as the suite's own signing_key.pem.
  explicit TokenForge(const std::string& pem);
  // With a key that nobody knows.
  TokenForge();
  ~TokenForge();
  TokenForge(const TokenForge&) = delete;
  TokenForge& operator=(const TokenForge&) = delete;

  // An ES256 token of these two JSON texts, which may be anything.
  std::string Sign(const std::string& header, const std::string& claims) const;
  // The public key as a JWK with all its members.
  std::string Jwk() const;
  // The public key in the forms in which it is published: what a verifier that
  // lets the token choose takes for the secret of HS256.
  std::vector<std::string> PublicForms() const;

 private:
  std::string Coordinate(const char* name) const;

  EVP_PKEY* const key_;
};

// A token whose "signature" is an HMAC (HS256, RFC 7518, 3.2).
std::string SignHmac(const std::string& header, const std::string& claims,
                     const std::string& secret);

// The JSON object with a member set to a JSON text, added or replaced; with an
// empty text it is taken out.
std::string WithMember(const std::string& object, const std::string& name,
                       const std::string& value);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_TOKEN_FORGE_H_
