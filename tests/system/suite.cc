#include "tests/system/suite.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/system/http_client.h"
#include "tests/system/waiting.h"

namespace praxis::system {
namespace {

constexpr absl::string_view kGateway = "gateway";

// A port that nobody listens on at the moment, for a program that cannot tell
// which one it was given.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  EXPECT_TRUE(bind(fd, any, size) == 0 && getsockname(fd, any, &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

std::string Local(int port) { return absl::StrCat("127.0.0.1:", port); }

// "members" of "praxis.members.v1.MemberService" and of "services/members".
std::string PartNameOf(absl::string_view service_or_source) {
  const std::vector<std::string> words =
      absl::StrSplit(service_or_source, absl::ByAnyChar("./"));
  return words.size() > 1 ? words[1] : words[0];
}

}  // namespace

// A program of the suite and where it listens; 0 before its first start.
struct Suite::Part {
  Part(const std::string& name, const std::string& program,
       const std::string& folder)
      : process(name, absl::StrCat(PRAXIS_BIN, "/", program),
                absl::StrCat(folder, "/", name, ".log")) {}

  Process process;
  int grpc_port = 0;
  int metrics_port = 0;
};

std::string ShapeName(Shape shape) {
  return shape == Shape::kOneProcess ? "OneProcess" : "FourProcesses";
}

Suite::Suite(Shape shape, const Options& options)
    : shape_(shape), options_(options) {
  std::string path =
      (std::filesystem::temp_directory_path() / "praxis-system-XXXXXX")
          .string();
  folder_ = mkdtemp(path.data());
  if (shape == Shape::kOneProcess) {
    parts_.push_back(std::make_unique<Part>("praxis", "praxis", folder_));
    return;
  }
  for (const std::string name :
       {"members", "discussions", "resources", "gateway"}) {
    parts_.push_back(
        std::make_unique<Part>(name, absl::StrCat("praxis-", name), folder_));
  }
}

Suite::~Suite() {
  KillAll();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Suite::Start() {
  for (const auto& part : parts_) {
    if (!part->process.running()) StartPart(*part);
    if (::testing::Test::HasFatalFailure()) return;
  }
  AwaitReady();
}

void Suite::StartPart(Part& part) {
  const bool is_gateway = part.process.name() == kGateway;
  const bool is_all = shape_ == Shape::kOneProcess;
  if (options_.service_metrics && !is_gateway && !is_all &&
      part.metrics_port == 0) {
    part.metrics_port = FreePort();
  }
  part.process.Start(FlagsOf(part));
  const std::optional<int> port = part.process.ServingPort("port");
  ASSERT_TRUE(port.has_value());
  if (is_gateway || is_all) {
    http_port_ = *port;
  } else {
    part.grpc_port = *port;
  }
  if (is_all) {
    part.grpc_port = part.process.ServingPort("grpc_port").value_or(0);
  }
}

std::vector<std::string> Suite::FlagsOf(const Part& part) const {
  const std::string& name = part.process.name();
  std::vector<std::string> flags = {
      absl::StrCat("--drain_grace=",
                   absl::ToInt64Milliseconds(options_.drain_grace), "ms"),
      absl::StrCat("--log_requests=",
                   options_.log_requests ? "all" : "errors")};
  const auto add = [&](absl::string_view flag, absl::string_view value) {
    flags.push_back(absl::StrCat("--", flag, "=", value));
  };
  if (shape_ == Shape::kOneProcess || name == kGateway) {
    add("port", absl::StrCat(http_port_));
  }
  if (shape_ == Shape::kOneProcess) {
    add("grpc_port", absl::StrCat(part.grpc_port));
  }
  if (name == kGateway) {
    for (const absl::string_view other :
         {"members", "discussions", "resources"}) {
      add(other, Local(PartOf(other).grpc_port));
    }
    return flags;
  }
  add("data", absl::StrCat(folder_, "/data"));
  if (shape_ == Shape::kOneProcess) return flags;
  add("listen", Local(part.grpc_port));
  if (name != "members") add("members", Local(PartOf("members").grpc_port));
  if (part.metrics_port != 0) add("metrics_listen", Local(part.metrics_port));
  return flags;
}

void Suite::AwaitReady() const {
  const HttpClient client(http_port_);
  std::string seen;
  const bool ready = Eventually([&] {
    const HttpResponse readyz = client.Get("/readyz");
    const HttpResponse healthz = client.Get("/healthz");
    seen = absl::StrCat("readyz ", readyz.status, " ", readyz.body,
                        ", healthz ", healthz.status, " ", healthz.body);
    return readyz.status == 200 && healthz.status == 200 &&
           healthz.body == "ok";
  });
  ASSERT_TRUE(ready) << seen << "\n"
                     << client.Get("/healthz?verbose").body << Logs();
}

void Suite::KillAll() {
  // All get it before any is waited for: none sees another gone.
  for (const auto& part : parts_) part->process.Signal(SIGKILL);
  for (const auto& part : parts_) part->process.Kill();
}

std::vector<Process*> Suite::processes() const {
  std::vector<Process*> all;
  for (const auto& part : parts_) all.push_back(&part->process);
  return all;
}

const Suite::Part& Suite::PartOf(absl::string_view name) const {
  for (const auto& part : parts_) {
    if (part->process.name() == name) return *part;
  }
  return *parts_.front();
}

Process& Suite::process(absl::string_view part) const {
  return const_cast<Part&>(PartOf(part)).process;
}

std::string Suite::GrpcAddressOf(absl::string_view service_or_source) const {
  return Local(PartOf(PartNameOf(service_or_source)).grpc_port);
}

std::vector<std::string> Suite::grpc_addresses() const {
  std::vector<std::string> addresses;
  for (const auto& part : parts_) {
    if (part->grpc_port != 0) addresses.push_back(Local(part->grpc_port));
  }
  return addresses;
}

std::vector<int> Suite::metrics_ports() const {
  std::vector<int> ports = {http_port_};
  for (const auto& part : parts_) {
    if (part->metrics_port != 0) ports.push_back(part->metrics_port);
  }
  return ports;
}

std::string Suite::Secret(absl::string_view file) const {
  std::string secret = ReadFile(absl::StrCat(folder_, "/data/secrets/", file));
  absl::StripTrailingAsciiWhitespace(&secret);
  return secret;
}

std::string Suite::Logs() const {
  std::string logs;
  for (const auto& part : parts_) {
    absl::StrAppend(&logs, "--- ", part->process.name(), "\n",
                    part->process.Log());
  }
  return logs;
}

}  // namespace praxis::system
