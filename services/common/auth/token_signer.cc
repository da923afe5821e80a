#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/auth/encoding.h"
#include "services/common/auth/json.h"
#include "services/common/auth/p256.h"
#include "services/common/auth/secret_file.h"
#include "services/common/auth/token.h"
#include "services/common/status/status.h"

namespace praxis::auth {
namespace {

PublicKey PublicKeyOf(const P256PrivateKey& key) {
  const P256Point point = key.Point();
  PublicKey out = {.x = Base64Url(point.x), .y = Base64Url(point.y)};
  out.kid = ThumbprintOf(out.x, out.y);
  return out;
}

std::string ScopeClaim(unsigned scopes) {
  std::vector<absl::string_view> words;
  if ((scopes & kRead) != 0) words.push_back("read");
  if ((scopes & kWrite) != 0) words.push_back("write");
  if ((scopes & kModerate) != 0) words.push_back("moderate");
  if ((scopes & kAdmin) != 0) words.push_back("admin");
  return absl::StrJoin(words, " ");
}

void Set(const OwnedJson& object, const char* name, absl::string_view text) {
  json_object_set_new(object.get(), name,
                      json_stringn(text.data(), text.size()));
}

void Set(const OwnedJson& object, const char* name, absl::Time time) {
  json_object_set_new(object.get(), name,
                      json_integer(absl::ToUnixSeconds(time)));
}

// One part of a token: the object as compact JSON, base64url.
std::string Encode(const OwnedJson& object) {
  char* text = json_dumps(object.get(), JSON_COMPACT);
  if (text == nullptr) return "";
  std::string encoded = Base64Url(text);
  std::free(text);
  return encoded;
}

// A signer whose keys are in memory. They do not change while it lives: a new
// key comes with a restart, so there is one generation.
class PemTokenSigner : public TokenSigner {
 public:
  PemTokenSigner(std::vector<P256PrivateKey> keys, TokenRules rules)
      : key_(keys[0]), rules_(std::move(rules)) {
    for (const P256PrivateKey& key : keys) {
      public_keys_.push_back(PublicKeyOf(key));
    }
    const OwnedJson header(json_object());
    Set(header, "alg", "ES256");
    Set(header, "typ", "at+jwt");  // RFC 9068, 2.1.
    Set(header, "kid", public_keys_[0].kid);
    header_ = Encode(header);
  }

  std::vector<PublicKey> Keys() override { return public_keys_; }
  uint64_t generation() const override { return 1; }
  void Refresh() override {}

  std::string Sign(const Principal& principal, absl::Time now,
                   absl::Duration lifetime) override {
    const OwnedJson claims(json_object());
    Set(claims, "iss", rules_.issuer);
    Set(claims, "aud", rules_.audience);
    Set(claims, "sub", principal.name);
    if (!principal.session.empty()) Set(claims, "sid", principal.session);
    Set(claims, "scope", ScopeClaim(principal.scopes));
    Set(claims, "iat", now);
    Set(claims, "exp", now + lifetime);
    std::string token = absl::StrCat(header_, ".", Encode(claims));
    absl::StrAppend(&token, ".", Base64Url(key_.Sign(token)));
    return token;
  }

 private:
  const P256PrivateKey key_;
  const TokenRules rules_;
  std::vector<PublicKey> public_keys_;
  // The same for every token.
  std::string header_;
};

}  // namespace

std::string ThumbprintOf(absl::string_view x, absl::string_view y) {
  // RFC 7638, 3: the members that make the key, in order, without white space.
  const std::string json = absl::StrCat(R"({"crv":"P-256","kty":"EC","x":")", x,
                                        R"(","y":")", y, R"("})");
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(json.data()),
                     json.size());
  return Base64Url(hash);
}

absl::StatusOr<std::unique_ptr<TokenSigner>> TokenSigner::Open(
    const std::string& path, TokenRules rules) {
  ASSIGN_OR_RETURN(const std::string pem, ReadOrMakeSecretFile(path, [] {
                     return P256PrivateKey::Generate().ToPem();
                   }));
  std::vector<P256PrivateKey> keys = P256PrivateKey::AllFromPem(pem);
  if (keys.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        " does not hold P-256 private keys as PEM; remove it to have one "
        "made anew"));
  }
  return std::make_unique<PemTokenSigner>(std::move(keys), std::move(rules));
}

}  // namespace praxis::auth
