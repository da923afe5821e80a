#include "gateway/testing/tls_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace praxis::testing {
namespace {

constexpr int kDaySeconds = 24 * 60 * 60;
constexpr absl::string_view kLength = "Content-Length: ";

// A certificate that is good today.
X509* MakeCertificate(EVP_PKEY* key, const std::string& name, X509* issuer,
                      EVP_PKEY* issuer_key) {
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), std::rand());
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDaySeconds);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(
      certificate,
      X509_get_subject_name(issuer == nullptr ? certificate : issuer));
  if (issuer == nullptr) {
    X509_EXTENSION* vouches = X509V3_EXT_conf_nid(
        nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(certificate, vouches, -1);
    X509_EXTENSION_free(vouches);
  }
  X509_sign(certificate, issuer_key, EVP_sha256());
  return certificate;
}

std::string TextOf(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, size);
  BIO_free(memory);
  return text;
}

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const timeval limit = {20, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  return fd;
}

}  // namespace

TestAuthority::TestAuthority()
    : key_(EVP_EC_gen("P-256"), EVP_PKEY_free),
      certificate_(
          MakeCertificate(key_.get(), "authority", nullptr, key_.get()),
          X509_free) {}

TlsPair TestAuthority::Issue(const std::string& name) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate =
      MakeCertificate(key, name, certificate_.get(), key_.get());
  BIO* certificate_text = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_text, certificate);
  BIO* key_text = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_text, key, nullptr, nullptr, 0, nullptr,
                           nullptr);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {.certificate = TextOf(certificate_text), .key = TextOf(key_text)};
}

TlsClient::TlsClient(int port, const TestAuthority& authority,
                     const Options& options)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      ssl_(SSL_new(context_.get()), SSL_free),
      fd_(Connect(port)) {
  SSL* const ssl = ssl_.get();
  // As the programs do: OpenSSL writes also to who has closed.
  std::signal(SIGPIPE, SIG_IGN);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()),
                      authority.certificate());
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  // So that what the server will not speak is not refused by the client.
  SSL_set_security_level(ssl, 0);
  SSL_set_min_proto_version(ssl, TLS1_VERSION);
  SSL_set_max_proto_version(ssl, options.version);
  SSL_set_alpn_protos(
      ssl, reinterpret_cast<const unsigned char*>(options.alpn.data()),
      options.alpn.size());
  SSL_set_fd(ssl, fd_);
  connected_ = SSL_connect(ssl) == 1;
}

TlsClient::~TlsClient() { Close(); }

std::string TlsClient::name() const {
  const X509* shown = SSL_get0_peer_certificate(ssl_.get());
  char text[64] = "";
  if (shown != nullptr) {
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName,
                              text, sizeof(text));
  }
  return text;
}

std::string TlsClient::alpn() const {
  const unsigned char* bytes = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &bytes, &size);
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

bool TlsClient::Send(absl::string_view bytes) {
  return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

std::string TlsClient::ReadSome() {
  char bytes[16 * 1024];
  const int size = SSL_read(ssl_.get(), bytes, sizeof(bytes));
  return std::string(bytes, std::max(size, 0));
}

std::string TlsClient::Ask(absl::string_view bytes) {
  Send(bytes);
  std::string answer;
  for (;;) {
    const size_t head = answer.find("\r\n\r\n");
    const size_t length = answer.find(kLength.data());
    if (head != std::string::npos && length < head &&
        answer.size() >=
            head + 4 + std::atoi(answer.c_str() + length + kLength.size())) {
      return answer;
    }
    const std::string more = ReadSome();
    if (more.empty()) return answer;
    answer += more;
  }
}

void TlsClient::Close() {
  if (fd_ < 0) return;
  if (connected_) SSL_shutdown(ssl_.get());
  close(fd_);
  fd_ = -1;
}

void TlsClient::Reset() {
  const linger at_once = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(fd_);
  fd_ = -1;
}

}  // namespace praxis::testing
