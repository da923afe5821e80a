#include "services/common/redis/connector.h"

#include <fstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/common/redis/clock.h"
#include "services/common/redis/reply.h"
#include "services/common/status/status.h"

namespace praxis::redis {
namespace {

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  std::ifstream file(path);
  std::string password;
  if (!std::getline(file, password) || password.empty()) {
    return absl::UnavailableError(absl::StrCat("no password in ", path));
  }
  return password;
}

}  // namespace

Connector::Connector(Server server) : server_(std::move(server)) {}

absl::StatusOr<std::unique_ptr<Connection>> Connector::Open() {
  Commands greeting;
  if (!server_.password_file.empty()) {
    ASSIGN_OR_RETURN(const std::string password,
                     ReadPassword(server_.password_file));
    const std::string user =
        server_.username.empty() ? "default" : server_.username;
    greeting.Add({"AUTH", user, password});
  }
  greeting.Add({"PING"});

  ASSIGN_OR_RETURN(const std::string address, Address());
  const absl::Duration deadline = MonotonicNow() + server_.connect_timeout;
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                   Connection::Open(address, server_.connect_timeout));
  ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                   connection->Run(greeting, deadline));
  for (const Reply& reply : replies) {
    if (reply.is_error()) {
      return absl::UnavailableError(absl::StrCat(address, ": ", reply.text));
    }
  }
  return connection;
}

absl::StatusOr<std::string> Connector::Address() {
  const std::vector<std::string>& all = server_.addresses;
  if (all.empty()) return absl::UnavailableError("no address is configured");
  if (server_.master.empty()) return all.front();
  absl::Status failure;
  const size_t first = sentinel_.load();
  for (size_t i = 0; i < all.size(); ++i) {
    const size_t index = (first + i) % all.size();
    absl::StatusOr<std::string> address = AskSentinel(all[index]);
    if (address.ok()) {
      sentinel_.store(index);
      return address;
    }
    failure = address.status();
  }
  return failure;
}

// See https://redis.io/docs/reference/sentinel-clients.
absl::StatusOr<std::string> Connector::AskSentinel(
    const std::string& sentinel) const {
  const absl::Duration deadline = MonotonicNow() + server_.connect_timeout;
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                   Connection::Open(sentinel, server_.connect_timeout));
  Commands question;
  question.Add({"SENTINEL", "get-master-addr-by-name", server_.master});
  ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                   connection->Run(question, deadline));
  if (replies[0].items.size() != 2) {
    return absl::UnavailableError(absl::StrCat(
        "the sentinel ", sentinel, " knows no master ", server_.master));
  }
  return absl::StrCat(replies[0].items[0].text, ":", replies[0].items[1].text);
}

}  // namespace praxis::redis
