#include "tests/system/servers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/system/waiting.h"

namespace praxis::system {
namespace {

constexpr char kPostgres[] = "tests/tools/postgres";
constexpr char kRedis[] = "/usr/bin/redis-server";

// As one word for the shell.
std::string Quoted(const std::string& word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// What it writes, and whether it ended well.
std::pair<std::string, bool> Run(const std::string& command) {
  std::string output;
  FILE* const pipe = popen(command.c_str(), "re");
  if (pipe == nullptr) return {output, false};
  char buffer[4096];
  while (const size_t size = fread(buffer, 1, sizeof(buffer), pipe)) {
    output.append(buffer, size);
  }
  const bool ok = pclose(pipe) == 0;
  absl::StripTrailingAsciiWhitespace(&output);
  return {output, ok};
}

}  // namespace

std::string OutputOf(const std::string& command) {
  const auto [output, ok] = Run(command);
  EXPECT_TRUE(ok) << command << "\n" << output;
  return output;
}

PostgresServer::PostgresServer(std::string folder)
    : folder_(std::move(folder)) {
  Start();
}

PostgresServer::~PostgresServer() {
  OutputOf(absl::StrCat(kPostgres, " stop ", folder_));
}

void PostgresServer::Start() {
  conninfo_ = OutputOf(absl::StrCat(kPostgres, " start ", folder_));
  // One that recovers is there and takes nobody.
  EXPECT_TRUE(Eventually([&] {
    return Run(absl::StrCat("pg_isready -q -d ", Quoted(conninfo_))).second;
  }));
}

void PostgresServer::Crash() {
  OutputOf(absl::StrCat(kPostgres, " crash ", folder_));
}

void PostgresServer::MakeDatabase(const std::string& name) {
  Query("postgres", absl::StrCat("CREATE DATABASE ", name));
}

std::string PostgresServer::ConninfoOf(const std::string& database) const {
  return absl::StrReplaceAll(
      conninfo_, {{"dbname=postgres", absl::StrCat("dbname=", database)}});
}

std::string PostgresServer::Query(const std::string& database,
                                  const std::string& sql) const {
  return OutputOf(absl::StrCat("psql -XAtq -v ON_ERROR_STOP=1 ",
                               Quoted(ConninfoOf(database)), " -c ",
                               Quoted(sql), " 2>&1"));
}

void PostgresServer::KillBackend() {
  const std::string found = Query(
      "postgres",
      "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'praxis%' "
      "ORDER BY backend_start DESC LIMIT 1");
  int pid = 0;
  if (absl::SimpleAtoi(found, &pid)) kill(pid, SIGKILL);
}

RedisServer::RedisServer(const std::string& folder,
                         std::vector<std::string> flags)
    : port_(FreePort()),
      flags_(std::move(flags)),
      process_("redis", kRedis, absl::StrCat(folder, "/redis.log")) {
  Start();
}

std::string RedisServer::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

std::string RedisServer::Command(const std::string& words) const {
  return Run(absl::StrCat("redis-cli -p ", port_, " ", words, " 2>/dev/null"))
      .first;
}

void RedisServer::Start() {
  std::vector<std::string> flags = {"--port", absl::StrCat(port_),
                                    "--bind", "127.0.0.1",
                                    "--save", "",
                                    "--dir",  "/tmp"};
  flags.insert(flags.end(), flags_.begin(), flags_.end());
  process_.Start(flags);
  EXPECT_TRUE(Eventually([&] { return Command("PING") == "PONG"; }))
      << "no Redis on port " << port_;
}

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

}  // namespace praxis::system
