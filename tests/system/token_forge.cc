#include "tests/system/token_forge.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/system/json.h"

namespace praxis::system {
namespace {

constexpr int kCoordinateBytes = 32;

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_PKEY* KeyOf(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  EXPECT_NE(key, nullptr) << "no private key";
  return key;
}

// A number in exactly 32 bytes.
std::string Padded(const BIGNUM* number) {
  std::string bytes(kCoordinateBytes, '\0');
  EXPECT_EQ(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                         kCoordinateBytes),
            kCoordinateBytes);
  return bytes;
}

std::string SignedText(const std::string& header, const std::string& claims) {
  return absl::StrCat(Base64Url(header), ".", Base64Url(claims));
}

}  // namespace

std::string Base64Url(absl::string_view bytes) {
  return absl::WebSafeBase64Escape(bytes);
}

std::string FromBase64Url(absl::string_view text) {
  std::string bytes;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(text, &bytes)) << text;
  return bytes;
}

TokenParts PartsOfToken(absl::string_view token) {
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) {
    ADD_FAILURE() << token << " is no token";
    return {};
  }
  return {FromBase64Url(parts[0]), FromBase64Url(parts[1]),
          FromBase64Url(parts[2])};
}

std::string TokenOf(const TokenParts& parts) {
  return absl::StrCat(SignedText(parts.header, parts.claims), ".",
                      Base64Url(parts.signature));
}

TokenForge::TokenForge(const std::string& pem) : key_(KeyOf(pem)) {}
TokenForge::TokenForge() : key_(EVP_EC_gen("P-256")) {}
TokenForge::~TokenForge() { EVP_PKEY_free(key_); }

// OpenSSL signs in DER; a token has r and s side by side (RFC 7518, 3.4).
std::string TokenForge::Sign(const std::string& header,
                             const std::string& claims) const {
  const std::string text = SignedText(header, claims);
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  std::string der(256, '\0');
  size_t size = der.size();
  EXPECT_EQ(EVP_DigestSignInit(digest, nullptr, EVP_sha256(), nullptr, key_),
            1);
  EXPECT_EQ(EVP_DigestSign(digest, reinterpret_cast<unsigned char*>(der.data()),
                           &size, Bytes(text), text.size()),
            1);
  EVP_MD_CTX_free(digest);
  const unsigned char* from = Bytes(der);
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(size));
  const std::string signature =
      Padded(ECDSA_SIG_get0_r(pair)) + Padded(ECDSA_SIG_get0_s(pair));
  ECDSA_SIG_free(pair);
  return absl::StrCat(text, ".", Base64Url(signature));
}

std::string TokenForge::Coordinate(const char* name) const {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key_, name, &number), 1);
  const std::string bytes = Padded(number);
  BN_free(number);
  return Base64Url(bytes);
}

std::string TokenForge::Jwk() const {
  return absl::StrCat(R"({"kty":"EC","use":"sig","alg":"ES256","crv":"P-256",)",
                      R"("x":")", Coordinate(OSSL_PKEY_PARAM_EC_PUB_X),
                      R"(","y":")", Coordinate(OSSL_PKEY_PARAM_EC_PUB_Y),
                      R"("})");
}

std::vector<std::string> TokenForge::PublicForms() const {
  BIO* bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(PEM_write_bio_PUBKEY(bio, key_), 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  const std::string pem(text, static_cast<size_t>(size));
  BIO_free(bio);
  const std::string x = Coordinate(OSSL_PKEY_PARAM_EC_PUB_X);
  const std::string y = Coordinate(OSSL_PKEY_PARAM_EC_PUB_Y);
  return {pem,
          Jwk(),
          x,
          x + y,
          FromBase64Url(x),
          FromBase64Url(x) + FromBase64Url(y),
          "\x04" + FromBase64Url(x) + FromBase64Url(y)};
}

std::string SignHmac(const std::string& header, const std::string& claims,
                     const std::string& secret) {
  const std::string text = SignedText(header, claims);
  std::string mac(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       Bytes(text), text.size(), reinterpret_cast<unsigned char*>(mac.data()),
       &size);
  return absl::StrCat(text, ".", Base64Url(mac.substr(0, size)));
}

std::string WithMember(const std::string& object, const std::string& name,
                       const std::string& value) {
  std::optional<Json> json = ParseJson(object);
  EXPECT_TRUE(json.has_value()) << object;
  auto& members = *json->mutable_struct_value()->mutable_fields();
  members.erase(name);
  if (value.empty()) return ToJson(*json);
  const std::optional<Json> parsed = ParseJson(value);
  EXPECT_TRUE(parsed.has_value()) << value;
  members[name] = *parsed;
  return ToJson(*json);
}

}  // namespace praxis::system
