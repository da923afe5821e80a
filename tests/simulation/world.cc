#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace praxis::simulation {
namespace {

constexpr Micros kStormMin = 4 * kSecond;
constexpr Micros kStormMax = 14 * kSecond;
// In which everything must agree again: the leases of a relay and of a dead
// consumer, and some events that are refused five times each.
constexpr Micros kSettleMax = 60 * kSecond;
// Events of access that the database refuses for ever.
constexpr int kForEver = 1000;

}  // namespace

Outcome& Outcome::operator+=(const Outcome& other) {
  steps += other.steps;
  events += other.events;
  promises += other.promises;
  answers += other.answers;
  refusals += other.refusals;
  cache_hits += other.cache_hits;
  gateway_hits += other.gateway_hits;
  return *this;
}

World::World(uint64_t seed, Bug bug)
    : kernel_(seed),
      bug_(bug),
      source_(kernel_, bug,
              /*in_process=*/kernel_.random.Chance(15) || bug == Bug::kNoGrace),
      stream_(kernel_, bug),
      judge_(kernel_),
      network_(kernel_),
      cached_(kernel_, bug),
      outside_(kernel_) {
  std::vector<SourceReplica*> sources;
  for (int i = 0; i < (source_.in_process ? 1 : 2); ++i) {
    sources_.push_back(std::make_unique<SourceReplica>(kernel_, source_,
                                                       stream_, judge_, bug));
    sources.push_back(sources_.back().get());
  }
  projected_.push_back(std::make_unique<ProjectedTables>(kernel_, source_, bug,
                                                         /*refuses=*/true));
  projected_.push_back(std::make_unique<ProjectedTables>(kernel_, source_, bug,
                                                         /*refuses=*/false));
  // The first service may have two replicas.
  std::vector<int> replicas = {0};
  if (kernel_.random.Chance(60)) replicas.push_back(0);
  if (kernel_.random.Chance(40)) replicas.push_back(1);
  for (const int tables : replicas) {
    projections_.push_back(std::make_unique<ProjectionReplica>(
        ProjectionReplica::World{kernel_, network_, source_, sources, stream_,
                                 judge_, bug},
        *projected_[tables]));
  }
  if (kernel_.random.Chance(60)) AddGateway(sources);
  ChooseWeather();
}

// In front of all services, with what it follows in a place of its own.
void World::AddGateway(const std::vector<SourceReplica*>& sources) {
  std::vector<ProjectionReplica*> services;
  for (const auto& projection : projections_) {
    services.push_back(projection.get());
  }
  projected_.push_back(std::make_unique<ProjectedTables>(kernel_, source_, bug_,
                                                         /*refuses=*/false));
  auto gateway = std::make_unique<GatewayReplica>(
      ProjectionReplica::World{kernel_, network_, source_, sources, stream_,
                               judge_, bug_},
      *projected_.back(), std::move(services));
  gateway_ = gateway.get();
  projections_.push_back(std::move(gateway));
}

// Not every run has every fault: some show only when all else is well.
void World::ChooseWeather() {
  Random& random = kernel_.random;
  const auto maybe = [&](int low, int high) -> int {
    return random.Chance(50) ? static_cast<int>(random.Between(low, high)) : 0;
  };
  weather_ = {.crashes = maybe(2, 20),
              .cuts = maybe(2, 20),
              .deafness = maybe(5, 20),
              .stream = maybe(5, 40),
              .poison = maybe(2, 10),
              .write_every = random.Between(50, 600) * kMillisecond,
              .ask_every = random.Between(30, 150) * kMillisecond};
  network_.lost_percent = maybe(1, 20);
  network_.doubled_percent = maybe(1, 10);
  network_.late_percent = maybe(1, 10);
  network_.delay_max = random.Between(1, 30) * kMillisecond;
  cached_.lost_percent = maybe(1, 20);
  if (random.Chance(30)) {
    stream_.entries_max = static_cast<size_t>(random.Between(2, 10));
  }
  // Two clocks within the margin of a tenth.
  const auto set_clock = [&](Node& node) {
    node.offset = random.Between(0, 1000 * kSecond);
    node.rate_permille = random.Chance(50)   ? random.Between(955, 1045)
                         : random.Chance(50) ? 955
                                             : 1045;
  };
  for (const auto& source : sources_) set_clock(source->node);
  for (const auto& projection : projections_) set_clock(projection->node);
}

Outcome World::Run() {
  for (const auto& source : sources_) source->Start();
  for (const auto& projection : projections_) projection->Start();
  outside_.Run(Write());
  for (int i = 0; i < static_cast<int>(projections_.size()); ++i) {
    outside_.Run(Ask(i));
  }
  outside_.Run(AskCached());
  outside_.Run(Disturb());
  kernel_.RunUntil(kernel_.random.Between(kStormMin, kStormMax));
  if (!kernel_.failed()) Settle();
  return {.failure = kernel_.failure(),
          .steps = kernel_.events(),
          .events = source_.newest(),
          .promises = judge_.promises,
          .answers = judge_.answers,
          .refusals = judge_.refusals,
          .cache_hits = cached_.hits,
          .gateway_hits = gateway_ == nullptr ? 0 : gateway_->hits};
}

// Everything gets well, and has time to agree.
void World::Settle() {
  calm_ = true;
  network_.Heal();
  network_.lost_percent = 0;
  network_.late_percent = 0;
  network_.doubled_percent = 0;
  stream_.down = false;
  for (const auto& source : sources_) {
    if (source->node.up()) continue;
    source->node.Restart();
    source->Start();
  }
  for (const auto& projection : projections_) {
    if (projection->node.up()) continue;
    projection->node.Restart();
    projection->Start();
  }
  const Micros end = kernel_.now() + kSettleMax;
  std::string difference = "?";
  while (!kernel_.failed() && !difference.empty() && kernel_.now() < end) {
    kernel_.RunUntil(kernel_.now() + kSecond);
    difference = Difference();
  }
  if (!difference.empty()) kernel_.Fail(absl::StrCat("for ever: ", difference));
}

// What does not agree with the source, or "".
std::string World::Difference() const {
  if (!source_.AllNumbered()) return "an event has no number";
  for (const auto& projection : projections_) {
    if (projection->position() != source_.newest()) {
      return absl::StrCat("a projection is at ", projection->position(), " of ",
                          source_.newest());
    }
    if (!projection->Holds()) return "a projection has no lease";
  }
  for (const auto& tables : projected_) {
    if (tables->position() == 0) continue;  // Nobody has it in this run.
    const std::string difference = tables->Difference();
    if (!difference.empty()) return difference;
  }
  return "";
}

Process World::Write() {
  Random& random = kernel_.random;
  while (true) {
    co_await Sleep(kernel_, random.Between(0, 2 * weather_.write_every));
    if (calm_) co_return Done();
    SourceReplica& source =
        *sources_[random.Between(0, static_cast<int>(sources_.size()) - 1)];
    if (!source.node.up()) continue;
    if (random.Chance(25)) {
      source.node.Run(source.Chat());
      continue;
    }
    int refusals = 0;
    if (random.Chance(weather_.poison)) {
      refusals = random.Chance(50) ? kForEver
                                   : static_cast<int>(random.Between(1, 12));
    }
    const int scope = static_cast<int>(random.Between(0, kScopes - 1));
    source.node.Run(source.Change(scope, random.Chance(50), refusals));
  }
}

Process World::Ask(int who) {
  ProjectionReplica& projection = *projections_[who];
  while (true) {
    co_await Sleep(kernel_, kernel_.random.Between(0, 2 * weather_.ask_every));
    if (!projection.node.up()) continue;
    projection.node.Run(projection.Ask(
        static_cast<int>(kernel_.random.Between(0, kScopes - 1))));
  }
}

Process World::AskCached() {
  Random& random = kernel_.random;
  while (!calm_) {
    co_await Sleep(kernel_, random.Between(0, 80 * kMillisecond));
    const int row = static_cast<int>(random.Between(0, CachedRows::kRows - 1));
    if (random.Chance(20)) {
      outside_.Run(cached_.Change(row));
    } else {
      outside_.Run(cached_.Ask(
          static_cast<int>(random.Between(0, CachedRows::kReaders - 1)), row));
    }
    if (random.Chance(1) && random.Chance(20)) cached_.Flush();
  }
  co_return Done();
}

// Four moments a second.
Process World::Disturb() {
  Random& random = kernel_.random;
  while (true) {
    co_await Sleep(kernel_, random.Between(0, 500 * kMillisecond));
    if (calm_) co_return Done();
    if (random.Chance(weather_.crashes)) {
      const int machines =
          static_cast<int>(sources_.size() + projections_.size());
      outside_.Run(Reboot(static_cast<int>(random.Between(0, machines - 1))));
    }
    if (random.Chance(weather_.cuts)) CutSome();
    if (random.Chance(weather_.cuts)) network_.Heal();
    if (random.Chance(weather_.deafness)) Deafen(AnyProjection());
    if (random.Chance(weather_.stream)) DisturbStream();
  }
}

Process World::Reboot(int who) {
  const int sources = static_cast<int>(sources_.size());
  Node& node =
      who < sources ? sources_[who]->node : projections_[who - sources]->node;
  if (!node.up()) co_return Done();
  node.Crash();
  const int life = node.life();
  co_await Sleep(kernel_, kernel_.random.Between(0, 3 * kSecond));
  if (node.life() != life) co_return Done();
  node.Restart();
  if (who < sources) {
    sources_[who]->Start();
  } else {
    ProjectionReplica& projection = *projections_[who - sources];
    if (kernel_.random.Chance(weather_.deafness * 3)) Deafen(projection);
    projection.Start();
  }
  co_return Done();
}

ProjectionReplica& World::AnyProjection() {
  const int last = static_cast<int>(projections_.size()) - 1;
  return *projections_[kernel_.random.Between(0, last)];
}

void World::Deafen(ProjectionReplica& projection) {
  const Micros max = kernel_.random.Chance(50) ? kSecond : 6 * kSecond;
  projection.deaf_until = kernel_.now() + kernel_.random.Between(0, max);
}

void World::CutSome() {
  Random& random = kernel_.random;
  const Node& projection = AnyProjection().node;
  const bool there = random.Chance(70);
  const bool back = random.Chance(70);
  for (const auto& source : sources_) {
    if (random.Chance(20)) continue;
    if (there) network_.Cut(projection, source->node);
    if (back) network_.Cut(source->node, projection);
  }
}

void World::DisturbStream() {
  switch (kernel_.random.Between(0, 3)) {
    case 0:
      stream_.down = !stream_.down;
      break;
    case 1:
      stream_.Flush();
      break;
    case 2:
      stream_.LoseNewest(static_cast<size_t>(kernel_.random.Between(1, 5)));
      break;
    default:
      stream_.entries_max = static_cast<size_t>(kernel_.random.Between(1, 20));
      break;
  }
}

}  // namespace praxis::simulation
