#include "tests/system/suite.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/system/http_client.h"
#include "tests/system/servers.h"
#include "tests/system/waiting.h"

namespace praxis::system {
namespace {

constexpr absl::string_view kGateway = "gateway";

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
  Part(const std::string& name, const std::string& of,
       const std::string& program, const std::string& folder)
      : service(of),
        process(name, absl::StrCat(PRAXIS_BIN, "/", program),
                absl::StrCat(folder, "/", name, ".log")) {}

  // "members", "gateway", or "praxis" for all of them.
  const std::string service;
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
    parts_.push_back(
        std::make_unique<Part>("praxis", "praxis", "praxis", folder_));
    return;
  }
  for (const std::string service : {"members", "discussions", "resources"}) {
    for (int i = 1; i <= options.replicas; ++i) Add(service, i);
  }
  Add("gateway", 1);
}

void Suite::Add(const std::string& service, int replica) {
  auto part = std::make_unique<Part>(
      replica == 1 ? service : absl::StrCat(service, "-", replica), service,
      absl::StrCat("praxis-", service), folder_);
  if (options_.service_metrics && service != kGateway) {
    part->metrics_port = FreePort();
  }
  parts_.push_back(std::move(part));
}

Suite::~Suite() {
  KillAll();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Suite::Start() {
  // The first time each must tell its port before the next can be told of it.
  for (const auto& part : parts_) {
    if (!part->process.running()) part->process.Start(FlagsOf(*part));
    if (part->grpc_port == 0) AwaitServing(*part);
    if (::testing::Test::HasFatalFailure()) return;
  }
  for (const auto& part : parts_) AwaitServing(*part);
  AwaitReady();
}

void Suite::Launch() {
  for (const auto& part : parts_) {
    if (!part->process.running()) part->process.Start(FlagsOf(*part));
  }
}

void Suite::AwaitServing(Part& part) {
  const bool is_all = shape_ == Shape::kOneProcess;
  const std::optional<int> port = part.process.ServingPort("port");
  ASSERT_TRUE(port.has_value());
  if (is_all || part.service == kGateway) {
    http_port_ = *port;
  } else {
    part.grpc_port = *port;
  }
  if (is_all) {
    part.grpc_port = part.process.ServingPort("grpc_port").value_or(0);
  }
}

std::vector<std::string> Suite::FlagsOf(const Part& part) const {
  const std::string& service = part.service;
  std::vector<std::string> flags = {
      absl::StrCat("--drain_grace=",
                   absl::ToInt64Milliseconds(options_.drain_grace), "ms"),
      absl::StrCat("--log_requests=",
                   options_.log_requests ? "all" : "errors")};
  const auto add = [&](absl::string_view flag, absl::string_view value) {
    flags.push_back(absl::StrCat("--", flag, "=", value));
  };
  if (shape_ == Shape::kOneProcess || service == kGateway) {
    add("port", absl::StrCat(http_port_));
    flags.insert(flags.end(), options_.gateway_flags.begin(),
                 options_.gateway_flags.end());
    add("address_rate", absl::StrCat(options_.address_rate));
    flags.insert(flags.end(), options_.http_flags.begin(),
                 options_.http_flags.end());
  }
  if (shape_ == Shape::kOneProcess) {
    add("grpc_port", absl::StrCat(part.grpc_port));
  }
  if (service == kGateway) {
    for (const absl::string_view other :
         {"members", "discussions", "resources"}) {
      add(other, AddressesOf(other));
    }
    add("service_credential",
        absl::StrCat(folder_, "/data/secrets/service_credential"));
    return flags;
  }
  add("data", absl::StrCat(folder_, "/data"));
  add("caller_rate", absl::StrCat(options_.caller_rate));
  add("costly_rate", absl::StrCat(options_.caller_rate));
  if (options_.flags) {
    for (const std::string& flag : options_.flags(service)) {
      flags.push_back(flag);
    }
  }
  if (shape_ == Shape::kOneProcess) return flags;
  add("listen", Local(part.grpc_port));
  if (service != "members") add("members", AddressesOf("members"));
  if (part.metrics_port != 0) add("metrics_listen", Local(part.metrics_port));
  return flags;
}

std::string Suite::AddressesOf(absl::string_view service) const {
  std::vector<std::string> addresses;
  for (const auto& part : parts_) {
    if (part->service == service) {
      addresses.push_back(Local(part->grpc_port));
    }
  }
  return absl::StrJoin(addresses, ",");
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

std::string Suite::GrpcAddressOfPart(absl::string_view part) const {
  return Local(PartOf(part).grpc_port);
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

int Suite::metrics_port(absl::string_view part) const {
  return PartOf(part).metrics_port;
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
