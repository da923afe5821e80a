// Bug: a fault that is built into a run, so that the judgement can be judged.
#ifndef TESTS_SIMULATION_BUG_H_
#define TESTS_SIMULATION_BUG_H_

#include <array>

#include "absl/strings/string_view.h"

namespace praxis::simulation {

enum class Bug {
  kNone,
  // Relaying.
  kRelayWithoutRowCheck,
  kPublishBeforeCommit,
  kNumberAtInsert,
  kStreamTakesAnyNumber,
  kWaitForMaxId,
  // Following.
  kNoHoleCheck,
  kPositionBeforeEffect,
  kEffectBeforePosition,
  kPoisonBlocks,
  kPoisonIsSkipped,
  kGiveUpGoesBack,
  kCatchUpEndsEarly,
  kCatchUpJoinsLate,
  kCacheNotInvalidated,
  kCacheInvalidatedBefore,
  // Leases.
  kTrustAnyGrant,
  kLeaseFromAnswer,
  kAckAhead,
  kLatestBeforeRow,
  kLatestGoesBack,
  kSeenBeforeRead,
  kNoMargin,
  kForgetAnyBeat,
  kNoGrace,
  // The cache.
  kFillWithoutCompare,
  kRaiseWithoutMark,
  kFlightJoinedLate,
  // What a gateway keeps.
  kKeptWithoutLease,
  kKeptByALaterMark,
  kKeptOfWhoIsBehind,
  kKeptSinceAnyStart,
};

// A name for the command line, and what is wrong.
struct BugName {
  Bug bug;
  absl::string_view name;
  absl::string_view text;
};

inline constexpr std::array<BugName, 31> kBugs = {{
    {Bug::kRelayWithoutRowCheck, "relay_without_row_check",
     "two relays number at once, and the lease's row stops neither"},
    {Bug::kPublishBeforeCommit, "publish_before_commit",
     "what is published has numbers that are not committed yet"},
    {Bug::kNumberAtInsert, "number_at_insert",
     "consumers go by the id that an event was inserted with"},
    {Bug::kStreamTakesAnyNumber, "stream_takes_any_number",
     "the stream takes what is not above its last number"},
    {Bug::kWaitForMaxId, "wait_for_max_id",
     "a revoking call waits for the number of the last id it can see"},
    {Bug::kNoHoleCheck, "no_hole_check",
     "a consumer takes what the stream has next"},
    {Bug::kPositionBeforeEffect, "position_before_effect",
     "the position is committed before the effect"},
    {Bug::kEffectBeforePosition, "effect_before_position",
     "the effect is committed before the position"},
    {Bug::kPoisonBlocks, "poison_blocks",
     "an event that the database refuses is tried for ever"},
    {Bug::kPoisonIsSkipped, "poison_is_skipped",
     "an event that the database refuses is skipped, its scope not hidden"},
    {Bug::kGiveUpGoesBack, "give_up_goes_back",
     "giving an event up sets the position, wherever it is by now"},
    {Bug::kCatchUpEndsEarly, "catch_up_ends_early",
     "catching up ends when another thread applied the same batch"},
    {Bug::kCatchUpJoinsLate, "catch_up_joins_late",
     "who asks to catch up takes the outcome of a run under way"},
    {Bug::kCacheNotInvalidated, "cache_not_invalidated",
     "the projection keeps standings when access changes"},
    {Bug::kCacheInvalidatedBefore, "cache_invalidated_before",
     "the projection drops standings before the change is committed"},
    {Bug::kTrustAnyGrant, "trust_any_grant",
     "a lease that was over is taken up without catching up"},
    {Bug::kLeaseFromAnswer, "lease_from_answer",
     "a lease counts from when its answer came"},
    {Bug::kAckAhead, "ack_ahead",
     "what was received is acknowledged before it is applied"},
    {Bug::kLatestBeforeRow, "latest_before_row",
     "a grant's newest number is read before the row is written"},
    {Bug::kLatestGoesBack, "latest_goes_back",
     "a slow look at the log overwrites what a later one saw"},
    {Bug::kSeenBeforeRead, "seen_before_read",
     "the source counts a row from before it read it"},
    {Bug::kNoMargin, "no_margin",
     "the source gives a lease no longer than the consumer does"},
    {Bug::kForgetAnyBeat, "forget_any_beat",
     "a row is forgotten though its consumer has come back"},
    {Bug::kNoGrace, "no_grace",
     "a source that keeps rows in memory forgets leases by its restart"},
    {Bug::kFillWithoutCompare, "fill_without_compare",
     "a cache takes what is older than what it holds"},
    {Bug::kRaiseWithoutMark, "raise_without_mark",
     "a change drops the cache's entry and leaves no mark"},
    {Bug::kFlightJoinedLate, "flight_joined_late",
     "who misses takes a load that began before the change"},
    {Bug::kKeptWithoutLease, "kept_without_lease",
     "a gateway gives what it keeps, lease or not"},
    {Bug::kKeptByALaterMark, "kept_by_a_later_mark",
     "a gateway keeps what was asked for before a change as of after it"},
    {Bug::kKeptOfWhoIsBehind, "kept_of_who_is_behind",
     "a gateway keeps what a service answers that has not heard of the change"},
    {Bug::kKeptSinceAnyStart, "kept_since_any_start",
     "a gateway that starts takes services to know what was before"},
}};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_BUG_H_
