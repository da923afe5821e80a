#include "services/discussions/domain/thread.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::discussions {
namespace {

struct KindNames {
  absl::string_view kind;
  absl::string_view outcome;
};

// In the order of the kinds' numbers, from 1.
constexpr KindNames kKindNames[] = {
    {"PROBLEM_SOLVING", "solution"},
    {"INFORMATION_REQUEST", "answer"},
    {"SEEKING_EXPERIENCE", "experiences"},
    {"REUSING_ASSETS", "reuse_record"},
    {"COORDINATION", "commitments"},
    {"BUILDING_ARGUMENT", "evidence_pack"},
    {"GROWING_CONFIDENCE", "feedback"},
    {"DISCUSSING_DEVELOPMENTS", "shared_position"},
    {"DOCUMENTING_PROJECT", "resource_version"},
    {"VISIT", "visit_record"},
    {"MAPPING_KNOWLEDGE", "knowledge_gaps"},
};

const KindNames& NamesOf(ThreadKind kind) {
  return kKindNames[static_cast<int>(kind) - 1];
}

}  // namespace

absl::string_view KindName(ThreadKind kind) { return NamesOf(kind).kind; }

absl::string_view OutcomeName(ThreadKind kind) { return NamesOf(kind).outcome; }

absl::Status MayResolve(const Thread& thread, const Actor& actor) {
  if (actor.name == thread.author || actor.moderates) return absl::OkStatus();
  return Error(Reason::NOT_AUTHOR,
               "Only the thread's author or a moderator can resolve it.");
}

absl::Status Resolve(Thread& thread, const Outcome& outcome, const Actor& actor,
                     absl::Time now) {
  if (thread.resolution.has_value()) {
    return Error(Reason::ALREADY_RESOLVED,
                 "The thread is resolved already; start a new one to go on.");
  }
  if (outcome.closes != thread.kind) {
    return Error(Reason::OUTCOME_MISMATCH,
                 absl::StrCat("A thread of kind ", KindName(thread.kind),
                              " closes with outcome.", OutcomeName(thread.kind),
                              "; send that one."));
  }
  thread.resolution = Resolution{
      .outcome = outcome.content, .resolver = actor.name, .time = now};
  thread.update_time = now;
  ++thread.version;
  return absl::OkStatus();
}

}  // namespace praxis::discussions
