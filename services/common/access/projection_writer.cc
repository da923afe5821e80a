#include "services/common/access/projection_writer.h"

#include <algorithm>

#include "services/common/access/projection_store.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::access {
namespace {

constexpr int kTriesMax = 5;

// Whether it is the event that the database does not like, and not the
// database that is away.
bool IsPoison(const absl::Status& status) {
  return ReasonOf(status) == errors::v1::INTERNAL ||
         ReasonOf(status) == errors::v1::NAME_TAKEN;
}

absl::Status WentBack() {
  return Error(errors::v1::ACCESS_UNKNOWN,
               "The database has lost what it held; try again shortly.");
}

}  // namespace

absl::Status ProjectionWriter::Apply(
    const events::v1::ReadEventsResponse& batch) {
  const Event* const* events = batch.events().data();
  const absl::Status status = ApplyRange(events, events + batch.events_size());
  return IsPoison(status) ? ApplyOneByOne(batch) : status;
}

absl::Status ProjectionWriter::ApplyOneByOne(
    const events::v1::ReadEventsResponse& batch) {
  for (int i = 0; i < batch.events_size(); ++i) {
    const Event* const* event = batch.events().data() + i;
    absl::Status status = ApplyRange(event, event + 1);
    if (IsPoison(status)) status = GiveUp(**event, status);
    RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

// Counts one more failure of `event`, and buries it when there were enough.
absl::Status ProjectionWriter::GiveUp(const Event& event,
                                      const absl::Status& error) {
  if (failing_ != event.number()) tries_ = 0;
  failing_ = event.number();
  if (++tries_ < kTriesMax) return error;
  return db_.Write(
      [&](sql::Tx& tx) -> absl::Status {
        // Another replica may have come further by now.
        ASSIGN_OR_RETURN(const int64_t applied, GetPosition(tx, source_));
        if (applied >= event.number()) return absl::OkStatus();
        RETURN_IF_ERROR(Bury(tx, event, error.message()));
        return PutPosition(tx, source_, event.number());
      },
      {.repeatable = true});
}

absl::Status ProjectionWriter::ApplyRange(const Event* const* begin,
                                          const Event* const* end) {
  int64_t applied = 0;
  int64_t position = 0;
  const absl::Status status = db_.Write(
      [&](sql::Tx& tx) -> absl::Status {
        ASSIGN_OR_RETURN(applied, GetPosition(tx, source_));
        if (applied < stored_) return WentBack();
        for (const Event* const* event = begin; event != end; ++event) {
          if ((*event)->number() <= applied) continue;
          RETURN_IF_ERROR(ApplyEvent(tx, **event));
        }
        position = std::max((*(end - 1))->number(), applied);
        return PutPosition(tx, source_, position);
      },
      {.repeatable = true});
  if (status.ok()) {
    stored_ = position;
  } else if (ReasonOf(status) == errors::v1::ACCESS_UNKNOWN) {
    spdlog::error("access: the position in {} was {} and is {}: applied anew",
                  source_, stored_, applied);
    stored_ = applied;
  }
  return status;
}

}  // namespace praxis::access
