// What a token costs, seen for the first time and again, and what making one
// and hashing a password costs.
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "benchmark/benchmark.h"
#include "services/common/auth/secrets.h"
#include "services/common/auth/token.h"

namespace praxis::auth {
namespace {

const Principal kAda = {.name = "members/01jgx2t9vkq6e8w4z3m5n7p9r1",
                        .session = "01jgx2t9vkq6e8w4z3m5n7p9r2",
                        .scopes = kRead | kWrite};

TokenSigner& Signer() {
  static TokenSigner* signer = [] {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    const std::string path =
        "/tmp/token_bench." + std::to_string(getpid()) + ".pem";
    auto made = TokenSigner::Open(path, TokenRules());
    unlink(path.c_str());
    return made->release();
  }();
  return *signer;
}

void VerifyRemembered(benchmark::State& state) {
  TokenSigner& signer = Signer();
  static auto* verifier = new TokenVerifier(signer, TokenRules());
  const absl::Time now = absl::Now();
  const std::string token = signer.Sign(kAda, now, absl::Minutes(10));
  for (auto _ : state) {
    benchmark::DoNotOptimize(verifier->Verify(token, now));
  }
}
BENCHMARK(VerifyRemembered)->Threads(1)->Threads(2);

void VerifyNew(benchmark::State& state) {
  TokenVerifier verifier(Signer(), TokenRules());
  const absl::Time now = absl::Now();
  // As good as new when its time is over but for the leeway.
  const std::string token = Signer().Sign(kAda, now, absl::Seconds(-10));
  for (auto _ : state) {
    benchmark::DoNotOptimize(verifier.Verify(token, now));
  }
}
BENCHMARK(VerifyNew);

void Sign(benchmark::State& state) {
  const absl::Time now = absl::Now();
  for (auto _ : state) {
    benchmark::DoNotOptimize(Signer().Sign(kAda, now, absl::Minutes(10)));
  }
}
BENCHMARK(Sign);

void Hash(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(HashPassword("password"));
}
BENCHMARK(Hash)->Unit(benchmark::kMillisecond);

void SealAndUnseal(benchmark::State& state) {
  const Sealer sealer = Sealer::Random();
  const std::string plain(60, 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        sealer.Unseal(sealer.Seal(plain, "members/ada"), "members/ada"));
  }
}
BENCHMARK(SealAndUnseal);

}  // namespace
}  // namespace praxis::auth
