#include "gateway/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace praxis::testing {

RawClient::RawClient(int port) {
  fd_ = socket(AF_INET, SOCK_STREAM, 0);
  const timeval limit = {20, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    Close();
  }
}

RawClient::~RawClient() { Close(); }

bool RawClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(n);
  }
  return true;
}

bool RawClient::Fill() {
  char bytes[64 * 1024];
  const ssize_t n = recv(fd_, bytes, sizeof(bytes), 0);
  if (n <= 0) return false;
  unread_.append(bytes, n);
  return true;
}

std::optional<std::string> RawClient::TakeUntil(absl::string_view mark) {
  size_t at;
  while ((at = unread_.find(std::string(mark))) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  std::string taken = unread_.substr(0, at);
  unread_.erase(0, at + mark.size());
  return taken;
}

bool RawClient::TakeBody(size_t size, std::string* body) {
  while (unread_.size() < size && Fill()) {
  }
  const size_t n = std::min(size, unread_.size());
  body->append(unread_, 0, n);
  unread_.erase(0, n);
  return n == size;
}

bool RawClient::TakeChunks(std::string* body) {
  for (;;) {
    const auto line = TakeUntil("\r\n");
    if (!line.has_value()) return false;
    const size_t size = std::strtoull(line->c_str(), nullptr, 16);
    if (!TakeBody(size, body) || !TakeUntil("\r\n").has_value()) return false;
    if (size == 0) return true;
  }
}

RawAnswer RawClient::Receive(bool to_head) {
  RawAnswer answer;
  const auto head = TakeUntil("\r\n\r\n");
  if (!head.has_value()) return answer;
  answer.head = *head;
  const std::vector<std::string> lines = absl::StrSplit(*head, "\r\n");
  if (!absl::StartsWith(lines[0], "HTTP/1.1 ") ||
      !absl::SimpleAtoi(lines[0].substr(9, 3), &answer.status)) {
    return answer;
  }
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(lines[i], absl::MaxSplits(':', 1));
    std::string& value = answer.fields[absl::AsciiStrToLower(parts.first)];
    absl::StrAppend(&value, value.empty() ? "" : ", ",
                    absl::StripAsciiWhitespace(parts.second));
  }
  size_t length = 0;
  if (to_head || answer.status < 200 || answer.status == 204 ||
      answer.status == 304) {
    answer.complete = true;
  } else if (answer["transfer-encoding"] == "chunked") {
    answer.complete = TakeChunks(&answer.body);
  } else if (absl::SimpleAtoi(answer["content-length"], &length)) {
    answer.complete = TakeBody(length, &answer.body);
  } else {
    while (Fill()) {
    }
    answer.body.swap(unread_);
    answer.complete = true;
  }
  return answer;
}

RawAnswer RawClient::Ask(absl::string_view bytes) {
  Send(bytes);
  return Receive(absl::StartsWith(bytes, "HEAD "));
}

std::string RawClient::ReadSome(size_t size) {
  if (unread_.empty() && !Fill()) return "";
  std::string taken = unread_.substr(0, size);
  unread_.erase(0, taken.size());
  return taken;
}

bool RawClient::AtEnd() { return unread_.empty() && !Fill(); }

bool RawClient::HasInput() {
  char byte;
  return !unread_.empty() || recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void RawClient::ShutDown() { shutdown(fd_, SHUT_WR); }

void RawClient::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void RawClient::Reset() {
  const linger at_once = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  Close();
}

RawAnswer Fetch(int port, absl::string_view method, absl::string_view target,
                absl::string_view fields, absl::string_view body) {
  std::string request = absl::StrCat(method, " ", target, " HTTP/1.1\r\n",
                                     "Host: 127.0.0.1\r\n", fields);
  if (!body.empty()) {
    absl::StrAppend(&request, "Content-Length: ", body.size(), "\r\n");
  }
  absl::StrAppend(&request, "\r\n", body);
  RawClient client(port);
  return client.Ask(request);
}

}  // namespace praxis::testing
