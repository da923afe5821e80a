#include "gateway/flags.h"

#include "absl/strings/str_split.h"
#include "services/common/config/config.h"

namespace praxis::gateway {

void AddFlags(config::Config& config, Flags* flags) {
  config.Section("HTTP");
  config.String("cors_origins", &flags->cors_origins,
                "Origins whose web pages may call, with commas between, such "
                "as https://app.example.org. None by default.");
  config.Path("tls_cert", &flags->tls_cert,
              "PEM file of the certificate and those that vouch for it, for "
              "HTTPS; read again when it changes. None: HTTP.");
  config.Path("tls_key", &flags->tls_key, "PEM file of its key.");
  config.String("trusted_proxies", &flags->trusted_proxies,
                "Addresses and networks of proxies whose X-Forwarded-For is "
                "believed, such as 10.0.0.0/8,192.0.2.7.");
  config.Int("address_rate", &flags->admission.address_rate, 0, 1'000'000,
             "Requests of one client address a second, in a burst twice as "
             "many; 0 is any number.");
  config.Int("requests_max", &flags->admission.requests_max, 1, 1'000'000,
             "Requests that may wait for their answer; more are refused at "
             "once.");
  config.Bool("docs", &flags->docs,
              "Serve the API reference for people at /docs.");
  config.Duration("stream_age", &flags->stream_age, absl::Seconds(1),
                  absl::Hours(24),
                  "How long a stream of messages may last, give or take a "
                  "tenth; clients then ask again, and spread.");
  config.Int(
      "response_cache_mib", &flags->cache_mib, 0, 1 << 16,
      "MiB for answers that anyone may read, kept for up to 3 s; 0 keeps "
      "none.");
  config.Section("Operators");
  config.Port("admin_port", &flags->admin_port,
              "Port for operators: /metrics, /status, /config, /channelz and "
              "the details of health, which leave the other port then; 0: "
              "none.");
  config.String("admin_address", &flags->admin_address,
                "Address to listen on for it; who reaches it may read all.");
}

void Apply(const Flags& flags, GatewayServer::Options* options) {
  options->cors_origins = absl::StrSplit(
      flags.cors_origins, absl::ByAnyChar(", "), absl::SkipEmpty());
  options->tls_certificate_file = flags.tls_cert;
  options->tls_key_file = flags.tls_key;
  options->trusted_proxies = flags.trusted_proxies;
  options->admission = flags.admission;
  options->docs = flags.docs;
  options->stream_age = flags.stream_age;
  options->cache_bytes = static_cast<size_t>(flags.cache_mib) << 20;
  if (flags.admin_port != 0) options->admin_port = flags.admin_port;
  options->admin_address = flags.admin_address;
}

}  // namespace praxis::gateway
