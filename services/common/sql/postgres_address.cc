#include "services/common/sql/postgres_address.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/common/sql/postgres.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::sql {
namespace {

// What the conninfo sets, by keyword.
absl::StatusOr<std::map<std::string, std::string>> Settings(
    const std::string& conninfo) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), &message), PQconninfoFree);
  if (options == nullptr) {
    // The message may quote what it did not understand, so also a password.
    PQfreemem(message);
    return Error(errors::v1::FIELD_INVALID,
                 "The address of PostgreSQL cannot be read; it is "
                 "\"host=... dbname=...\" or a postgresql:// URI.");
  }
  std::map<std::string, std::string> settings;
  for (const PQconninfoOption* option = options.get();
       option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  return settings;
}

// Session settings. The server looks every 100 ms whether its client is still
// there, so that work which was given up ends soon and lets go of its locks;
// no transaction may lie about with locks in its hands.
std::string SessionOptions(const std::string& theirs) {
  return absl::StrCat(
      "-c statement_timeout=", absl::ToInt64Milliseconds(kStatementMax),
      " -c client_connection_check_interval=100"
      " -c idle_in_transaction_session_timeout=60000"
      " -c client_min_messages=warning ",
      theirs);
}

// The i-th of a comma-separated list, or the only one.
std::string Nth(const std::string& list, size_t i) {
  const std::vector<std::string> entries = absl::StrSplit(list, ',');
  return entries[std::min(i, entries.size() - 1)];
}

}  // namespace

absl::StatusOr<std::vector<PostgresParameters>> PostgresAddresses(
    const std::string& conninfo, absl::string_view name) {
  ASSIGN_OR_RETURN(auto settings, Settings(conninfo));
  size_t count = 1;
  for (const char* list : {"host", "hostaddr"}) {
    const std::string& hosts = settings[list];
    count = std::max<size_t>(count,
                             std::count(hosts.begin(), hosts.end(), ',') + 1);
  }
  std::vector<PostgresParameters> addresses;
  for (size_t i = 0; i < count; ++i) {
    PostgresParameters parameters = {
        {"application_name", absl::StrCat("praxis-", name)},
        {"keepalives_idle", "10"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "10000"},
        {"dbname", conninfo},
        {"options", SessionOptions(settings["options"])},
        {"client_encoding", "UTF8"},
        {"target_session_attrs", "read-write"},
    };
    for (const char* list : {"host", "hostaddr", "port"}) {
      const std::string& entries = settings[list];
      if (!entries.empty()) parameters.emplace_back(list, Nth(entries, i));
    }
    addresses.push_back(std::move(parameters));
  }
  return addresses;
}

}  // namespace praxis::sql
