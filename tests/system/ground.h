// Ground: what the suite stands on where its services have replicas.
#ifndef TESTS_SYSTEM_GROUND_H_
#define TESTS_SYSTEM_GROUND_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/system/servers.h"
#include "tests/system/suite.h"

namespace praxis::system {

// A PostgreSQL cluster with a database for each service, and a Redis. They run
// until it goes away, which must be after the suite.
class Ground {
 public:
  explicit Ground(bool with_redis = true);
  ~Ground();

  PostgresServer& postgres() { return *postgres_; }
  RedisServer& redis() { return *redis_; }

  // Of a suite over it, with so many replicas; without limits on callers.
  Suite::Options OptionsFor(int replicas) const;

 private:
  std::string folder_;
  std::unique_ptr<PostgresServer> postgres_;
  std::unique_ptr<RedisServer> redis_;
};

// Flags for tests that call faster than people do.
std::vector<std::string> WithoutRates();

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_GROUND_H_
