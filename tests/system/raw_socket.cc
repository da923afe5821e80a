#include "tests/system/raw_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace praxis::system {
namespace {

constexpr absl::string_view kLengthField = "\r\ncontent-length:";

size_t LengthOf(absl::string_view head) {
  const std::string lower = absl::AsciiStrToLower(head);
  const size_t at = lower.find(kLengthField.data());
  if (at == std::string::npos) return 0;
  const size_t begin = at + kLengthField.size();
  size_t length = 0;
  EXPECT_TRUE(absl::SimpleAtoi(
      lower.substr(begin, lower.find("\r\n", begin) - begin), &length));
  return length;
}

}  // namespace

RawSocket::RawSocket(int port, const std::string& from)
    : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval limit = {20, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = inet_addr(from.c_str());
  bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ended_ =
      connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0;
}

RawSocket::~RawSocket() { close(fd_); }

bool RawSocket::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

std::string RawSocket::ReadSome() {
  if (unread_.empty()) Fill();
  return std::exchange(unread_, "");
}

bool RawSocket::Fill() {
  char bytes[64 << 10];
  const ssize_t size = recv(fd_, bytes, sizeof(bytes), 0);
  // A reset ends it too; silence does not.
  if (size == 0 || (size < 0 && errno == ECONNRESET)) ended_ = true;
  if (size <= 0) return false;
  unread_.append(bytes, size);
  return true;
}

std::string RawSocket::ReadAnswer() {
  size_t end;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return "";
  }
  const size_t size = end + 4 + LengthOf(unread_.substr(0, end + 2));
  while (unread_.size() < size && Fill()) {
  }
  std::string answer = unread_.substr(0, size);
  unread_.erase(0, answer.size());
  return answer;
}

std::optional<std::string> RawSocket::ReadToEnd() {
  while (Fill()) {
  }
  if (!ended_) return std::nullopt;
  return std::move(unread_);
}

void RawSocket::ShrinkWindow() {
  const int bytes = 4096;
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

void RawSocket::ShutDown() { shutdown(fd_, SHUT_WR); }

void RawSocket::Reset() {
  const linger at_once = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(fd_);
  fd_ = -1;
}

int StatusOf(absl::string_view answer) {
  int status = 0;
  if (!absl::ConsumePrefix(&answer, "HTTP/1.1 ") ||
      !absl::SimpleAtoi(answer.substr(0, 3), &status)) {
    return 0;
  }
  return status;
}

absl::string_view BodyOf(absl::string_view answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == answer.npos ? absl::string_view() : answer.substr(end + 4);
}

}  // namespace praxis::system
