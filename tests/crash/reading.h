// Reading the record: everything that is there, by the API alone.
#ifndef TESTS_CRASH_READING_H_
#define TESTS_CRASH_READING_H_

#include "tests/crash/history.h"
#include "tests/crash/stage.h"
#include "tests/system/suite.h"

namespace praxis::crash {

// Reads all lists by pages, every log, every file, who can read the clubs, and
// searches for the markers of `history`, of some of them when there are more
// than `searches`. Projections are given 5 s to follow. Nobody writes
// meanwhile.
Record ReadRecord(const system::Suite& suite, Stage& stage,
                  const History& history, size_t searches);

}  // namespace praxis::crash

#endif  // TESTS_CRASH_READING_H_
