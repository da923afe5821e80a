#include "gateway/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {
namespace {

// Of TLS 1.2; those of 1.3 are all good.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char kAlpn[] = "\x08http/1.1";

// To who speaks HTTP to this port. Nothing of the request was read as one.
constexpr absl::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
    "Content-Type: text/plain\r\nContent-Length: 24\r\n\r\n"
    "This port speaks HTTPS.\n";

// The newest error that OpenSSL has noted for this thread.
std::string LastError() {
  char text[256];
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
  return text;
}

absl::Status CannotUse(const std::string& file) {
  return absl::FailedPreconditionError(
      absl::StrCat("Cannot use ", file, " for TLS: ", LastError(), "."));
}

// Clients that speak only something else are told so, not answered in HTTP/1.1.
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int offered_size,
                   void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kAlpn, sizeof(kAlpn) - 1,
                            offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void SetRules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers);
  // A body cut short shows by its framing, so an end without a goodbye, which
  // is how many clients leave, is an end.
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Idle connections hold no buffers; a record is one system call, not two.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  // Clients resume by tickets, which they keep themselves.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context,
                                [](char*, int, int, void*) { return 0; });
}

int64_t ExpireSeconds(SSL_CTX* context) {
  tm parts = {};
  ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context)),
                  &parts);
  return timegm(&parts);
}

TlsCounts Counts(telemetry::Registry& registry) {
  const auto find = [&](const char* result) -> telemetry::Counter& {
    return registry.FindCounter("praxis_gateway_tls_handshakes_total",
                                "TLS handshakes, by how they ended.",
                                {{"result", result}});
  };
  return {.begun_well = find("ok"),
          .failed = find("failed"),
          .refused = find("refused")};
}

}  // namespace

TlsSession::TlsSession(SSL_CTX* context, int fd, const TlsCounts& counts)
    : ssl_(SSL_new(context), SSL_free), counts_(counts) {
  SSL_set_fd(ssl_.get(), fd);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() {
  if (!counted_) counts_.failed.Add();
}

TlsSession::Step TlsSession::Read(char* into, size_t size) {
  ERR_clear_error();
  const Step step = StepOf(SSL_read(ssl_.get(), into, static_cast<int>(size)));
  CountHandshake();
  return step;
}

TlsSession::Step TlsSession::Peek() {
  char byte;
  ERR_clear_error();
  return StepOf(SSL_peek(ssl_.get(), &byte, 1));
}

TlsSession::Step TlsSession::Write(absl::string_view bytes) {
  ERR_clear_error();
  return StepOf(
      SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())));
}

bool TlsSession::has_pending() const {
  return SSL_has_pending(ssl_.get()) == 1;
}

void TlsSession::ShutDown() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

TlsSession::Step TlsSession::StepOf(int result) {
  if (result > 0) return {.bytes = static_cast<size_t>(result)};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.wait = Wait::kInput};
    case SSL_ERROR_WANT_WRITE:
      return {.wait = Wait::kOutput};
    default:
      break;
  }
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
    send(SSL_get_fd(ssl_.get()), kSpeakTls.data(), kSpeakTls.size(),
         MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  return {.wait = Wait::kEnd};
}

void TlsSession::CountHandshake() {
  if (counted_ || !SSL_is_init_finished(ssl_.get())) return;
  counted_ = true;
  counts_.begun_well.Add();
}

TlsIdentity::TlsIdentity(Options options, telemetry::Registry& registry)
    : options_(std::move(options)),
      counts_(Counts(registry)),
      expire_seconds_(registry.FindGauge(
          "praxis_gateway_tls_certificate_expire_time_seconds",
          "When the certificate ends, in seconds since 1970.")),
      context_(nullptr, SSL_CTX_free) {}

absl::StatusOr<std::unique_ptr<TlsIdentity>> TlsIdentity::Open(
    Options options, telemetry::Registry& registry) {
  std::unique_ptr<TlsIdentity> opened(
      new TlsIdentity(std::move(options), registry));
  opened->tried_ = opened->StampOfFiles();
  RETURN_IF_ERROR(opened->Load());
  opened->watcher_ = std::thread([raw = opened.get()] { raw->Watch(); });
  return opened;
}

TlsIdentity::~TlsIdentity() {
  ending_.Notify();
  if (watcher_.joinable()) watcher_.join();
}

std::unique_ptr<TlsSession> TlsIdentity::Accept(int fd) const {
  absl::MutexLock lock(&mutex_);
  return std::make_unique<TlsSession>(context_.get(), fd, counts_);
}

void TlsIdentity::CountRefused() const { counts_.refused.Add(); }

TlsIdentity::Stamp TlsIdentity::StampOfFiles() const {
  Stamp stamp = {};
  size_t i = 0;
  for (const std::string& file :
       {options_.certificate_file, options_.key_file}) {
    struct stat info = {};
    stat(file.c_str(), &info);  // all 0 while it is away
    for (const int64_t number :
         {static_cast<int64_t>(info.st_ino), int64_t{info.st_size},
          int64_t{info.st_mtim.tv_sec}, int64_t{info.st_mtim.tv_nsec}}) {
      stamp[i++] = number;
    }
  }
  return stamp;
}

absl::Status TlsIdentity::Load() {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SetRules(context.get());
  const char* const certificate = options_.certificate_file.c_str();
  const char* const key = options_.key_file.c_str();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate) != 1) {
    return CannotUse(options_.certificate_file);
  }
  // Fails too when the key is another certificate's.
  if (SSL_CTX_use_PrivateKey_file(context.get(), key, SSL_FILETYPE_PEM) != 1) {
    return CannotUse(options_.key_file);
  }
  expire_seconds_.Set(ExpireSeconds(context.get()));
  absl::MutexLock lock(&mutex_);
  context_.swap(context);
  return absl::OkStatus();
}

// The stamp is taken before the files are read: should they change in between,
// they are read again. Two files seldom change at once; a pair that does not
// fit is a pair half replaced, mostly.
void TlsIdentity::Watch() {
  while (!ending_.WaitForNotificationWithTimeout(options_.interval)) {
    const Stamp now = StampOfFiles();
    if (now == tried_) continue;
    tried_ = now;
    const absl::Status loaded = Load();
    if (options_.changed) options_.changed(loaded);
  }
}

}  // namespace praxis::gateway
