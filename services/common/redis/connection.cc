#include "services/common/redis/connection.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/common/redis/clock.h"
#include "services/common/status/status.h"

namespace praxis::redis {
namespace {

constexpr char kUnixPrefix[] = "unix:";

Reply FromHiredis(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.kind = Reply::Kind::kText;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      reply.kind = Reply::Kind::kError;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::kArray;
      reply.items.reserve(from.elements);
      for (size_t i = 0; i < from.elements; ++i) {
        reply.items.push_back(FromHiredis(*from.element[i]));
      }
      break;
    default:
      break;
  }
  return reply;
}

absl::StatusOr<redisContext*> Connect(const std::string& address,
                                      const timeval& timeout) {
  if (absl::StartsWith(address, kUnixPrefix)) {
    const std::string path(absl::StripPrefix(address, kUnixPrefix));
    return redisConnectUnixWithTimeout(path.c_str(), timeout);
  }
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port)) {
    return absl::UnavailableError(absl::StrCat(address, " is no address"));
  }
  std::string host = address.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  return redisConnectWithTimeout(host.c_str(), port, timeout);
}

}  // namespace

void Connection::Free::operator()(redisContext* context) const {
  redisFree(context);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const std::string& address, absl::Duration timeout) {
  ASSIGN_OR_RETURN(redisContext * context,
                   Connect(address, absl::ToTimeval(timeout)));
  if (context == nullptr) return absl::UnavailableError("out of memory");
  std::unique_ptr<Connection> connection(new Connection(context));
  if (context->err != 0) {
    return absl::UnavailableError(absl::StrCat(address, ": ", context->errstr));
  }
  // From here on we wait ourselves.
  context->flags &= ~REDIS_BLOCK;
  if (fcntl(context->fd, F_SETFL, fcntl(context->fd, F_GETFL) | O_NONBLOCK) !=
          0 ||
      fcntl(context->fd, F_SETFD, FD_CLOEXEC) != 0) {
    return absl::UnavailableError("fcntl failed");
  }
  return connection;
}

absl::StatusOr<std::vector<Reply>> Connection::Run(const Commands& commands,
                                                   absl::Duration deadline,
                                                   int interrupt_fd) {
  absl::string_view rest = commands.bytes();
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  while (true) {
    RETURN_IF_ERROR(Send(&rest));
    RETURN_IF_ERROR(
        WaitForSocket(/*sending=*/!rest.empty(), deadline, interrupt_fd));
    if (redisBufferRead(context_.get()) != REDIS_OK) {
      return absl::UnavailableError(context_->errstr);
    }
    RETURN_IF_ERROR(TakeReplies(commands.size(), &replies));
    if (replies.size() == commands.size()) return replies;
  }
}

// Not by hiredis, whose write() to a peer that has gone raises SIGPIPE.
absl::Status Connection::Send(absl::string_view* rest) {
  while (!rest->empty()) {
    const ssize_t sent =
        send(context_->fd, rest->data(), rest->size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      rest->remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return absl::OkStatus();
    } else if (errno != EINTR) {
      return absl::UnavailableError("the connection is lost");
    }
  }
  return absl::OkStatus();
}

absl::Status Connection::TakeReplies(size_t count,
                                     std::vector<Reply>* replies) {
  while (replies->size() < count) {
    void* reply = nullptr;
    if (redisGetReplyFromReader(context_.get(), &reply) != REDIS_OK) {
      return absl::UnavailableError(context_->errstr);
    }
    if (reply == nullptr) return absl::OkStatus();
    replies->push_back(FromHiredis(*static_cast<redisReply*>(reply)));
    freeReplyObject(reply);
  }
  return absl::OkStatus();
}

absl::Status Connection::WaitForSocket(bool sending, absl::Duration deadline,
                                       int interrupt_fd) {
  pollfd polled[2] = {{context_->fd, POLLIN, 0}, {interrupt_fd, POLLIN, 0}};
  if (sending) polled[0].events |= POLLOUT;
  while (true) {
    const absl::Duration left =
        std::max(deadline - MonotonicNow(), absl::ZeroDuration());
    // poll() counts whole milliseconds: round up, so as not to spin.
    const int milliseconds = static_cast<int>(absl::ToInt64Milliseconds(
        absl::Ceil(std::min(left, absl::Hours(1)), absl::Milliseconds(1))));
    // A descriptor of -1 is passed over.
    const int ready = poll(polled, 2, milliseconds);
    if (ready > 0 && polled[1].revents != 0) {
      return absl::CancelledError("interrupted");
    }
    if (ready > 0) return absl::OkStatus();
    if (ready == 0 && left <= absl::Hours(1)) {
      return absl::DeadlineExceededError("no answer in time");
    }
    if (ready < 0 && errno != EINTR) {
      return absl::UnavailableError("poll failed");
    }
  }
}

bool Connection::IsIdle() const {
  char byte;
  return recv(context_->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace praxis::redis
