#include "services/common/access/projection.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "services/common/access/projection_store.h"
#include "services/common/access/projection_writer.h"
#include "services/common/access/schema/schema.h"
#include "services/common/access/standing_cache.h"
#include "services/common/events/follower.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::access {
namespace {

using events::v1::Event;
using events::v1::ReadEventsResponse;

// Events that change no access are passed without a write; after so many, the
// position is written down all the same, so that a restart need not read them.
constexpr int64_t kPassedMax = 1000;

bool ChangesAccess(const ReadEventsResponse& batch) {
  return std::any_of(batch.events().begin(), batch.events().end(),
                     [](const Event& event) { return event.has_access(); });
}

absl::Status AccessUnknown() {
  return RetryAfter(
      Error(errors::v1::ACCESS_UNKNOWN,
            "Who may do this cannot be told just now; try again shortly."),
      absl::Seconds(1));
}

class FollowingProjection final : public Projection, private events::Applier {
 public:
  FollowingProjection(sql::Database& db, events::Source& source,
                      const ProjectionOptions& options, int64_t position)
      : db_(db),
        registry_(options.registry),
        writer_(db, source.name(), position),
        follower_(source, *this,
                  {.consumer = options.consumer,
                   .position = position,
                   .unknown = AccessUnknown()}) {}

  absl::StatusOr<Standing> StandingOf(absl::string_view principal,
                                      absl::string_view scope) override;
  absl::Status CatchUp() override { return follower_.CatchUp(); }
  absl::Status CheckCurrent(absl::string_view principal) override;
  bool IsCurrent() const override { return follower_.Holds(); }
  int64_t AppliedPosition() const override {
    return follower_.Holds() ? follower_.position() : 0;
  }
  int64_t position() const override { return follower_.position(); }

 private:
  absl::StatusOr<Standing> Find(absl::string_view principal,
                                absl::string_view scope);

  absl::Status Apply(const ReadEventsResponse& batch,
                     Progress* progress) override;
  void Show() override;

  sql::Database& db_;
  telemetry::Registry* const registry_;
  StandingCache cache_;
  // The follower's: one batch at a time.
  ProjectionWriter writer_;
  // Last: its thread applies what it reads from the start.
  events::Follower follower_;
};

absl::StatusOr<Standing> FollowingProjection::StandingOf(
    absl::string_view principal, absl::string_view scope) {
  if (IsCurrent() || CatchUp().ok()) return Find(principal, scope);
  ASSIGN_OR_RETURN(const Standing anyones, Find("", scope));
  if (anyones.visibility == events::v1::PUBLIC) return anyones;
  return AccessUnknown();
}

absl::Status FollowingProjection::CheckCurrent(absl::string_view principal) {
  if (principal.empty() || IsCurrent() || CatchUp().ok()) {
    return absl::OkStatus();
  }
  return AccessUnknown();
}

absl::StatusOr<Standing> FollowingProjection::Find(absl::string_view principal,
                                                   absl::string_view scope) {
  if (const std::optional<Standing> known = cache_.Get(principal, scope)) {
    return *known;
  }
  const uint64_t generation = cache_.generation();
  absl::StatusOr<Standing> standing;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) {
    standing = GetStanding(reader, principal, scope);
    return standing.status();
  }));
  cache_.Put(principal, scope, generation, *standing);
  return standing;
}

absl::Status FollowingProjection::Apply(const ReadEventsResponse& batch,
                                        Progress* progress) {
  const int64_t last = batch.events().rbegin()->number();
  const bool changes = ChangesAccess(batch);
  const int64_t stored = writer_.stored();
  if (changes || last - stored >= kPassedMax) {
    const absl::Status status = writer_.Apply(batch);
    // After the commit, before the position tells of it; and when it failed,
    // for who knows what it left.
    if (changes || !status.ok()) cache_.Invalidate();
    if (writer_.stored() < stored) progress->position = writer_.stored();
    RETURN_IF_ERROR(status);
  }
  *progress = {.position = last, .is_urgent = changes};
  return absl::OkStatus();
}

void FollowingProjection::Show() {
  if (registry_ == nullptr) return;
  const telemetry::Labels labels = {{"source", follower_.source()}};
  registry_
      ->FindGauge("praxis_access_position",
                  "Newest event of the source that is applied here.", labels)
      .Set(position());
  registry_
      ->FindGauge("praxis_access_lease_held",
                  "1 while what is known of access may be relied on.", labels)
      .Set(IsCurrent() ? 1 : 0);
  int64_t count = 0;
  const absl::Status status =
      db_.Read([&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(count, CountDeadLetters(reader));
        return absl::OkStatus();
      });
  if (!status.ok()) return;
  registry_
      ->FindGauge("praxis_events_dead_letters",
                  "Events that could not be applied; above 0 needs a person.",
                  labels)
      .Set(count);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Projection>> Projection::Start(
    sql::Database& db, events::Source& source,
    const ProjectionOptions& options) {
  absl::StatusOr<int64_t> position;
  RETURN_IF_ERROR(db.Read([&](sql::Reader& reader) {
    position = GetPosition(reader, source.name());
    return position.status();
  }));
  return std::make_unique<FollowingProjection>(db, source, options, *position);
}

const sql::Schema& ProjectionSchema() {
  static const auto& schema = *new sql::Schema(AccessSchema());
  return schema;
}

}  // namespace praxis::access
