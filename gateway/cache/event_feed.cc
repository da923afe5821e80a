#include "gateway/cache/event_feed.h"

#include <algorithm>

#include "services/common/events/follower.h"

namespace praxis::gateway {

// One source.
class EventFeed::Feed : private events::Applier {
 public:
  Feed(events::Source& source, bool decides_access, Scopes& scopes,
       telemetry::Registry& registry)
      : decides_access_(decides_access),
        scopes_(scopes),
        changes_(registry.FindCounter(
            "praxis_gateway_cache_changes_total",
            "Events by which what is kept of a scope went out of date.")),
        lease_held_(
            registry.FindGauge("praxis_gateway_cache_lease_held",
                               "1 while this source's events may be relied on.",
                               {{"source", source.name()}})),
        follower_(source, *this,
                  {.consumer = "gateway/cache",
                   .position = events::Follower::kFromNow}) {}

  bool IsCurrent() const { return follower_.Holds(); }

 private:
  absl::Status Apply(const events::v1::ReadEventsResponse& batch,
                     Progress* progress) override {
    for (const events::v1::Event& event : batch.events()) {
      if (event.number() <= progress->position) continue;
      Apply(event);
      progress->position = event.number();
      if (event.has_access()) progress->is_urgent = true;
    }
    return absl::OkStatus();
  }

  // A role concerns one person, and what is kept is nobody's in particular.
  void Apply(const events::v1::Event& event) {
    changes_.Add();
    scopes_.Changed(ScopeOf(event.name()));
    if (event.has_access() && !event.access().has_grant()) {
      scopes_.VisibilityChanged(event.access().scope(), event.number());
    }
  }

  bool StartFrom(int64_t number) override {
    decides_access_ ? scopes_.StartFrom(number) : scopes_.EverythingChanged();
    return true;
  }

  void Show() override { lease_held_.Set(IsCurrent() ? 1 : 0); }

  const bool decides_access_;
  Scopes& scopes_;
  telemetry::Counter& changes_;
  telemetry::Gauge& lease_held_;
  // Last: its thread applies what it reads from the start.
  events::Follower follower_;
};

EventFeed::EventFeed(const std::vector<events::Source*>& sources,
                     Scopes& scopes, telemetry::Registry& registry) {
  for (events::Source* source : sources) {
    feeds_.push_back(std::make_unique<Feed>(
        *source, /*decides_access=*/feeds_.empty(), scopes, registry));
  }
}

EventFeed::~EventFeed() = default;

bool EventFeed::IsCurrent() const {
  return std::all_of(feeds_.begin(), feeds_.end(),
                     [](const auto& feed) { return feed->IsCurrent(); });
}

}  // namespace praxis::gateway
