// LeaseView: what one process knows of the consumers that hold leases.
#ifndef SERVICES_COMMON_EVENTS_LEASE_VIEW_H_
#define SERVICES_COMMON_EVENTS_LEASE_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace praxis::events {

// How far one consumer has come, as it said last.
struct Acknowledgement {
  std::string consumer;
  // Every event up to this number has taken effect there.
  int64_t number = 0;
  // Drawn anew for each acknowledgement: another beat, another sign of life.
  int64_t beat = 0;
};

// The source's side of the leases (Gray and Cheriton, "Leases", SOSP 1989):
// tells when nobody relies any more on a state before some event.
//
// No clock is shared. A consumer counts its lease from before it asked for it;
// this process counts from when it first saw that the acknowledgement was
// there, which is later, and adds a margin for clocks that drift. So a lease
// ends here after it has ended there. Times are of this process's monotonic
// clock, from any epoch. Not thread-safe.
class LeaseView {
 public:
  // `lease` is what consumers are granted.
  explicit LeaseView(absl::Duration lease) : kept_(lease + lease / 10) {}

  // Takes in all acknowledgements there are, read at or after `now`.
  void Observe(const std::vector<Acknowledgement>& all, absl::Duration now);

  // Whether every consumer that may still rely on its lease has come to
  // `number`. Only right after Observe with what is there at `now`.
  bool Passed(int64_t number, absl::Duration now) const;

  // The last words of consumers whose lease has been over for `age`.
  std::vector<Acknowledgement> Lapsed(absl::Duration age,
                                      absl::Duration now) const;

 private:
  struct Seen {
    int64_t number;
    int64_t beat;
    // When this beat was first seen.
    absl::Duration time;
  };

  const absl::Duration kept_;
  absl::flat_hash_map<std::string, Seen> seen_;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_LEASE_VIEW_H_
