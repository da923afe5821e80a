// History: what the writers of a crash test asked for and what they were told;
// and Record: what is there when it is over. Plain facts, for the judge.
#ifndef TESTS_CRASH_HISTORY_H_
#define TESTS_CRASH_HISTORY_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace praxis::crash {

// What came of a change.
enum class Outcome {
  // A whole answer said that it is done.
  kAcked,
  // A whole answer said that it is not.
  kRefused,
  // No whole answer came, and it was not asked again.
  kUnknown
};

// One change that was asked for, however often: again and again under the same
// request_id until there was an answer.
struct Change {
  // Of the event that it must leave: "post.created".
  std::string type;
  // The object; empty as long as nobody said which it is.
  std::string name;
  // A word that nothing else in the history has; of an upload the SHA-256 of
  // its bytes. Empty for what holds no text.
  std::string marker;
  Outcome outcome = Outcome::kUnknown;
  // Of the refusal.
  std::string reason;
  // How often it was sent after the first time.
  int repeats = 0;
  // As its answer says.
  int64_t version = 0;
  // When it was sent first and answered last, of one clock.
  absl::Time sent;
  absl::Time answered;
};

using History = std::vector<Change>;

// An event, as it was read.
struct Entry {
  int64_t number = 0;
  std::string type;
  std::string name;
  std::string marker;
  int64_t version = 0;
};

// A thread, a post or a resource, as lists show it.
struct Item {
  std::string name;
  std::string marker;
  int64_t version = 0;
  // Of a thread: how many posts it says that it has.
  int64_t post_count = 0;
};

// Everything there is when no change is under way.
struct Record {
  // By source.
  std::map<std::string, std::vector<Entry>> events;
  std::vector<Item> items;
  // Every membership, as members lists them: "communities/x/memberships/y".
  std::set<std::string> memberships;
  // By service and membership, there or not any more: whether its holder can
  // read what is private to the community.
  std::map<std::string, std::map<std::string, bool>> readers;
  // What a search for a marker found.
  std::map<std::string, std::vector<std::string>> found;
  // The SHA-256 of the bytes that a download gave, by resource.
  std::map<std::string, std::string> blobs;
};

}  // namespace praxis::crash

#endif  // TESTS_CRASH_HISTORY_H_
