// What a request pays for knowing where its caller stands.
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "services/common/access/projection.h"
#include "services/common/access/projection_store.h"
#include "services/common/events/log.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"

namespace praxis::access {
namespace {

constexpr int kScopes = 200;
constexpr int kMembers = 50;

void Require(const absl::Status& status) {
  if (!status.ok()) std::abort();
}

std::string ScopeName(int64_t i) {
  return absl::StrCat("communities/c", i % kScopes);
}
std::string MemberName(int64_t i) {
  return absl::StrCat("members/m", i % kMembers);
}

absl::Status Fill(sql::Tx& tx) {
  for (int scope = 0; scope < kScopes; ++scope) {
    events::v1::Event event;
    event.mutable_access()->set_scope(ScopeName(scope));
    event.mutable_access()->set_visibility(events::v1::PRIVATE);
    RETURN_IF_ERROR(ApplyEvent(tx, event));
    for (int member = 0; member < kMembers; ++member) {
      event.mutable_access()->mutable_grant()->set_principal(
          MemberName(member));
      event.mutable_access()->mutable_grant()->set_role(events::v1::MEMBER);
      RETURN_IF_ERROR(ApplyEvent(tx, event));
    }
  }
  return absl::OkStatus();
}

struct Shared {
  Shared() {
    Require(sql::Migrate(*db, {events::LogSchema(), ProjectionSchema()}));
    Require(db->Write(Fill));
    log = std::make_unique<events::Log>(*db, "services/members");
    projection = *Projection::Start(*db, *log);
  }
  std::unique_ptr<sql::Database> db = *sql::OpenSqlite({});
  std::unique_ptr<events::Log> log;
  std::unique_ptr<Projection> projection;
};
std::unique_ptr<Shared> shared;
void SetUp(const benchmark::State&) { shared = std::make_unique<Shared>(); }
void TearDown(const benchmark::State&) { shared.reset(); }

void StandingKept(benchmark::State& state) {
  const std::string principal = MemberName(1);
  int64_t i = 0;
  for (auto _ : state) {
    const std::string scope = ScopeName(i++);
    const auto standing = shared->projection->StandingOf(principal, scope);
    if (standing->role != events::v1::MEMBER) std::abort();
  }
}
BENCHMARK(StandingKept)->Setup(SetUp)->Teardown(TearDown)->UseRealTime();
BENCHMARK(StandingKept)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->Threads(4)
    ->UseRealTime();

void StandingRead(benchmark::State& state) {
  const std::string principal = MemberName(1);
  int64_t i = 0;
  for (auto _ : state) {
    const std::string scope = ScopeName(i++);
    Require(shared->db->Read([&](sql::Reader& reader) {
      return GetStanding(reader, principal, scope).status();
    }));
  }
}
BENCHMARK(StandingRead)->Setup(SetUp)->Teardown(TearDown)->UseRealTime();

void CatchUp(benchmark::State& state) {
  for (auto _ : state) Require(shared->projection->CatchUp());
}
BENCHMARK(CatchUp)->Setup(SetUp)->Teardown(TearDown)->UseRealTime();

}  // namespace
}  // namespace praxis::access
