#include "services/common/events/lease_view.h"

#include <utility>

namespace praxis::events {

void LeaseView::Observe(const std::vector<Acknowledgement>& all,
                        absl::Duration now) {
  absl::flat_hash_map<std::string, Seen> seen;
  for (const Acknowledgement& ack : all) {
    const auto before = seen_.find(ack.consumer);
    const bool same = before != seen_.end() && before->second.beat == ack.beat;
    seen[ack.consumer] = {ack.number, ack.beat,
                          same ? before->second.time : now};
  }
  seen_ = std::move(seen);
}

bool LeaseView::Passed(int64_t number, absl::Duration now) const {
  for (const auto& [consumer, seen] : seen_) {
    if (seen.number < number && now <= seen.time + kept_) return false;
  }
  return true;
}

std::vector<Acknowledgement> LeaseView::Lapsed(absl::Duration age,
                                               absl::Duration now) const {
  std::vector<Acknowledgement> lapsed;
  for (const auto& [consumer, seen] : seen_) {
    if (now > seen.time + kept_ + age) {
      lapsed.push_back({consumer, seen.number, seen.beat});
    }
  }
  return lapsed;
}

}  // namespace praxis::events
