// Connection: one connection to a Redis server.
#ifndef SERVICES_COMMON_REDIS_CONNECTION_H_
#define SERVICES_COMMON_REDIS_CONNECTION_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/redis/reply.h"

struct redisContext;

namespace praxis::redis {

// Sends commands and reads their replies, all within one time limit: hiredis's
// own limits are for each read, which a server that trickles would stretch. It
// is used for connecting and for parsing only.
//
// After a failure the connection is of no use: replies may be under way.
// Failures are kUnavailable, kDeadlineExceeded or kCancelled, without a reason
// of ours, with details for the log. Not thread-safe.
class Connection {
 public:
  // `address` is "host:port" or "unix:/path". A host's name is resolved by the
  // system, which counts towards no limit.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::string& address, absl::Duration timeout);

  // The replies to `commands`, in their order. Gives up at `deadline` (see
  // MonotonicNow) or when `interrupt_fd` can be read; -1 is none.
  absl::StatusOr<std::vector<Reply>> Run(const Commands& commands,
                                         absl::Duration deadline,
                                         int interrupt_fd = -1);

  // Whether it lies idle as it should: the server has not closed it.
  bool IsIdle() const;

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };

  explicit Connection(redisContext* context) : context_(context) {}
  // Sends what the socket takes of `rest` and cuts it off.
  absl::Status Send(absl::string_view* rest);
  // Adds replies that have come, until there are `count`.
  absl::Status TakeReplies(size_t count, std::vector<Reply>* replies);
  // Waits until there is something to read, or to write if `sending`.
  absl::Status WaitForSocket(bool sending, absl::Duration deadline,
                             int interrupt_fd);

  const std::unique_ptr<redisContext, Free> context_;
};

}  // namespace praxis::redis

#endif  // SERVICES_COMMON_REDIS_CONNECTION_H_
