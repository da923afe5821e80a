// What tests of TLS need: somebody who vouches, and a client.
#ifndef GATEWAY_TESTING_TLS_CLIENT_H_
#define GATEWAY_TESTING_TLS_CLIENT_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace praxis::testing {

// A certificate and its key, in PEM.
struct TlsPair {
  std::string certificate;
  std::string key;
};

// Vouches for names. Keys are new for each.
class TestAuthority {
 public:
  TestAuthority();

  TlsPair Issue(const std::string& name) const;
  X509* certificate() const { return certificate_.get(); }

 private:
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
  std::unique_ptr<X509, void (*)(X509*)> certificate_;
};

// One connection to a port of this machine. Waits at most 20 s for anything.
class TlsClient {
 public:
  struct Options {
    // The newest version it speaks.
    int version = TLS1_3_VERSION;
    // Protocols by ALPN, each after a byte with its length; empty says nothing.
    std::string alpn;
  };

  // Believes who `authority` vouches for; shows its failure by connected().
  TlsClient(int port, const TestAuthority& authority, const Options& options);
  TlsClient(int port, const TestAuthority& authority)
      : TlsClient(port, authority, Options()) {}
  ~TlsClient();

  bool connected() const { return connected_; }
  // Of the server's certificate.
  std::string name() const;
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string alpn() const;

  bool Send(absl::string_view bytes);
  // What comes next; empty at the end.
  std::string ReadSome();
  // Sends, and reads one answer that has a Content-Length.
  std::string Ask(absl::string_view bytes);
  // Ends the connection: by a goodbye, or without.
  void Close();
  void Reset();

 private:
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  int fd_;
  bool connected_ = false;
};

}  // namespace praxis::testing

#endif  // GATEWAY_TESTING_TLS_CLIENT_H_
