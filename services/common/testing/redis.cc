#include "services/common/testing/redis.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/testing/eventually.h"

namespace praxis::testing {
namespace {

constexpr int kPortTries = 10;

// Another process may take it before we do.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      bind(fd, any, length) == 0 && getsockname(fd, any, &length) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

std::string TextOf(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return absl::StrCat(reply.integer);
  if (reply.str != nullptr) return std::string(reply.str, reply.len);
  std::string text;
  for (size_t i = 0; i < reply.elements; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : "\n", TextOf(*reply.element[i]));
  }
  return text;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> settings, Kind kind)
    : settings_(std::move(settings)), kind_(kind) {
  for (int i = 0; i < kPortTries; ++i) {
    port_ = FreePort();
    if (Start()) return;
  }
  std::fprintf(stderr, "redis-server does not start\n");
  std::abort();
}

RedisServer::~RedisServer() { Stop(); }

std::string RedisServer::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

redis::Client::Options RedisServer::ClientOptions(
    absl::string_view role, absl::Duration timeout) const {
  return {.server = {.addresses = {address()}, .connect_timeout = timeout},
          .role = std::string(role),
          .timeout = timeout};
}

void RedisServer::Stop() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisServer::Restart() {
  Stop();
  if (Start()) return;
  std::fprintf(stderr, "redis-server does not start again\n");
  std::abort();
}

void RedisServer::Pause() {
  kill(pid_, SIGSTOP);
  // When this returns it has stopped.
  waitpid(pid_, nullptr, WUNTRACED);
}

void RedisServer::Resume() { kill(pid_, SIGCONT); }

bool RedisServer::Start() {
  // A sentinel writes to its configuration and starts with no other.
  const std::string path = folder_.path() + "/redis.conf";
  std::ofstream(path) << "port " << port_ << "\nbind 127.0.0.1\ndir "
                      << folder_.path() << "\n"
                      << (kind_ == Kind::kServer
                              ? "save \"\"\nrepl-diskless-sync-delay 0\n"
                              : "")
                      << absl::StrJoin(settings_, "\n") << "\n";
  const char* const argv[] = {"redis-server", path.c_str(),
                              kind_ == Kind::kSentinel ? "--sentinel" : nullptr,
                              nullptr};
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(null, STDOUT_FILENO);
    execvp(argv[0], const_cast<char* const*>(argv));
    _exit(127);
  }
  close(null);
  // It answers as itself: another server on this port would have another id.
  const std::string ours = absl::StrCat("process_id:", pid_, "\r");
  bool answers = false;
  Eventually([&] {
    if (waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = 0;
    answers = Run({"INFO", "server"}).find(ours) != std::string::npos;
    return pid_ == 0 || answers;
  });
  if (!answers) Stop();
  return answers;
}

std::string RedisServer::Run(const std::vector<std::string>& command) {
  const std::unique_ptr<redisContext, decltype(&redisFree)> context(
      redisConnect("127.0.0.1", port_), redisFree);
  if (context == nullptr || context->err != 0) return "no connection";
  std::vector<const char*> words;
  std::vector<size_t> lengths;
  for (const std::string& word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  void* reply = redisCommandArgv(context.get(), static_cast<int>(words.size()),
                                 words.data(), lengths.data());
  if (reply == nullptr) return "no reply";
  std::string text = TextOf(*static_cast<redisReply*>(reply));
  freeReplyObject(reply);
  return text;
}

}  // namespace praxis::testing
