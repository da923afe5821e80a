#include "services/common/config/trace_variables.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/common/config/values.h"
#include "services/common/config/version.h"
#include "services/common/status/status.h"

namespace praxis::config {
namespace {

using telemetry::Pairs;
using telemetry::TraceOptions;

absl::Status MustBe(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

std::string PercentDecoded(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2])) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// "name=value,name=value", the values percent-encoded (W3C Baggage).
absl::StatusOr<Pairs> ParsePairs(absl::string_view text) {
  Pairs pairs;
  for (const absl::string_view part :
       absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(pair.first);
    const std::string value =
        PercentDecoded(absl::StripAsciiWhitespace(pair.second));
    if (name.empty() || !absl::StrContains(part, '=') ||
        value.find_first_of("\r\n") != std::string::npos) {
      return MustBe("pairs such as name=value,name=value");
    }
    pairs.emplace_back(name, value);
  }
  return pairs;
}

void Set(Pairs* pairs, absl::string_view name, absl::string_view value) {
  for (auto& [known, held] : *pairs) {
    if (known == name) {
      held = std::string(value);
      return;
    }
  }
  pairs->emplace_back(name, value);
}

std::string Joined(const Pairs& pairs) {
  return absl::StrJoin(pairs, ",", absl::PairFormatter("="));
}

bool IsUrl(absl::string_view text) {
  return absl::StartsWith(text, "http://") ||
         absl::StartsWith(text, "https://");
}

// Of the endpoint for all signals the path of this one is a part.
void AddEndpoint(Config& config, TraceOptions* options) {
  const auto show = [=] { return MaskPasswords(options->endpoint); };
  const auto must_be = "a URL such as http://collector:4318";
  config.Variable(
      "OTEL_EXPORTER_OTLP_ENDPOINT", "URL",
      [=](absl::string_view text) {
        if (!IsUrl(text)) return MustBe(must_be);
        options->endpoint =
            absl::StrCat(absl::StripSuffix(text, "/"), "/v1/traces");
        return absl::OkStatus();
      },
      show, "Collector that gets spans, without /v1/traces; none: no spans.");
  config.Variable(
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "URL",
      [=](absl::string_view text) {
        if (!IsUrl(text)) return MustBe(must_be);
        options->endpoint = std::string(text);
        return absl::OkStatus();
      },
      show, "The same, as the whole URL.");
}

void AddConnection(Config& config, TraceOptions* options) {
  for (const absl::string_view signal : {"", "TRACES_"}) {
    const auto name = [&](absl::string_view what) {
      return absl::StrCat("OTEL_EXPORTER_OTLP_", signal, what);
    };
    const absl::string_view same = " That of traces goes first.";
    config.Variable(
        name("PROTOCOL"), "http/json",
        [](absl::string_view text) {
          return text == "http/json" ? absl::OkStatus()
                                     : MustBe("http/json, which we speak");
        },
        [] { return std::string("http/json"); },
        absl::StrCat("How spans are sent.", same));
    config.Variable(
        name("HEADERS"), "NAME=VALUE,...",
        [=](absl::string_view text) -> absl::Status {
          ASSIGN_OR_RETURN(options->headers, ParsePairs(text));
          return absl::OkStatus();
        },
        [=]() -> std::string { return options->headers.empty() ? "" : "***"; },
        absl::StrCat("Header fields sent along.", same));
    config.Variable(
        name("TIMEOUT"), "MILLISECONDS",
        [=](absl::string_view text) {
          int ms;
          if (!absl::SimpleAtoi(text, &ms) || ms < 1) {
            return MustBe("a number of milliseconds");
          }
          options->timeout = absl::Milliseconds(ms);
          return absl::OkStatus();
        },
        [=] {
          return absl::StrCat(absl::ToInt64Milliseconds(options->timeout));
        },
        absl::StrCat("How long sending may take.", same));
    config.Variable(
        name("CERTIFICATE"), "PATH",
        [=](absl::string_view text) {
          options->certificate = std::string(text);
          return absl::OkStatus();
        },
        [=] { return options->certificate; },
        absl::StrCat("File of the certificates that an https collector is "
                     "known by.",
                     same));
  }
}

void AddResource(Config& config, TraceOptions* options) {
  const auto show = [=] { return Joined(options->resource); };
  config.Variable(
      "OTEL_RESOURCE_ATTRIBUTES", "NAME=VALUE,...",
      [=](absl::string_view text) -> absl::Status {
        ASSIGN_OR_RETURN(const Pairs pairs, ParsePairs(text));
        for (const auto& [name, value] : pairs) {
          Set(&options->resource, name, value);
        }
        return absl::OkStatus();
      },
      show, "What is said of the process with its spans.");
  config.Variable(
      "OTEL_SERVICE_NAME", "NAME",
      [=](absl::string_view text) {
        Set(&options->resource, "service.name", text);
        return absl::OkStatus();
      },
      show, "Its service.name; by default the program's name.");
}

void AddSampler(Config& config, TraceOptions* options) {
  struct Sampler {
    const char* name;
    bool parent_based;
    double ratio;
  };
  static constexpr Sampler kSamplers[] = {
      {"always_on", false, 1},
      {"always_off", false, 0},
      {"traceidratio", false, 1},
      {"parentbased_always_on", true, 1},
      {"parentbased_always_off", true, 0},
      {"parentbased_traceidratio", true, 1}};
  auto chosen = std::make_shared<std::string>("parentbased_always_on");
  config.Variable(
      "OTEL_TRACES_SAMPLER", "NAME",
      [=](absl::string_view text) {
        for (const Sampler& sampler : kSamplers) {
          if (text != sampler.name) continue;
          *chosen = sampler.name;
          options->parent_based = sampler.parent_based;
          options->ratio = sampler.ratio;
          return absl::OkStatus();
        }
        return MustBe(
            "always_on, always_off, traceidratio, or one of them after "
            "parentbased_");
      },
      [=] { return *chosen; },
      "Which traces are recorded: those that callers record and all that begin "
      "here, unless it says otherwise.");
  config.Variable(
      "OTEL_TRACES_SAMPLER_ARG", "RATIO",
      [=](absl::string_view text) {
        double ratio;
        if (!absl::SimpleAtod(text, &ratio) || !(ratio >= 0 && ratio <= 1)) {
          return MustBe("a number from 0 to 1");
        }
        if (absl::EndsWith(*chosen, "traceidratio")) options->ratio = ratio;
        return absl::OkStatus();
      },
      [=] { return absl::StrCat(options->ratio); },
      "For traceidratio: the share of the traces.");
}

void AddBatches(Config& config, TraceOptions* options) {
  const auto number = [&](absl::string_view name, int least,
                          std::function<void(int)> set,
                          std::function<std::string()> show,
                          absl::string_view help) {
    config.Variable(
        name, "NUMBER",
        [=](absl::string_view text) {
          int value;
          if (!absl::SimpleAtoi(text, &value) || value < least ||
              value > 1'000'000) {
            return MustBe(absl::StrCat("a number from ", least, " to 1000000"));
          }
          set(value);
          return absl::OkStatus();
        },
        std::move(show), help);
  };
  number(
      "OTEL_BSP_SCHEDULE_DELAY", 0,
      [=](int ms) { options->delay = absl::Milliseconds(ms); },
      [=] { return absl::StrCat(absl::ToInt64Milliseconds(options->delay)); },
      "Milliseconds that spans wait for others to go with.");
  number(
      "OTEL_BSP_MAX_QUEUE_SIZE", 1,
      [=](int count) { options->queue_max = count; },
      [=] { return absl::StrCat(options->queue_max); },
      "Spans that may wait; one more is dropped.");
  number(
      "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1,
      [=](int count) { options->batch_max = count; },
      [=] { return absl::StrCat(options->batch_max); },
      "Spans that are sent at once.");
}

// After the endpoint, which they take away.
void AddSwitches(Config& config, TraceOptions* options) {
  const auto is_off = [=] { return options->endpoint.empty(); };
  config.Variable(
      "OTEL_TRACES_EXPORTER", "otlp|none",
      [=](absl::string_view text) {
        if (text == "none") options->endpoint.clear();
        return text == "none" || text == "otlp" ? absl::OkStatus()
                                                : MustBe("otlp or none");
      },
      [=]() -> std::string { return is_off() ? "none" : "otlp"; },
      "none: no spans.");
  config.Variable(
      "OTEL_SDK_DISABLED", "true|false",
      [=](absl::string_view text) {
        // The specification: whatever is not "true" is false.
        if (absl::EqualsIgnoreCase(text, "true")) options->endpoint.clear();
        return absl::OkStatus();
      },
      [=]() -> std::string { return is_off() ? "true" : "false"; },
      "true: no spans.");
}

}  // namespace

void AddTraceVariables(Config& config, TraceOptions* options) {
  config.Section("Traces");
  options->resource = {{"service.name", config.program()},
                       {"service.version", std::string(Version())}};
  AddEndpoint(config, options);
  AddConnection(config, options);
  AddResource(config, options);
  AddSampler(config, options);
  AddBatches(config, options);
  AddSwitches(config, options);
}

}  // namespace praxis::config
