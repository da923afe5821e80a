#include "services/common/testing/postgres.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace praxis::testing {
namespace {

constexpr int kGlanceMs = 20;

// What `command` prints, without its end of line.
std::string Output(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  char buffer[512];
  while (fgets(buffer, sizeof(buffer), pipe) != nullptr) output += buffer;
  EXPECT_EQ(pclose(pipe), 0) << command;
  return std::string(absl::StripSuffix(output, "\n"));
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address = {.sun_family = AF_UNIX};
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

int Connect(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(path);
  EXPECT_EQ(
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
      0);
  return fd;
}

// One read; "" at the end of the stream.
std::string Receive(int fd) {
  std::string bytes(1 << 16, '\0');
  const ssize_t count = read(fd, bytes.data(), bytes.size());
  bytes.resize(count > 0 ? count : 0);
  return bytes;
}

void Send(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(sent);
  }
}

}  // namespace

PostgresServer::PostgresServer() { Start(); }

PostgresServer::~PostgresServer() {
  Output("tests/tools/postgres stop " + folder_.path());
}

void PostgresServer::Crash() {
  Output("tests/tools/postgres crash " + folder_.path());
}

void PostgresServer::Start() {
  conninfo_ = Output("tests/tools/postgres start " + folder_.path());
}

PostgresProxy::PostgresProxy(const std::string& conninfo)
    : conninfo_(absl::StrCat(conninfo, " host=", folder_.path())),
      listener_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  for (const absl::string_view word : absl::StrSplit(conninfo, ' ')) {
    absl::string_view folder = word;
    if (absl::ConsumePrefix(&folder, "host=")) {
      server_path_ = absl::StrCat(folder, "/.s.PGSQL.5432");
    }
  }
  const sockaddr_un address = AddressOf(folder_.path() + "/.s.PGSQL.5432");
  EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)),
            0);
  EXPECT_EQ(listen(listener_, 16), 0);
  accepting_ = std::thread([this] { Accept(); });
}

PostgresProxy::~PostgresProxy() {
  stopping_.store(true);
  accepting_.join();
  for (std::thread& line : lines_) line.join();
  close(listener_);
}

void PostgresProxy::Accept() {
  pollfd waiting = {.fd = listener_, .events = POLLIN};
  while (!stopping_.load()) {
    if (poll(&waiting, 1, kGlanceMs) <= 0) continue;
    const int client = accept(listener_, nullptr, nullptr);
    lines_.emplace_back([this, client] { Forward(client); });
  }
}

void PostgresProxy::Forward(int client) {
  const int server = Connect(server_path_);
  pollfd ends[] = {{.fd = client, .events = POLLIN},
                   {.fd = server, .events = POLLIN}};
  while (!stopping_.load()) {
    if (poll(ends, 2, kGlanceMs) <= 0) continue;
    const bool up = ends[0].revents != 0;
    const std::string bytes = Receive(up ? client : server);
    if (bytes.empty()) break;
    if (up && absl::StrContains(bytes, "COMMIT")) {
      const Cut cut = cut_.exchange(Cut::kNever);
      if (cut == Cut::kBeforeCommit) break;
      if (cut == Cut::kAfterCommit) {
        Send(server, bytes);
        Receive(server);
        break;
      }
    }
    Send(up ? server : client, bytes);
  }
  close(client);
  close(server);
}

}  // namespace praxis::testing
