// What the gateway asks of its HTTP clients.
#ifndef GATEWAY_HTTP_LIMITS_H_
#define GATEWAY_HTTP_LIMITS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "gateway/http/head.h"

namespace praxis::gateway {

// Beyond each of these a client is refused or cut off: one that is slow, by
// malice or by nature, holds memory and a socket, never a thread.
struct HttpLimits {
  HeadLimits head;
  // From a request's first byte to the end of its head; also from connecting
  // to the first byte.
  absl::Duration head_time = absl::Seconds(10);
  // Between requests.
  absl::Duration idle_time = absl::Seconds(60);
  // How long a client may keep us waiting in one body or answer, beside the
  // time that bytes take at the least rate.
  absl::Duration stall_time = absl::Seconds(20);
  int bytes_per_second_min = 1024;
  // What whole bodies hold, of all connections together, beyond 16 KiB each:
  // those that are large may be refused, and those that are not never are.
  int64_t bodies_bytes_max = 64 << 20;
  // What answers hold whose clients are slow to take them, of all connections
  // together: beyond it, those that have waited longest are cut off.
  int64_t unsent_bytes_max = 256 << 20;
  int connections_max = 10'000;
  // From one address; of IPv6, from one /64.
  int connections_per_address_max = 5'000;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_LIMITS_H_
