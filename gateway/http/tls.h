// TLS: who the server says it is, and what hides its connections' bytes.
#ifndef GATEWAY_HTTP_TLS_H_
#define GATEWAY_HTTP_TLS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

struct ssl_ctx_st;
struct ssl_st;

namespace praxis::telemetry {
class Counter;
class Gauge;
class Registry;
}  // namespace praxis::telemetry

namespace praxis::gateway {

// How handshakes end.
struct TlsCounts {
  telemetry::Counter& begun_well;
  telemetry::Counter& failed;
  // Too many of one client: not begun.
  telemetry::Counter& refused;
};

// The server's side of one encrypted connection over a socket that does not
// block. The handshake (RFC 8446) is part of the first reads. For one thread.
class TlsSession {
 public:
  enum class Wait { kNothing, kInput, kOutput, kEnd };
  // Bytes moved; when none, what must come first. kEnd: nothing will.
  struct Step {
    size_t bytes = 0;
    Wait wait = Wait::kNothing;
  };

  TlsSession(ssl_ctx_st* context, int fd, const TlsCounts& counts);
  ~TlsSession();

  Step Read(char* into, size_t size);
  // The same, but what it finds can still be read.
  Step Peek();
  // All of `bytes` or nothing; after nothing, the same bytes must come again.
  Step Write(absl::string_view bytes);
  // Bytes have been taken from the socket that were not read here yet: whoever
  // waits for the socket would wait for others.
  bool has_pending() const;
  // Tells the client that no more will be written.
  void ShutDown();

 private:
  Step StepOf(int result);
  void CountHandshake();

  const std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  const TlsCounts counts_;
  bool counted_ = false;
};

// A certificate chain and its key in PEM files, which are read again when they
// change: certificates end, and a restart for a new one would break uploads.
// Each new connection gets the newest good pair; those that are open keep
// theirs. TLS 1.2 and 1.3, forward secrecy and authenticated ciphers only, no
// renegotiation and no early data (a replayed request would run twice). By ALPN
// (RFC 7301) only "http/1.1" is agreed on.
//   praxis_gateway_tls_handshakes_total{result}
//   praxis_gateway_tls_certificate_expire_time_seconds
// Thread-safe.
class TlsIdentity {
 public:
  struct Options {
    // The server's own certificate first, then those that vouch for it.
    std::string certificate_file;
    // Not encrypted: nobody is there to be asked for a password.
    std::string key_file;
    // How often the files are looked at.
    absl::Duration interval = absl::Seconds(5);
    // Told, from a thread of its own, that a changed pair is used from now on,
    // or why it is not. Not told the same failure twice.
    std::function<void(const absl::Status&)> changed;
  };

  // FAILED_PRECONDITION when the pair cannot be used. `registry` outlives this.
  static absl::StatusOr<std::unique_ptr<TlsIdentity>> Open(
      Options options, telemetry::Registry& registry);
  ~TlsIdentity();

  std::unique_ptr<TlsSession> Accept(int fd) const;
  void CountRefused() const;

 private:
  // What tells one state of a file from another. A link that leads to another
  // file, as Kubernetes changes a mounted secret, shows by the inode.
  using Stamp = std::array<int64_t, 8>;
  using Context = std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)>;

  TlsIdentity(Options options, telemetry::Registry& registry);
  Stamp StampOfFiles() const;
  absl::Status Load();
  void Watch();

  const Options options_;
  const TlsCounts counts_;
  telemetry::Gauge& expire_seconds_;
  mutable absl::Mutex mutex_;
  Context context_ ABSL_GUARDED_BY(mutex_);
  // Of what was last tried.
  Stamp tried_ = {};
  absl::Notification ending_;
  std::thread watcher_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_TLS_H_
