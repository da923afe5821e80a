#include "tests/simulation/projected_tables.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace praxis::simulation {
namespace {

// Events that are refused more often than this are so for ever.
constexpr int kTransient = 50;

}  // namespace

bool ProjectedTables::Takes(const EventRow& event) {
  // What is only put with the dead letters meets nothing.
  if (!refuses_ || scopes_[event.scope].hidden) return true;
  int& refused = refused_[event.number];
  if (refused >= event.refusals) return true;
  if (event.refusals <= kTransient) ++refused;
  return false;
}

void ProjectedTables::Apply(const EventRow& event) {
  if (event.version == 0) return;
  TakeEffect(event);
  Scope& scope = scopes_[event.scope];
  if (scope.hidden) return;
  scope.version = event.version;
  scope.granted = event.granted;
}

void ProjectedTables::Bury(const EventRow& event) {
  TakeEffect(event);
  if (bug_ != Bug::kPoisonIsSkipped) scopes_[event.scope].hidden = true;
}

void ProjectedTables::TakeEffect(const EventRow& event) {
  const bool known = event.number <= source_.newest() &&
                     source_.IdOf(event.number) == event.id;
  bool next = known && event.number > effect_;
  for (int64_t n = effect_ + 1; next && n < event.number; ++n) {
    next = source_.rows()[source_.IdOf(n) - 1].version == 0;
  }
  if (!next) {
    kernel_.Fail(absl::StrCat("event ", event.id, " takes effect as number ",
                              event.number, " after ", effect_));
    return;
  }
  effect_ = event.number;
}

void ProjectedTables::SetPosition(int64_t number) {
  if (number < position_) {
    kernel_.Fail(absl::StrCat("the position goes from ", position_, " back to ",
                              number));
    return;
  }
  for (int64_t n = std::max(effect_, position_) + 1; n <= number; ++n) {
    if (n > source_.newest() ||
        source_.rows()[source_.IdOf(n) - 1].version > 0) {
      kernel_.Fail(absl::StrCat("the position is ", number, ", but event ", n,
                                " has not taken effect"));
      return;
    }
  }
  position_ = number;
}

std::string ProjectedTables::Difference() const {
  for (int i = 0; i < kScopes; ++i) {
    if (scopes_[i].hidden) {
      const bool poisoned = std::any_of(
          source_.rows().begin(), source_.rows().end(),
          [&](const EventRow& row) {
            return row.scope == i && row.refusals > 0 && row.number > 0;
          });
      if (!poisoned) return absl::StrCat("scope ", i, " is hidden");
    } else if (scopes_[i].version != source_.scopes[i].version ||
               scopes_[i].granted != source_.scopes[i].granted) {
      return absl::StrCat("scope ", i, " is at change ", scopes_[i].version,
                          " of ", source_.scopes[i].version);
    }
  }
  return "";
}

}  // namespace praxis::simulation
