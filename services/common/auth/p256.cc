#include "services/common/auth/p256.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace praxis::auth {
namespace {

constexpr size_t kCoordinateBytes = 32;
constexpr char kCurve[] = "prime256v1";

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, Deleter<kFree>>;

using OwnedBio = Owned<BIO, &BIO_free>;
using OwnedNumber = Owned<BIGNUM, &BN_free>;
using OwnedSignature = Owned<ECDSA_SIG, &ECDSA_SIG_free>;
using OwnedDigest = Owned<EVP_MD_CTX, &EVP_MD_CTX_free>;
using OwnedKeyContext = Owned<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using OwnedParams = Owned<OSSL_PARAM, &OSSL_PARAM_free>;
using OwnedParamBuilder = Owned<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free>;
using SharedKey = std::shared_ptr<EVP_PKEY>;

// Leaves no error behind for the next user of OpenSSL on this thread.
struct ErrorSweeper {
  ~ErrorSweeper() { ERR_clear_error(); }
};

SharedKey Share(EVP_PKEY* key) { return SharedKey(key, &EVP_PKEY_free); }

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Only the system can fail here: out of memory or of random bytes.
void Require(bool done) {
  if (done) return;
  std::fputs("OpenSSL cannot make keys or signatures\n", stderr);
  std::abort();
}

bool IsP256(const EVP_PKEY* key) {
  char curve[32];
  return EVP_PKEY_is_a(key, "EC") &&
         EVP_PKEY_get_group_name(key, curve, sizeof(curve), nullptr) == 1 &&
         std::strcmp(curve, kCurve) == 0;
}

// r and s in DER, as OpenSSL wants them. Empty on failure.
std::string ToDer(absl::string_view signature) {
  OwnedSignature pair(ECDSA_SIG_new());
  OwnedNumber r(BN_bin2bn(Bytes(signature), kCoordinateBytes, /*ret=*/nullptr));
  OwnedNumber s(BN_bin2bn(Bytes(signature) + kCoordinateBytes, kCoordinateBytes,
                          /*ret=*/nullptr));
  if (!pair || !r || !s) return "";
  ECDSA_SIG_set0(pair.get(), r.release(), s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return "";
  std::string out(reinterpret_cast<const char*>(der),
                  static_cast<size_t>(length));
  OPENSSL_free(der);
  return out;
}

// One block of a PEM text: what stands in its first line, the headers of old
// encrypted keys, and the DER inside.
struct PemBlock {
  std::string name;
  std::string headers;
  std::string der;
};

// The next block, none at the end of the text. Sets `torn` when there is no
// next one for another reason.
std::optional<PemBlock> NextBlock(BIO* bio, bool* torn) {
  char* name = nullptr;
  char* headers = nullptr;
  unsigned char* der = nullptr;
  long length = 0;
  if (PEM_read_bio(bio, &name, &headers, &der, &length) != 1) {
    const auto error = ERR_peek_last_error();
    *torn = ERR_GET_LIB(error) != ERR_LIB_PEM ||
            ERR_GET_REASON(error) != PEM_R_NO_START_LINE;
    return std::nullopt;
  }
  PemBlock block = {.name = name,
                    .headers = headers,
                    .der = std::string(reinterpret_cast<const char*>(der),
                                       static_cast<size_t>(length))};
  OPENSSL_free(name);
  OPENSSL_free(headers);
  OPENSSL_clear_free(der, static_cast<size_t>(length));
  return block;
}

std::string Coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  Require(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  const OwnedNumber owned(number);
  std::string bytes(kCoordinateBytes, '\0');
  Require(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                       kCoordinateBytes) > 0);
  return bytes;
}

}  // namespace

P256PublicKey::P256PublicKey(std::shared_ptr<evp_pkey_st> key)
    : key_(std::move(key)) {}

std::optional<P256PublicKey> P256PublicKey::FromPoint(const P256Point& point) {
  const ErrorSweeper sweeper;
  if (point.x.size() != kCoordinateBytes ||
      point.y.size() != kCoordinateBytes) {
    return std::nullopt;
  }
  // SEC 1, 2.3.3: 4 stands for "not compressed".
  const std::string octets = absl::StrCat("\x04", point.x, point.y);
  const OwnedParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      !OSSL_PARAM_BLD_push_utf8_string(builder.get(),
                                       OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0) ||
      !OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                        octets.data(), octets.size())) {
    return std::nullopt;
  }
  const OwnedParams params(OSSL_PARAM_BLD_to_param(builder.get()));
  const OwnedKeyContext context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  // Refuses a point that is not on the curve.
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        params.get()) != 1) {
    return std::nullopt;
  }
  return P256PublicKey(Share(key));
}

bool P256PublicKey::Verifies(absl::string_view message,
                             absl::string_view signature) const {
  const ErrorSweeper sweeper;
  if (signature.size() != 2 * kCoordinateBytes) return false;
  const std::string der = ToDer(signature);
  const OwnedDigest digest(EVP_MD_CTX_new());
  return !der.empty() && digest != nullptr &&
         EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr,
                              key_.get()) == 1 &&
         EVP_DigestVerify(digest.get(), Bytes(der), der.size(), Bytes(message),
                          message.size()) == 1;
}

P256PrivateKey::P256PrivateKey(std::shared_ptr<evp_pkey_st> key)
    : key_(std::move(key)) {}

P256PrivateKey P256PrivateKey::Generate() {
  EVP_PKEY* key = EVP_EC_gen(kCurve);
  Require(key != nullptr);
  return P256PrivateKey(Share(key));
}

std::vector<P256PrivateKey> P256PrivateKey::AllFromPem(absl::string_view pem) {
  const ErrorSweeper sweeper;
  std::vector<P256PrivateKey> keys;
  const OwnedBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Require(bio != nullptr);
  bool torn = false;
  while (const auto block = NextBlock(bio.get(), &torn)) {
    // OpenSSL's ecparam writes the curve before the key.
    if (block->name == "EC PARAMETERS") continue;
    const unsigned char* der = Bytes(block->der);
    SharedKey key = Share(d2i_AutoPrivateKey(
        nullptr, &der, static_cast<long>(block->der.size())));
    if (!block->headers.empty() || key == nullptr || !IsP256(key.get())) {
      return {};
    }
    keys.push_back(P256PrivateKey(std::move(key)));
  }
  if (torn) return {};
  return keys;
}

std::string P256PrivateKey::ToPem() const {
  const OwnedBio bio(BIO_new(BIO_s_mem()));
  Require(bio != nullptr &&
          PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                        0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(length));
}

P256Point P256PrivateKey::Point() const {
  return {.x = Coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X),
          .y = Coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y)};
}

std::string P256PrivateKey::Sign(absl::string_view message) const {
  const OwnedDigest digest(EVP_MD_CTX_new());
  std::string der(256, '\0');
  size_t length = der.size();
  Require(digest != nullptr &&
          EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr,
                             key_.get()) == 1 &&
          EVP_DigestSign(digest.get(),
                         reinterpret_cast<unsigned char*>(der.data()), &length,
                         Bytes(message), message.size()) == 1);
  const unsigned char* from = Bytes(der);
  const OwnedSignature pair(
      d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(length)));
  Require(pair != nullptr);
  std::string signature(2 * kCoordinateBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  Require(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, kCoordinateBytes) >
              0 &&
          BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + kCoordinateBytes,
                       kCoordinateBytes) > 0);
  return signature;
}

}  // namespace praxis::auth
