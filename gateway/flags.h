// What the operators of both programs that carry a gateway may choose.
#ifndef GATEWAY_FLAGS_H_
#define GATEWAY_FLAGS_H_

#include <string>

#include "absl/time/time.h"
#include "gateway/server.h"

namespace praxis::config {
class Config;
}  // namespace praxis::config

namespace praxis::gateway {

// The flags of `praxis` and of `praxis-gateway` that are about HTTP.
struct Flags {
  std::string cors_origins;
  std::string tls_cert;
  std::string tls_key;
  std::string trusted_proxies;
  Admission::Options admission{.address_rate = 200};
  bool docs = true;
  absl::Duration stream_age = absl::Hours(1);
  int cache_mib = 64;
  int admin_port = 0;
  std::string admin_address = "127.0.0.1";
};

// Adds them to a section of their own.
void AddFlags(config::Config& config, Flags* flags);

// Fills in what they say.
void Apply(const Flags& flags, GatewayServer::Options* options);

}  // namespace praxis::gateway

#endif  // GATEWAY_FLAGS_H_
