// Threads: what a practitioner came for, and how it ended.
#ifndef SERVICES_DISCUSSIONS_DOMAIN_THREAD_H_
#define SERVICES_DISCUSSIONS_DOMAIN_THREAD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/discussions/domain/actor.h"

namespace praxis::discussions {

// What a thread is for. The numbers are stored and are those of the contract.
enum class ThreadKind {
  kProblemSolving = 1,
  kInformationRequest = 2,
  kSeekingExperience = 3,
  kReusingAssets = 4,
  kCoordination = 5,
  kBuildingArgument = 6,
  kGrowingConfidence = 7,
  kDiscussingDevelopments = 8,
  kDocumentingProject = 9,
  kVisit = 10,
  kMappingKnowledge = 11,
};

// How the contract writes a kind ("PROBLEM_SOLVING") and the outcome it closes
// with ("solution").
absl::string_view KindName(ThreadKind kind);
absl::string_view OutcomeName(ThreadKind kind);

// Where a thread lives: "communities/{community}/threads/{id}".
struct ThreadKey {
  std::string community;
  std::string id;
};

// How a thread ended, as the person who resolves it says.
struct Outcome {
  // The kind of thread that such an outcome closes; none when it is empty.
  std::optional<ThreadKind> closes;
  // The contract's Outcome on the wire: no rule looks inside.
  std::string content;
};

// The end of a thread.
struct Resolution {
  // Outcome::content.
  std::string outcome;
  // "members/{member}"
  std::string resolver;
  absl::Time time;
};

// A conversation with a purpose.
struct Thread {
  ThreadKey key;
  ThreadKind kind = ThreadKind::kProblemSolving;
  std::string title;
  std::string body;
  // "members/{member}"
  std::string author;
  absl::Time create_time;
  // When what this struct holds last changed; a new post changes post_count
  // only, and neither this nor the version.
  absl::Time update_time;
  std::optional<Resolution> resolution;
  int64_t post_count = 0;
  // 1, 2, 3 ...
  int64_t version = 1;
};

// The author and who moderates may resolve a thread: NOT_AUTHOR otherwise.
absl::Status MayResolve(const Thread& thread, const Actor& actor);

// Closes `thread`, for good: ALREADY_RESOLVED when it is closed,
// OUTCOME_MISMATCH when its kind closes with another outcome. A refused thread
// is left as it was.
absl::Status Resolve(Thread& thread, const Outcome& outcome, const Actor& actor,
                     absl::Time now);

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_DOMAIN_THREAD_H_
