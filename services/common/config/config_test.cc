#include "services/common/config/config.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/config/telemetry_flags.h"
#include "services/common/config/version.h"

namespace praxis::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

enum class Colour { kRed, kBlue };

struct Options {
  std::string listen = "127.0.0.1:8091";
  std::string backend;
  int port = 8080;
  int workers = 64;
  bool reflection = true;
  std::string data = "./data";
  std::string redis;
  absl::Duration deadline = absl::Seconds(5);
  int64_t upload_bytes_max = int64_t{1} << 30;
  Colour colour = Colour::kBlue;
  std::string password;
};

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    config_.Section("Network");
    config_.Address("listen", &options_.listen, "Address of gRPC.");
    config_.Addresses("backend", &options_.backend, "Where it is.");
    config_.Port("grpc_port", &options_.port, "Port of gRPC.");
    config_.Bool("reflection", &options_.reflection, "Serve reflection.");
    config_.Section("Rest");
    config_.Int("workers", &options_.workers, 1, 1000, "Threads that work.");
    config_.Path("data", &options_.data, "Folder of the data.");
    config_.String("redis", &options_.redis, "URL of Redis.");
    config_.Duration("deadline", &options_.deadline, absl::Milliseconds(1),
                     absl::Hours(1), "Default deadline.");
    config_.Bytes("upload_bytes_max", &options_.upload_bytes_max, 1,
                  int64_t{1} << 40, "Largest upload.");
    config_.Choice<Colour>("colour", &options_.colour,
                           {{"red", Colour::kRed}, {"blue", Colour::kBlue}},
                           "Colour of it.");
    config_.Secret("redis_password", &options_.password,
                   "File with the password of Redis.");
  }

  absl::StatusOr<std::string> Parse(const std::vector<std::string>& arguments) {
    return config_.Parse(arguments, [this](const std::string& name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    });
  }
  // The sentence that `argument` is refused with.
  std::string Refusal(const std::vector<std::string>& arguments) {
    const auto parsed = Parse(arguments);
    EXPECT_FALSE(parsed.ok()) << arguments[0];
    return std::string(parsed.status().message());
  }

  Options options_;
  Config config_{"praxis-test", "Tests."};
  std::map<std::string, std::string> environment_;
};

TEST_F(ConfigTest, KeepsTheDefaultsWhenNothingIsSaid) {
  EXPECT_EQ(Parse({}).value(), "");
  EXPECT_EQ(options_.listen, "127.0.0.1:8091");
  EXPECT_EQ(options_.port, 8080);
  EXPECT_TRUE(options_.reflection);
  EXPECT_EQ(options_.colour, Colour::kBlue);
}

TEST_F(ConfigTest, TakesEveryKindOfFlag) {
  EXPECT_EQ(Parse({"--listen=[::1]:0", "--backend=10.0.0.1:1,10.0.0.2:1",
                   "--grpc_port=0", "--reflection=false", "--workers=1000",
                   "--data=/srv", "--redis=redis://h", "--deadline=100ms",
                   "--upload_bytes_max=2GiB", "--colour=red"})
                .value(),
            "");
  EXPECT_EQ(options_.listen, "[::1]:0");
  EXPECT_EQ(options_.backend, "10.0.0.1:1,10.0.0.2:1");
  EXPECT_EQ(options_.port, 0);
  EXPECT_FALSE(options_.reflection);
  EXPECT_EQ(options_.workers, 1000);
  EXPECT_EQ(options_.data, "/srv");
  EXPECT_EQ(options_.redis, "redis://h");
  EXPECT_EQ(options_.deadline, absl::Milliseconds(100));
  EXPECT_EQ(options_.upload_bytes_max, int64_t{2} << 30);
  EXPECT_EQ(options_.colour, Colour::kRed);
}

TEST_F(ConfigTest, TakesTheWaysAFlagIsWritten) {
  ASSERT_TRUE(Parse({"--grpc-port", "81", "--noreflection"}).ok());
  EXPECT_EQ(options_.port, 81);
  EXPECT_FALSE(options_.reflection);
  ASSERT_TRUE(Parse({"--reflection", "--redis=", "--redis", "--x"}).ok());
  EXPECT_TRUE(options_.reflection);
  EXPECT_EQ(options_.redis, "--x");
  ASSERT_TRUE(Parse({"--grpc_port=1", "--grpc_port=2"}).ok());
  EXPECT_EQ(options_.port, 2) << "the last one counts";
}

TEST_F(ConfigTest, TakesTheEnvironmentUnlessAFlagIsGiven) {
  environment_ = {{"PRAXIS_GRPC_PORT", "81"}, {"PRAXIS_DATA", "/env"}};
  ASSERT_TRUE(Parse({"--data=/flag"}).ok());
  EXPECT_EQ(options_.port, 81);
  EXPECT_EQ(options_.data, "/flag");
}

TEST_F(ConfigTest, DoesNotMindAWrongEnvironmentThatAFlagReplaces) {
  environment_ = {{"PRAXIS_GRPC_PORT", "tcp://10.0.0.1:80"}};
  ASSERT_TRUE(Parse({"--grpc_port=81"}).ok());
  EXPECT_EQ(options_.port, 81);
}

TEST_F(ConfigTest, CountsAnEmptyVariableAsNone) {
  environment_ = {{"PRAXIS_GRPC_PORT", ""}, {"PRAXIS_DATA", ""}};
  ASSERT_TRUE(Parse({}).ok());
  EXPECT_EQ(options_.port, 8080);
  EXPECT_EQ(options_.data, "./data");
}

TEST_F(ConfigTest, SaysWhichSettingIsWrongAndWhatItMustBe) {
  EXPECT_EQ(Refusal({"--grpc_port=65536"}),
            "--grpc_port is \"65536\"; it must be a number from 0 to 65535.");
  EXPECT_EQ(Refusal({"--workers", "many"}),
            "--workers is \"many\"; it must be a number from 1 to 1000.");
  EXPECT_EQ(Refusal({"--reflection=maybe"}),
            "--reflection is \"maybe\"; it must be true or false.");
  EXPECT_EQ(Refusal({"--colour=green"}),
            "--colour is \"green\"; it must be one of red|blue.");
  EXPECT_EQ(Refusal({"--deadline=5"}),
            "--deadline is \"5\"; it must be a duration from 1ms to 1h, such "
            "as 100ms or 1h30m.");
  EXPECT_EQ(Refusal({"--upload_bytes_max=0"}),
            "--upload_bytes_max is \"0\"; it must be a size from 1 to 1TiB, "
            "such as 64MiB.");
  EXPECT_EQ(Refusal({"--listen=here"}),
            "--listen is \"here\"; it must be an address such as "
            "127.0.0.1:8080 or [::]:8080.");
  EXPECT_EQ(Refusal({"--backend=a:1,b:1"}),
            "--backend is \"a:1,b:1\"; it must be an address such as "
            "members:8091, or several of IPv4 such as "
            "10.0.0.1:8091,10.0.0.2:8091.");
  EXPECT_EQ(Refusal({"--data="}), "--data is \"\"; it must be a path.");
  environment_ = {{"PRAXIS_WORKERS", "0"}};
  EXPECT_EQ(Refusal({"--nothing=x", "--workers=1"}),
            "there is no flag --nothing; --help lists those there are.");
  EXPECT_EQ(Refusal({"--colour=red"}),
            "PRAXIS_WORKERS in the environment is \"0\"; it must be a number "
            "from 1 to 1000.");
}

TEST_F(ConfigTest, CoversPasswordsInItsComplaints) {
  EXPECT_EQ(Refusal({"--workers=redis://user:canary@host"}),
            "--workers is \"redis://user:***@host\"; it must be a number from "
            "1 to 1000.");
  environment_ = {{"PRAXIS_WORKERS", "password=canary"}};
  EXPECT_EQ(Refusal({"--colour=red"}),
            "PRAXIS_WORKERS in the environment is \"password=***\"; it must be "
            "a number from 1 to 1000.");
}

TEST_F(ConfigTest, TakesTheBoundsThemselvesAndNothingBeyond) {
  for (const char* inside :
       {"--workers=1", "--workers=1000", "--grpc_port=0", "--grpc_port=65535",
        "--deadline=1ms", "--deadline=1h", "--upload_bytes_max=1",
        "--upload_bytes_max=1TiB"}) {
    EXPECT_TRUE(Parse({inside}).ok()) << inside;
  }
  for (const char* outside :
       {"--workers=0", "--workers=1001", "--workers=-1", "--workers=1.5",
        "--workers=99999999999", "--workers= ", "--workers=", "--grpc_port=-1",
        "--grpc_port=65536", "--deadline=0", "--deadline=1h1ns",
        "--deadline=-1s", "--deadline=inf", "--upload_bytes_max=0",
        "--upload_bytes_max=2TiB",
        "--upload_bytes_max=", "--colour=", "--colour=Red", "--reflection="}) {
    EXPECT_FALSE(Parse({outside}).ok()) << outside;
  }
}

TEST_F(ConfigTest, TakesEveryKindFromTheEnvironment) {
  environment_ = {
      {"PRAXIS_LISTEN", ":1"},   {"PRAXIS_REFLECTION", "off"},
      {"PRAXIS_DEADLINE", "7s"}, {"PRAXIS_UPLOAD_BYTES_MAX", "5MiB"},
      {"PRAXIS_COLOUR", "red"},  {"PRAXIS_UNKNOWN", "is left to others"}};
  ASSERT_TRUE(Parse({}).ok());
  EXPECT_EQ(options_.listen, ":1");
  EXPECT_FALSE(options_.reflection);
  EXPECT_EQ(options_.deadline, absl::Seconds(7));
  EXPECT_EQ(options_.upload_bytes_max, 5 << 20);
  EXPECT_EQ(options_.colour, Colour::kRed);
}

TEST_F(ConfigTest, PrintsWhatFlagsAndEnvironmentMadeOfIt) {
  environment_ = {{"PRAXIS_COLOUR", "red"}};
  const std::string printed =
      Parse({"--deadline=90s", "--print-config", "--noreflection"}).value();
  EXPECT_THAT(printed, AllOf(HasSubstr("\"colour\": \"red\""),
                             HasSubstr("\"deadline\": \"1m30s\""),
                             HasSubstr("\"reflection\": false")));
}

TEST_F(ConfigTest, DoesNotPrintAWrongConfiguration) {
  EXPECT_FALSE(Parse({"--print_config", "--workers=0"}).ok());
}

TEST_F(ConfigTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Refusal({"--grpc_prot=1"}),
            "there is no flag --grpc_prot; did you mean --grpc_port.");
  EXPECT_EQ(Refusal({"--noworkers"}),
            "there is no flag --noworkers; did you mean --workers.");
  EXPECT_EQ(Refusal({"--noreflection=true"}),
            "there is no flag --noreflection; did you mean --reflection.");
  EXPECT_EQ(Refusal({"serve"}),
            "\"serve\" is no flag; settings are written --name=value.");
  EXPECT_EQ(Refusal({"-p"}),
            "\"-p\" is no flag; settings are written --name=value.");
  EXPECT_EQ(Refusal({"--"}),
            "\"--\" is no flag; settings are written --name=value.");
  EXPECT_EQ(Refusal({"--workers"}),
            "--workers needs a value: --workers=NUMBER.");
}

TEST_F(ConfigTest, PrintsEverySettingAsJson) {
  EXPECT_EQ(Parse({"--print_config", "--grpc_port=81"}).value(),
            "{\n"
            "  \"listen\": \"127.0.0.1:8091\",\n"
            "  \"backend\": \"\",\n"
            "  \"grpc_port\": 81,\n"
            "  \"reflection\": true,\n"
            "  \"workers\": 64,\n"
            "  \"data\": \"./data\",\n"
            "  \"redis\": \"\",\n"
            "  \"deadline\": \"5s\",\n"
            "  \"upload_bytes_max\": \"1GiB\",\n"
            "  \"colour\": \"blue\",\n"
            "  \"redis_password\": \"\"\n"
            "}\n");
}

TEST_F(ConfigTest, ReadsASecretFromItsFileAndShowsItNowhere) {
  std::string path = ::testing::TempDir() + "secret.XXXXXX";
  close(mkstemp(path.data()));
  std::ofstream(path) << "canary with spaces \n";
  environment_ = {{"PRAXIS_REDIS_PASSWORD", "of the environment"}};
  const auto printed = Parse({"--redis_password_file=" + path, "--print_config",
                              "--redis=redis://user:canary@host"});
  EXPECT_EQ(options_.password, "canary with spaces ");
  EXPECT_THAT(printed.value(), AllOf(HasSubstr(R"("redis_password": "***")"),
                                     HasSubstr("redis://user:***@host"),
                                     Not(HasSubstr("canary"))));
  EXPECT_THAT(config_.Help(), Not(HasSubstr("canary")));
  std::filesystem::remove(path);
}

TEST_F(ConfigTest, ReadsASecretFromTheEnvironment) {
  environment_ = {{"PRAXIS_REDIS_PASSWORD", "canary"}};
  ASSERT_TRUE(Parse({}).ok());
  EXPECT_EQ(options_.password, "canary");
}

TEST_F(ConfigTest, RefusesASecretOnTheCommandLineAndOneThatIsNotThere) {
  EXPECT_EQ(Refusal({"--redis_password=canary"}),
            "there is no flag --redis_password; --help lists those there are.");
  EXPECT_EQ(Refusal({"--redis_password_file=/no/such/file"}),
            "--redis_password_file is \"/no/such/file\"; it must be the path "
            "of a file that can be read and is not empty.");
}

TEST_F(ConfigTest, HelpsWithEveryFlagItsDefaultAndItsSection) {
  const std::string help = Parse({"--workers=x", "--help"}).value();
  EXPECT_THAT(help, StartsWith("praxis-test " + std::string(Version()) +
                               "\n\nTests.\n\nUsage: praxis-test "));
  EXPECT_THAT(help, HasSubstr("\nNetwork\n"
                              "  --listen=HOST:PORT  (default 127.0.0.1:8091)\n"
                              "      Address of gRPC.\n"
                              "  --backend=HOST:PORT[,...]\n"
                              "      Where it is.\n"
                              "  --grpc_port=PORT  (default 8080)\n"
                              "      Port of gRPC.\n"));
  EXPECT_THAT(help, HasSubstr("\nRest\n  --workers=NUMBER  (default 64)\n"));
  EXPECT_THAT(help, HasSubstr("  --colour=red|blue  (default blue)\n"));
  EXPECT_THAT(help, HasSubstr("PRAXIS_REDIS_PASSWORD"));
}

TEST_F(ConfigTest, WrapsLongHelp) {
  std::string words = "word";
  for (int i = 0; i < 40; ++i) words += " word";
  std::string target;
  config_.String("long", &target, words);
  const std::string help = config_.Help();
  size_t begin = 0;
  for (size_t end; (end = help.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    EXPECT_LE(end - begin, 78u) << help.substr(begin, end - begin);
  }
}

TEST_F(ConfigTest, TellsItsVersion) {
  EXPECT_THAT(Parse({"--version"}).value(),
              MatchesRegex("praxis-test [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

using ConfigDeathTest = ConfigTest;

TEST_F(ConfigDeathTest, EndsMainWithASentence) {
  std::string program = "praxis-test";
  std::string flag = "--prot=1";
  char* argv[] = {program.data(), flag.data(), nullptr};
  EXPECT_EXIT(config_.ParseOrExit(2, argv), ::testing::ExitedWithCode(2),
              "praxis-test: there is no flag --prot");
}

TEST_F(ConfigDeathTest, EndsMainAfterHelp) {
  std::string program = "praxis-test";
  std::string flag = "--help";
  char* argv[] = {program.data(), flag.data(), nullptr};
  EXPECT_EXIT(config_.ParseOrExit(2, argv), ::testing::ExitedWithCode(0), "");
}

TEST(TelemetryFlagsTest, SetWhatIsLogged) {
  TelemetryOptions options;
  Config config("praxis-test", "Tests.");
  AddTelemetryFlags(config, &options);
  ASSERT_TRUE(
      config
          .Parse({"--log_level=error", "--log_requests=all", "--log_slow=20ms"},
                 [](const std::string&) { return nullptr; })
          .ok());
  EXPECT_EQ(options.log_level, telemetry::Severity::kError);
  EXPECT_EQ(options.access_log.mode, telemetry::AccessLog::Mode::kAll);
  EXPECT_EQ(options.access_log.slow, absl::Milliseconds(20));
  EXPECT_THAT(config.Help(), HasSubstr("--log_requests=all|errors|none"));
}

// What OTEL_* variables make of the options, or the sentence that refuses them.
class TraceVariablesTest : public ::testing::Test {
 protected:
  std::string Parse(std::map<std::string, std::string> environment) {
    options_ = TelemetryOptions();
    config_ = std::make_unique<Config>("praxis-test", "Tests.");
    AddTelemetryFlags(*config_, &options_);
    const auto parsed = config_->Parse({}, [&](const std::string& name) {
      const auto found = environment.find(name);
      return found == environment.end() ? nullptr : found->second.c_str();
    });
    return std::string(parsed.status().message());
  }

  TelemetryOptions options_;
  const telemetry::TraceOptions& traces_ = options_.traces;
  std::unique_ptr<Config> config_;
};

TEST_F(TraceVariablesTest, SendNothingByDefault) {
  EXPECT_EQ(Parse({}), "");
  EXPECT_EQ(traces_.endpoint, "");
  EXPECT_TRUE(traces_.parent_based);
  EXPECT_EQ(traces_.ratio, 1);
  EXPECT_EQ(traces_.resource[0], std::make_pair(std::string("service.name"),
                                                std::string("praxis-test")));
}

TEST_F(TraceVariablesTest, SayWhereSpansGo) {
  EXPECT_EQ(Parse({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/"}}), "");
  EXPECT_EQ(traces_.endpoint, "http://c:4318/v1/traces");
  EXPECT_EQ(Parse({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                   {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://t/in"}}),
            "");
  EXPECT_EQ(traces_.endpoint, "https://t/in");
  for (const auto& off : {std::make_pair("OTEL_SDK_DISABLED", "TRUE"),
                          std::make_pair("OTEL_TRACES_EXPORTER", "none")}) {
    EXPECT_EQ(Parse({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}, off}),
              "");
    EXPECT_EQ(traces_.endpoint, "") << off.first;
  }
}

TEST_F(TraceVariablesTest, SayHowAndHowMuch) {
  EXPECT_EQ(Parse({{"OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=lean, k=a%20b"},
                   {"OTEL_EXPORTER_OTLP_TIMEOUT", "1500"},
                   {"OTEL_BSP_SCHEDULE_DELAY", "100"},
                   {"OTEL_BSP_MAX_QUEUE_SIZE", "7"},
                   {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "3"}}),
            "");
  ASSERT_EQ(traces_.headers.size(), 2);
  EXPECT_EQ(traces_.headers[0].second, "lean");
  EXPECT_EQ(traces_.headers[1].second, "a b");
  EXPECT_EQ(traces_.timeout, absl::Milliseconds(1500));
  EXPECT_EQ(traces_.delay, absl::Milliseconds(100));
  EXPECT_EQ(traces_.queue_max, 7);
  EXPECT_EQ(traces_.batch_max, 3);
  // A header often holds a key.
  EXPECT_THAT(config_->Json(), Not(HasSubstr("lean")));
}

TEST_F(TraceVariablesTest, SayWhoSpeaks) {
  EXPECT_EQ(Parse({{"OTEL_RESOURCE_ATTRIBUTES",
                    "service.name=other,deployment.environment=prod"},
                   {"OTEL_SERVICE_NAME", "front"}}),
            "");
  std::map<std::string, std::string> resource(traces_.resource.begin(),
                                              traces_.resource.end());
  EXPECT_EQ(resource["service.name"], "front");
  EXPECT_EQ(resource["deployment.environment"], "prod");
}

TEST_F(TraceVariablesTest, SayWhichTracesAreRecorded) {
  EXPECT_EQ(Parse({{"OTEL_TRACES_SAMPLER", "traceidratio"},
                   {"OTEL_TRACES_SAMPLER_ARG", "0.1"}}),
            "");
  EXPECT_FALSE(traces_.parent_based);
  EXPECT_EQ(traces_.ratio, 0.1);
  EXPECT_EQ(Parse({{"OTEL_TRACES_SAMPLER", "parentbased_always_off"},
                   {"OTEL_TRACES_SAMPLER_ARG", "0.1"}}),
            "");
  EXPECT_TRUE(traces_.parent_based);
  EXPECT_EQ(traces_.ratio, 0);
}

TEST_F(TraceVariablesTest, AreRefusedWhenTheyCannotBeMeant) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{
           {"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"},
           {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
           {"OTEL_EXPORTER_OTLP_HEADERS", "no pair"},
           {"OTEL_EXPORTER_OTLP_HEADERS", "a=b%0d%0ac: d"},
           {"OTEL_TRACES_SAMPLER", "sometimes"},
           {"OTEL_TRACES_SAMPLER_ARG", "1.5"},
           {"OTEL_BSP_MAX_QUEUE_SIZE", "0"}}) {
    EXPECT_THAT(Parse({{name, value}}),
                HasSubstr(name + " in the environment is"))
        << value;
  }
}

TEST_F(TraceVariablesTest, AreNoFlags) {
  EXPECT_EQ(Parse({}), "");
  EXPECT_FALSE(config_
                   ->Parse({"--OTEL_SERVICE_NAME=x"},
                           [](const auto&) { return nullptr; })
                   .ok());
  EXPECT_THAT(config_->Help(), HasSubstr("  OTEL_SERVICE_NAME=NAME"));
}

}  // namespace
}  // namespace praxis::config
