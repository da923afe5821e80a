#include "services/common/program/redis.h"

#include <utility>

#include "absl/strings/str_split.h"
#include "services/common/cache/redis_cache.h"
#include "services/common/limits/redis_limiter.h"
#include "services/common/status/status.h"

namespace praxis::program {
namespace {

std::unique_ptr<redis::Client> OpenClient(const RedisOptions& options,
                                          const std::string& addresses,
                                          const std::string& master,
                                          const std::string& role,
                                          telemetry::Registry& registry) {
  if (addresses.empty()) return nullptr;
  return std::make_unique<redis::Client>(
      redis::Client::Options{.server = {.addresses = absl::StrSplit(
                                            addresses, ',', absl::SkipEmpty()),
                                        .master = master,
                                        .username = options.user,
                                        .password_file = options.password_file},
                             .role = role},
      registry);
}

// That the server answers, within the time that every call to it has.
void AddCheckOf(const std::string& name, redis::Client* client,
                std::vector<ops::Check>* checks) {
  if (client == nullptr) return;
  checks->push_back({name, [client](ops::Numbers*) -> absl::Status {
                       if (client->Call({"PING"}).ok()) return absl::OkStatus();
                       return Error(errors::v1::BACKEND_UNAVAILABLE,
                                    "Redis does not answer.");
                     }});
}

}  // namespace

void AddRedisFlags(config::Config& config, RedisOptions* options) {
  config.Section("Redis");
  config.String("redis_events", &options->events,
                "Server that carries events (noeviction), HOST:PORT; empty: "
                "events are read from their sources.");
  config.String("redis_cache", &options->cache,
                "Server that caches (allkeys-lfu), HOST:PORT; empty: nothing "
                "is cached there.");
  config.String("redis_events_master", &options->events_master,
                "Name of the master where --redis_events are sentinels.");
  config.String("redis_cache_master", &options->cache_master,
                "Name of the master where --redis_cache are sentinels.");
  config.String("redis_user", &options->user,
                "User to be at both; empty: the default one.");
  config.Path("redis_password_file", &options->password_file,
              "File that holds the user's password, read at each connect; "
              "empty: none.");
}

EventStream::EventStream(const RedisOptions& options, absl::string_view source,
                         telemetry::Registry& registry)
    : client_(OpenClient(options, options.events, options.events_master,
                         "events", registry)) {
  if (client_ == nullptr) return;
  publisher_ =
      std::make_unique<events::stream::StreamPublisher>(*client_, source);
}

events::Source& EventStream::Through(events::Source& source) {
  if (client_ == nullptr) return source;
  source_ = std::make_unique<events::stream::StreamSource>(source, *client_);
  return *source_;
}

void EventStream::AddCheck(std::vector<ops::Check>* checks) {
  AddCheckOf("redis/events", client_.get(), checks);
}

SharedCache::SharedCache(const RedisOptions& options, absl::string_view service,
                         telemetry::Registry& registry)
    : client_(OpenClient(options, options.cache, options.cache_master, "cache",
                         registry)) {
  if (client_ == nullptr) return;
  cache_ = std::make_unique<cache::RedisCache>(*client_, service);
  limiter_ = std::make_unique<limits::RedisLimiter>(*client_, service);
}

void SharedCache::AddCheck(std::vector<ops::Check>* checks) {
  AddCheckOf("redis/cache", client_.get(), checks);
}

}  // namespace praxis::program
