// Addresses of clients, as text.
#ifndef GATEWAY_HTTP_ADDRESS_H_
#define GATEWAY_HTTP_ADDRESS_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace praxis::gateway {

// What one client is taken to have: an IPv4 address, or the /64 of an IPv6 one,
// all of which a single host may use. Anything else is its own.
std::string NetworkOf(absl::string_view address);

// An address as it is written everywhere: an IPv4 one that was seen through an
// IPv6 socket is an IPv4 one. Empty for what is none.
std::string CanonicalAddress(absl::string_view address);

// The proxies whose word is believed about who a client is.
class TrustedProxies {
 public:
  // None.
  TrustedProxies() = default;
  // Of addresses and networks, "10.0.0.0/8, 2001:db8::/32, 192.0.2.7".
  // INVALID_ARGUMENT names what is neither.
  static absl::StatusOr<TrustedProxies> Parse(absl::string_view list);

  bool Include(absl::string_view address) const;

  // The client of a request that came from `proxy`, which is one of them. Each
  // proxy appends whom it heard (X-Forwarded-For), so `forwarded_for` is walked
  // from its end to the first that is no trusted proxy: what stands before was
  // said by that one itself. What is no address ends the walk too.
  std::string ClientOf(absl::string_view proxy,
                       absl::string_view forwarded_for) const;

 private:
  // IPv4 addresses are kept as IPv6 has them, ::ffff:a.b.c.d.
  struct Network {
    std::array<uint8_t, 16> bytes;
    int bits = 0;
  };

  static absl::StatusOr<Network> ParseNetwork(absl::string_view text);

  std::vector<Network> networks_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_ADDRESS_H_
