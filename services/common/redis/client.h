// Client: calls Redis as something that may be slow or away at any time.
#ifndef SERVICES_COMMON_REDIS_CLIENT_H_
#define SERVICES_COMMON_REDIS_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/common/redis/breaker.h"
#include "services/common/redis/connector.h"
#include "services/common/redis/interruption.h"
#include "services/common/redis/pool.h"
#include "services/common/redis/reply.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::redis {

// A Lua script, known to the server by its digest once it has run there.
class Script {
 public:
  explicit Script(absl::string_view text);

  const std::string& text() const { return text_; }
  // SHA-1 as 40 hex digits.
  const std::string& digest() const { return digest_; }

 private:
  const std::string text_;
  const std::string digest_;
};

// A pool of connections to one server, behind a breaker. A call takes at most
// `timeout`, twice that when all connections are in use, and the time to
// connect when it needs a new one; while the breaker is open it fails at once.
//
// An error that says that the server cannot serve just now (LOADING, READONLY
// after a failover, NOAUTH ...) is a failed call, as is a connection that
// breaks: BACKEND_UNAVAILABLE, and whether the commands ran is not known. Every
// other error is a reply, for the caller to judge (see ErrorOf). Nothing is
// sent twice. Thread-safe.
class Client {
 public:
  struct Options {
    Server server;
    // What it is for, "cache" or "events": labels the metrics.
    std::string role;
    absl::Duration timeout = absl::Milliseconds(50);
    int connections_max = 64;
  };
  // `registry` must outlive this.
  Client(Options options, telemetry::Registry& registry);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  absl::StatusOr<Reply> Call(Command command);

  // One reply a command, in one round trip.
  absl::StatusOr<std::vector<Reply>> Batch(const Commands& commands);

  // Runs a script by its digest, or by its text where it is not known yet.
  absl::StatusOr<Reply> Eval(const Script& script, Command keys,
                             Command arguments);

  // A command that itself waits on the server for up to `wait` (XREAD BLOCK),
  // on a connection of its own. CANCELLED soon after `interruption`.
  absl::StatusOr<Reply> Await(Command command, absl::Duration wait,
                              const Interruption& interruption);

  // Whether calls are being refused.
  bool is_open() const { return breaker_.is_open(); }

 private:
  // Sends `commands` on a connection of `pool`.
  absl::StatusOr<std::vector<Reply>> Exchange(Pool& pool,
                                              Breaker::Admission admission,
                                              const Commands& commands,
                                              absl::Duration wait,
                                              int interrupt_fd);
  // Tells the breaker how a call ended; what the caller gets for it.
  absl::Status Settle(Breaker::Admission admission, const absl::Status& status);
  void Succeeded();

  const Options options_;
  Connector connector_;
  Pool pool_;
  // Those that wait on the server; as many as there are consumers.
  Pool waiting_;
  Breaker breaker_;

  telemetry::Counter& calls_;
  telemetry::Counter& failures_;
  telemetry::Counter& refusals_;
  telemetry::Gauge& open_;
  telemetry::Histogram& seconds_;
};

// What an error among the replies is to a caller of ours: BACKEND_UNAVAILABLE,
// for Redis refuses what we ask only when it is out of memory, cannot write its
// file or was set up wrongly. The details are logged. OK for other replies.
absl::Status ErrorOf(const Reply& reply);

}  // namespace praxis::redis

#endif  // SERVICES_COMMON_REDIS_CLIENT_H_
