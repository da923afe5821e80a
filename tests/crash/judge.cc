#include "tests/crash/judge.h"

#include <algorithm>
#include <unordered_map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace praxis::crash {
namespace {

// The one reason for which a change may be refused: somebody was faster.
constexpr char kOvertaken[] = "ETAG_MISMATCH";
constexpr char kJoined[] = "membership.created";
constexpr char kLeft[] = "membership.deleted";
constexpr char kUploaded[] = "resource.uploaded";

// What a change is known by in the log.
std::string KeyOf(const std::string& type, const std::string& marker) {
  return absl::StrCat(type, " ", marker);
}

class Judgement {
 public:
  Judgement(const History& history, const Record& record)
      : history_(history), record_(record) {}

  std::vector<std::string> Objections() {
    ReadEvents();
    JudgeChanges();
    JudgeOrder();
    JudgeItems();
    JudgeMemberships();
    JudgeSearch();
    JudgeBlobs();
    return std::move(objections_);
  }

 private:
  // An object as its events tell it.
  struct Told {
    std::string marker;
    // The marker in its text.
    std::string word;
    int64_t version = 0;
  };

  template <typename... Words>
  void Object(const Words&... words) {
    objections_.push_back(absl::StrCat(words...));
  }

  void ReadEvents() {
    for (const auto& [source, log] : record_.events) {
      int64_t expected = 0;
      for (const Entry& entry : log) {
        if (entry.number != ++expected) {
          Object(source, ": number ", entry.number, " where ", expected,
                 " comes");
          expected = entry.number;
        }
        if (!entry.marker.empty()) ReadEvent(entry);
      }
    }
  }

  void ReadEvent(const Entry& entry) {
    by_key_[KeyOf(entry.type, entry.marker)].push_back(&entry);
    Told& told = told_[entry.name];
    if (entry.version != told.version + 1) {
      Object(entry.name, ": event ", entry.number, " has version ",
             entry.version, " after ", told.version);
    }
    told.marker = entry.marker;
    told.version = entry.version;
    if (entry.type != kUploaded) told.word = entry.marker;
  }

  void JudgeChanges() {
    for (const Change& change : history_) {
      if (change.outcome == Outcome::kRefused && change.reason != kOvertaken) {
        Object(change.type, " ", change.marker, change.name,
               " was refused: ", change.reason);
      }
      if (change.marker.empty()) continue;
      const auto found = by_key_.find(KeyOf(change.type, change.marker));
      const size_t times = found == by_key_.end() ? 0 : found->second.size();
      JudgeTimes(change, times);
      if (times == 0) continue;
      asked_ += times;
      JudgeEvents(change, found->second);
    }
    size_t all = 0;
    for (const auto& [key, entries] : by_key_) all += entries.size();
    if (all != asked_) {
      Object(all, " events tell of changes, ", asked_, " of those were asked");
    }
  }

  // An upload has no request_id: the same bytes may be taken twice.
  void JudgeTimes(const Change& change, size_t times) {
    const bool again = change.type == kUploaded && times > 1;
    if (change.outcome == Outcome::kAcked && times != 1 && !again) {
      Object(change.type, " ", change.marker, " was acknowledged and is there ",
             times, " times");
    }
    if (change.outcome == Outcome::kUnknown && times > 1 && !again) {
      Object(change.type, " ", change.marker, " had no answer and is there ",
             times, " times");
    }
    if (change.outcome == Outcome::kRefused && times > 0) {
      Object(change.type, " ", change.marker, " was refused and is there");
    }
  }

  void JudgeEvents(const Change& change,
                   const std::vector<const Entry*>& entries) {
    const auto as_acked = [&](const Entry* entry) {
      return entry->name == change.name && entry->version == change.version;
    };
    if (change.outcome == Outcome::kAcked &&
        std::none_of(entries.begin(), entries.end(), as_acked)) {
      Object(change.type, " ", change.marker, ": acknowledged as ", change.name,
             " version ", change.version, ", told as ", entries.back()->name,
             " version ", entries.back()->version);
    }
  }

  // Later versions were not answered before earlier ones were sent.
  void JudgeOrder() {
    std::unordered_map<std::string, std::vector<const Change*>> by_object;
    for (const Change& change : history_) {
      if (change.outcome == Outcome::kAcked && change.version > 0) {
        by_object[change.name].push_back(&change);
      }
    }
    for (auto& [name, changes] : by_object) {
      std::sort(changes.begin(), changes.end(),
                [](const Change* a, const Change* b) {
                  return a->version < b->version;
                });
      absl::Time sent = absl::InfinitePast();
      for (const Change* change : changes) {
        if (change->answered < sent) {
          Object(name, ": version ", change->version,
                 " was answered before an earlier one was asked for");
        }
        sent = std::max(sent, change->sent);
      }
    }
  }

  void JudgeItems() {
    std::unordered_map<std::string, int64_t> posts;
    for (const Item& item : record_.items) {
      const size_t end = item.name.find("/posts/");
      if (end != std::string::npos) ++posts[item.name.substr(0, end)];
    }
    std::set<std::string> listed;
    for (const Item& item : record_.items) {
      if (!listed.insert(item.name).second) {
        Object(item.name, " is listed twice");
      }
      JudgeItem(item);
      if (item.post_count != posts[item.name]) {
        Object(item.name, " counts ", item.post_count, " posts of ",
               posts[item.name]);
      }
    }
    for (const auto& [name, told] : told_) {
      if (listed.count(name) == 0) Object(name, " is not listed");
    }
  }

  void JudgeItem(const Item& item) {
    const auto told = told_.find(item.name);
    if (told == told_.end()) {
      Object(item.name, " is listed and no event told of it");
    } else if (told->second.marker != item.marker ||
               told->second.version != item.version) {
      Object(item.name, " is listed with ", item.marker, " version ",
             item.version, ", its last event has ", told->second.marker,
             " version ", told->second.version);
    }
  }

  // By membership: whether it is there, and how often it came and went.
  struct Turns {
    bool there = false;
    int64_t told = 0;
    int64_t acked = 0;
    bool unknown = false;
  };

  void JudgeMemberships() {
    std::map<std::string, Turns> turns = ReadTurns();
    for (const Change& change : history_) {
      if (change.type != kJoined && change.type != kLeft) continue;
      Turns& turn = turns[change.name];
      if (change.outcome == Outcome::kAcked) ++turn.acked;
      if (change.outcome == Outcome::kUnknown) turn.unknown = true;
    }
    for (const auto& [name, turn] : turns) {
      if (turn.told != turn.acked && !turn.unknown) {
        Object(name, " changed ", turn.told, " times, ", turn.acked,
               " were acknowledged");
      }
      if (turn.there != (record_.memberships.count(name) > 0)) {
        Object(name, turn.there ? " is not listed" : " is listed still");
      }
    }
    for (const std::string& name : record_.memberships) {
      if (turns.count(name) == 0) Object(name, " is listed, no event told it");
    }
    for (const auto& [service, readers] : record_.readers) {
      for (const auto& [name, reads] : readers) {
        if (turns[name].there == reads) continue;
        Object(name, reads ? " still reads at " : " cannot read at ", service);
      }
    }
  }

  std::map<std::string, Turns> ReadTurns() {
    std::map<std::string, Turns> turns;
    for (const auto& [source, log] : record_.events) {
      for (const Entry& entry : log) {
        if (entry.type != kJoined && entry.type != kLeft) continue;
        Turns& turn = turns[entry.name];
        ++turn.told;
        if (turn.there == (entry.type == kJoined)) {
          Object(entry.name, ": event ", entry.number, " says ", entry.type,
                 " again");
        }
        turn.there = entry.type == kJoined;
      }
    }
    return turns;
  }

  void JudgeSearch() {
    std::unordered_map<std::string, std::string> owner;
    for (const auto& [name, told] : told_) owner[told.word] = name;
    for (const auto& [marker, names] : record_.found) {
      // A text that was replaced is not found any more.
      const auto whose = owner.find(marker);
      const std::vector<std::string> expected =
          whose == owner.end() ? std::vector<std::string>()
                               : std::vector<std::string>{whose->second};
      if (names != expected) {
        Object("a search for ", marker, " finds ", names.size(),
               names.empty() ? "" : absl::StrCat(", ", names.front()),
               " instead of ", expected.empty() ? "none" : expected.front());
      }
    }
  }

  void JudgeBlobs() {
    for (const auto& [name, sha256] : record_.blobs) {
      const auto told = told_.find(name);
      if (told == told_.end() || told->second.marker != sha256) {
        Object(name, " gives bytes that were not uploaded last: ", sha256);
      }
    }
    std::unordered_map<std::string, std::string> last;
    for (const Change& change : history_) {
      if (change.type != kUploaded) continue;
      if (change.outcome == Outcome::kAcked) last[change.name] = change.marker;
      if (change.outcome == Outcome::kUnknown) last.erase(change.name);
    }
    for (const auto& [name, sha256] : last) {
      const auto blob = record_.blobs.find(name);
      if (blob == record_.blobs.end() || blob->second != sha256) {
        Object(name, " does not give the bytes that were acknowledged last");
      }
    }
  }

  const History& history_;
  const Record& record_;
  std::vector<std::string> objections_;
  std::unordered_map<std::string, std::vector<const Entry*>> by_key_;
  std::unordered_map<std::string, Told> told_;
  size_t asked_ = 0;
};

}  // namespace

std::vector<std::string> Judge(const History& history, const Record& record) {
  return Judgement(history, record).Objections();
}

}  // namespace praxis::crash
