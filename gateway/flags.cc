#include "gateway/flags.h"

#include "absl/strings/str_split.h"
#include "services/common/config/config.h"

namespace praxis::gateway {

void AddFlags(config::Config& config, Flags* flags) {
  config.Section("HTTP");
  config.String("cors_origins", &flags->cors_origins,
                "Origins whose web pages may call, with commas between, such "
                "as https://app.example.org. None by default.");
}

void Apply(const Flags& flags, GatewayServer::Options* options) {
  options->cors_origins =
      absl::StrSplit(flags.cors_origins, ',', absl::SkipEmpty());
}

}  // namespace praxis::gateway
