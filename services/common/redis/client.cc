#include "services/common/redis/client.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/common/redis/clock.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::redis {
namespace {

constexpr int kWaitingMax = 16;
// How late a server may end a wait: it looks ten times a second (hz 10).
constexpr absl::Duration kServerTick = absl::Milliseconds(100);

std::string DigestOf(absl::string_view text) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

// Errors of the server's state rather than of the command.
bool IsUnavailable(const Reply& reply) {
  const absl::string_view code = reply.ErrorCode();
  return code == "LOADING" || code == "READONLY" || code == "MASTERDOWN" ||
         code == "BUSY" || code == "NOAUTH" || code == "WRONGPASS";
}

absl::Status Unavailable() {
  return Error(errors::v1::BACKEND_UNAVAILABLE,
               "A part of the service cannot be reached just now; retry.");
}

// From 50 us, a call on one machine, to 1 s.
std::vector<absl::Duration> CallBounds() {
  std::vector<absl::Duration> bounds;
  for (const int us : {50, 100, 200, 500, 1000, 2000, 5000, 10'000, 20'000,
                       50'000, 100'000, 200'000, 500'000, 1'000'000}) {
    bounds.push_back(absl::Microseconds(us));
  }
  return bounds;
}

}  // namespace

Script::Script(absl::string_view text) : text_(text), digest_(DigestOf(text)) {}

Client::Client(Options options, telemetry::Registry& registry)
    : options_(std::move(options)),
      connector_(options_.server),
      pool_(connector_, options_.connections_max),
      waiting_(connector_, kWaitingMax),
      calls_(registry.FindCounter("praxis_redis_calls_total",
                                  "Calls to Redis, refused ones not counted.",
                                  {{"role", options_.role}})),
      failures_(registry.FindCounter("praxis_redis_failures_total",
                                     "Calls to Redis that failed.",
                                     {{"role", options_.role}})),
      refusals_(registry.FindCounter(
          "praxis_redis_refusals_total",
          "Calls to Redis that were not made while it does not answer.",
          {{"role", options_.role}})),
      open_(registry.FindGauge("praxis_redis_breaker_open",
                               "1 while Redis is taken to be away.",
                               {{"role", options_.role}})),
      seconds_(registry.FindHistogram(
          "praxis_redis_call_seconds",
          "Time a call to Redis takes, but for those that wait for events.",
          {{"role", options_.role}}, CallBounds())) {}

absl::StatusOr<Reply> Client::Call(Command command) {
  Commands commands;
  commands.Add(command);
  ASSIGN_OR_RETURN(std::vector<Reply> replies, Batch(commands));
  return std::move(replies[0]);
}

absl::StatusOr<std::vector<Reply>> Client::Batch(const Commands& commands) {
  if (commands.size() == 0) return std::vector<Reply>();
  const absl::Duration start = MonotonicNow();
  const Breaker::Admission admission = breaker_.Admit(start);
  absl::StatusOr<std::vector<Reply>> replies =
      Exchange(pool_, admission, commands, absl::ZeroDuration(), -1);
  if (admission != Breaker::Admission::kRefused) {
    seconds_.Record(MonotonicNow() - start);
  }
  RETURN_IF_ERROR(Settle(admission, replies.status()));
  return replies;
}

absl::StatusOr<Reply> Client::Eval(const Script& script, Command keys,
                                   Command arguments) {
  const std::string count = absl::StrCat(keys.size());
  std::vector<absl::string_view> command = {"EVALSHA", script.digest(), count};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  ASSIGN_OR_RETURN(Reply reply, Call(command));
  if (reply.ErrorCode() != "NOSCRIPT") return reply;
  command[0] = "EVAL";
  command[1] = script.text();
  return Call(command);
}

absl::StatusOr<Reply> Client::Await(Command command, absl::Duration wait,
                                    const Interruption& interruption) {
  Commands commands;
  commands.Add(command);
  const Breaker::Admission admission = breaker_.Admit(MonotonicNow());
  absl::StatusOr<std::vector<Reply>> replies = Exchange(
      waiting_, admission, commands, wait + kServerTick, interruption.fd());
  if (absl::IsCancelled(replies.status())) {
    breaker_.Abandoned(admission);
    return Error(errors::v1::CANCELLED, "The wait was interrupted.");
  }
  RETURN_IF_ERROR(Settle(admission, replies.status()));
  return std::move((*replies)[0]);
}

absl::StatusOr<std::vector<Reply>> Client::Exchange(
    Pool& pool, Breaker::Admission admission, const Commands& commands,
    absl::Duration wait, int interrupt_fd) {
  if (admission == Breaker::Admission::kRefused) {
    refusals_.Add();
    return Unavailable();
  }
  calls_.Add();
  ASSIGN_OR_RETURN(Pool::Lease connection, pool.Take(options_.timeout));
  // A connection made for a probe has answered, which is proof enough: others
  // need not be refused for as long as this waits.
  if (admission == Breaker::Admission::kProbe && wait > absl::ZeroDuration()) {
    Succeeded();
  }
  ASSIGN_OR_RETURN(
      std::vector<Reply> replies,
      connection->Run(commands, MonotonicNow() + wait + options_.timeout,
                      interrupt_fd));
  for (const Reply& reply : replies) {
    if (IsUnavailable(reply)) return absl::UnavailableError(reply.text);
  }
  connection.Keep();
  return replies;
}

absl::Status Client::Settle(Breaker::Admission admission,
                            const absl::Status& status) {
  if (admission == Breaker::Admission::kRefused) return status;
  if (status.ok()) {
    Succeeded();
    return status;
  }
  failures_.Add();
  // Our own calls are in the way of each other: they will tell.
  if (absl::IsResourceExhausted(status)) {
    breaker_.Abandoned(admission);
    return Unavailable();
  }
  const bool opened = breaker_.Failed(admission, MonotonicNow());
  if (opened) {
    open_.Set(1);
    spdlog::error("redis ({}): does not answer: {}", options_.role,
                  std::string(status.message()));
  }
  // Who comes next finds out anew where the server is. One slow answer alone is
  // no reason to.
  if (opened || !absl::IsDeadlineExceeded(status)) {
    pool_.Clear();
    waiting_.Clear();
  }
  return Unavailable();
}

void Client::Succeeded() {
  if (!breaker_.Succeeded()) return;
  open_.Set(0);
  spdlog::info("redis ({}): answers again", options_.role);
}

absl::Status ErrorOf(const Reply& reply) {
  if (!reply.is_error()) return absl::OkStatus();
  spdlog::error("redis: {:.200}", reply.text);
  return Unavailable();
}

}  // namespace praxis::redis
