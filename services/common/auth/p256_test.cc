#include "services/common/auth/p256.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::auth {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// A key of another curve.
std::string P384Pem() {
  EVP_PKEY* key = EVP_EC_gen("P-384");
  BIO* bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0,
                                          nullptr, nullptr),
            1);
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  const std::string pem(text, length);
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

class P256Test : public ::testing::Test {
 protected:
  ~P256Test() override {
    EXPECT_EQ(ERR_peek_error(), 0u) << "left behind for others to find";
  }

  const P256PrivateKey key_ = P256PrivateKey::Generate();
  const P256PublicKey public_key_ = *P256PublicKey::FromPoint(key_.Point());
};

TEST_F(P256Test, VerifiesWhatItSigned) {
  for (int i = 0; i < 50; ++i) {
    const std::string message = absl::StrCat("message ", i);
    const std::string signature = key_.Sign(message);
    EXPECT_THAT(signature, SizeIs(64));
    EXPECT_TRUE(public_key_.Verifies(message, signature));
  }
}

// RFC 7515, A.3: an ES256 signature made elsewhere.
TEST_F(P256Test, VerifiesTheSignatureOfTheRfc) {
  const auto decode = [](const char* text) {
    std::string bytes;
    EXPECT_TRUE(absl::WebSafeBase64Unescape(text, &bytes));
    return bytes;
  };
  const auto key = P256PublicKey::FromPoint(
      {.x = decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
       .y = decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")});
  ASSERT_TRUE(key.has_value());
  const std::string message =
      "eyJhbGciOiJFUzI1NiJ9"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const std::string signature = decode(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8IS"
      "lSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_TRUE(key->Verifies(message, signature));
  EXPECT_FALSE(key->Verifies(message + ".", signature));
}

TEST_F(P256Test, RefusesWhatItDidNotSign) {
  const std::string signature = key_.Sign("message");
  EXPECT_FALSE(public_key_.Verifies("Message", signature));
  EXPECT_FALSE(P256PublicKey::FromPoint(P256PrivateKey::Generate().Point())
                   ->Verifies("message", signature));
  for (size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(public_key_.Verifies("message", changed)) << i;
  }
}

TEST_F(P256Test, RefusesSignaturesOfAnotherShape) {
  const std::string signature = key_.Sign("message");
  EXPECT_FALSE(public_key_.Verifies("message", ""));
  EXPECT_FALSE(public_key_.Verifies("message", signature.substr(0, 63)));
  EXPECT_FALSE(public_key_.Verifies("message", signature + '\0'));
}

// CVE-2022-21449: an implementation that forgets this check takes r = s = 0 as
// the signature of anything.
TEST_F(P256Test, RefusesZeroAndWhatIsNotBelowTheOrder) {
  const std::string zero(32, '\0');
  const std::string big(32, '\xff');
  const std::string signature = key_.Sign("message");
  EXPECT_FALSE(public_key_.Verifies("message", zero + zero));
  EXPECT_FALSE(public_key_.Verifies("message", zero + signature.substr(32)));
  EXPECT_FALSE(public_key_.Verifies("message", signature.substr(0, 32) + zero));
  EXPECT_FALSE(public_key_.Verifies("message", big + big));
}

TEST_F(P256Test, RefusesAPointThatIsNotOnTheCurve) {
  P256Point point = key_.Point();
  point.y[31] ^= 1;
  EXPECT_EQ(P256PublicKey::FromPoint(point), std::nullopt);
  EXPECT_EQ(P256PublicKey::FromPoint({}), std::nullopt);
  EXPECT_EQ(P256PublicKey::FromPoint(
                {.x = std::string(32, '\0'), .y = std::string(32, '\0')}),
            std::nullopt);
  EXPECT_EQ(P256PublicKey::FromPoint(
                {.x = std::string(33, '\1'), .y = std::string(31, '\1')}),
            std::nullopt);
}

TEST_F(P256Test, IsTheSameKeyAfterPem) {
  const std::string pem = key_.ToPem();
  EXPECT_THAT(pem, StartsWith("-----BEGIN PRIVATE KEY-----\n"));
  const auto keys = P256PrivateKey::AllFromPem(pem);
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_EQ(keys[0].Point().x, key_.Point().x);
  EXPECT_TRUE(public_key_.Verifies("message", keys[0].Sign("message")));
}

TEST_F(P256Test, ReadsAllKeysOfAPemInOrder) {
  const P256PrivateKey other = P256PrivateKey::Generate();
  const auto keys = P256PrivateKey::AllFromPem(
      absl::StrCat(other.ToPem(), "\n", key_.ToPem()));
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[0].Point().x, other.Point().x);
  EXPECT_EQ(keys[1].Point().x, key_.Point().x);
}

TEST_F(P256Test, ReadsNothingFromWhatIsNotAllKeysOfOurs) {
  const std::string pem = key_.ToPem();
  EXPECT_THAT(P256PrivateKey::AllFromPem(""), IsEmpty());
  EXPECT_THAT(P256PrivateKey::AllFromPem("key"), IsEmpty());
  EXPECT_THAT(P256PrivateKey::AllFromPem(pem.substr(0, pem.size() / 2)),
              IsEmpty());
  EXPECT_THAT(P256PrivateKey::AllFromPem(P384Pem()), IsEmpty());
  EXPECT_THAT(P256PrivateKey::AllFromPem(pem + P384Pem()), IsEmpty());
  EXPECT_THAT(
      P256PrivateKey::AllFromPem(pem + "-----BEGIN PRIVATE KEY-----\nbad\n"
                                       "-----END PRIVATE KEY-----\n"),
      IsEmpty());
}

}  // namespace
}  // namespace praxis::auth
