#include "tests/system/ground.h"

#include <filesystem>

#include "absl/strings/str_cat.h"

namespace praxis::system {

std::vector<std::string> WithoutRates() {
  return {"--caller_rate=0", "--costly_rate=0"};
}

Ground::Ground(bool with_redis) : folder_(OutputOf("mktemp -d")) {
  postgres_ = std::make_unique<PostgresServer>(folder_ + "/postgres");
  for (const char* name : {"members", "discussions", "resources"}) {
    postgres_->MakeDatabase(name);
  }
  if (with_redis) redis_ = std::make_unique<RedisServer>(folder_);
}

Ground::~Ground() {
  postgres_.reset();
  redis_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Suite::Options Ground::OptionsFor(int replicas) const {
  return {.replicas = replicas, .flags = [this](const std::string& service) {
            std::vector<std::string> flags = WithoutRates();
            flags.push_back(
                absl::StrCat("--database=", postgres_->ConninfoOf(service)));
            if (redis_ == nullptr) return flags;
            flags.push_back(absl::StrCat("--redis_events=", redis_->address()));
            flags.push_back(absl::StrCat("--redis_cache=", redis_->address()));
            return flags;
          }};
}

}  // namespace praxis::system
