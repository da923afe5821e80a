#include "tests/simulation/stream.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::simulation {

void Stream::Add(const Entry& entry) {
  if (entry.number <= last_) {
    if (bug_ != Bug::kStreamTakesAnyNumber) return;
    kernel_.Fail(
        absl::StrCat("the stream has number ", entry.number, " after ", last_));
  }
  entries_.push_back(entry);
  last_ = entry.number;
  if (entries_.size() > entries_max) entries_.pop_front();
  added.Notify(kernel_);
}

std::vector<Stream::Entry> Stream::Read(int64_t after, size_t limit) const {
  std::vector<Entry> found;
  for (const Entry& entry : entries_) {
    if (found.size() == limit) break;
    if (entry.number > after) found.push_back(entry);
  }
  return found;
}

void Stream::Flush() {
  entries_.clear();
  last_ = 0;
}

void Stream::LoseNewest(size_t count) {
  for (; count > 0 && !entries_.empty(); --count) {
    last_ = entries_.back().number - 1;
    entries_.pop_back();
  }
}

absl::StatusOr<int64_t> StreamedPublisher::Last() {
  RETURN_IF_ERROR(Step());
  return stream_.last();
}

absl::Status StreamedPublisher::Publish(
    absl::Span<const events::v1::Event> events) {
  RETURN_IF_ERROR(Step());
  absl::Status status;
  for (const events::v1::Event& event : events) {
    // Refused for want of memory, while the next one has room again.
    if (kernel_.random.Chance(1)) {
      status = absl::UnavailableError("OOM");
      continue;
    }
    int64_t id = 0;
    if (!absl::SimpleAtoi(event.name(), &id)) return absl::InternalError("id");
    stream_.Add({event.number(), id});
    if (kernel_.random.Chance(10)) RETURN_IF_ERROR(Step());
  }
  return status;
}

absl::Status StreamedPublisher::Step() {
  Random& random = kernel_.random;
  const Micros time =
      random.Chance(2) ? random.Between(0, kSecond) : random.Between(50, 1'000);
  kernel_.RunUntil(kernel_.now() + time);
  if (stream_.down || kernel_.failed() || node_.life() != life_) {
    return absl::UnavailableError("no stream");
  }
  return absl::OkStatus();
}

}  // namespace praxis::simulation
