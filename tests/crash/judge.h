// The judge: whether what is there is what was acknowledged.
#ifndef TESTS_CRASH_JUDGE_H_
#define TESTS_CRASH_JUDGE_H_

#include <string>
#include <vector>

#include "tests/crash/history.h"

namespace praxis::crash {

// Every objection, in linear time:
// - numbers of events are 1, 2, 3 ... in every log;
// - a change that was acknowledged left its event once, with the object and
//   the version that were acknowledged; one without an answer left it once or
//   not at all; a refused one left none; and no event is without its change;
// - the events of an object bear versions 1, 2, 3 ... in this order, and a
//   change that was answered before another was sent has the lower one;
// - every object is listed as its last event says, and no other;
// - a thread counts the posts that it has;
// - memberships begin and end in turn, as often as was acknowledged, and who
//   has one, and only they, can read;
// - a search for a marker finds the object whose it is now, and nothing else;
// - the bytes of a file are those of the last upload.
std::vector<std::string> Judge(const History& history, const Record& record);

}  // namespace praxis::crash

#endif  // TESTS_CRASH_JUDGE_H_
