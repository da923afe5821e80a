#include "gateway/admission/admission.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gateway/http/address.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Long enough that those who wait now have been answered.
constexpr absl::Duration kOverloadWait = absl::Seconds(1);

bool IsProbe(absl::string_view path) {
  return path == "/livez" || path == "/readyz" || path == "/healthz";
}

telemetry::Counter& TurnedAway(telemetry::Registry& registry,
                               const std::string& reason) {
  return registry.FindCounter("praxis_gateway_turned_away_total",
                              "Requests refused before anything was done.",
                              {{"reason", reason}});
}

}  // namespace

Admission::Admission(Options options, telemetry::Registry& registry)
    : options_(options),
      too_often_(TurnedAway(registry, "address_rate")),
      overloaded_(TurnedAway(registry, "requests_max")) {}

absl::Status Admission::Admit(const Exchange& exchange) {
  const absl::string_view path = exchange.head().path;
  if (IsProbe(path)) return absl::OkStatus();
  RETURN_IF_ERROR(TakeRate(exchange.client_address()));
  // Operators want to see what is going on most of all when it is too much.
  if (path == "/metrics" ||
      exchange.requests_waiting() <= options_.requests_max) {
    return absl::OkStatus();
  }
  overloaded_.Add();
  return RetryAfter(Error(Reason::OVERLOADED,
                          "Too many requests are under way; wait a moment and "
                          "try again."),
                    kOverloadWait);
}

absl::Status Admission::TakeRate(absl::string_view address) {
  if (options_.address_rate == 0) return absl::OkStatus();
  const limits::Rate rate{.per_second = 1.0 * options_.address_rate,
                          .burst = 2.0 * options_.address_rate};
  // Nothing but IPv6 has networks, and nothing but IPv6 has colons.
  absl::Status taken = absl::StrContains(address, ':')
                           ? addresses_.Take(NetworkOf(address), rate)
                           : addresses_.Take(address, rate);
  if (!taken.ok()) too_often_.Add();
  return taken;
}

}  // namespace praxis::gateway
