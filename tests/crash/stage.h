// The stage of a crash test: who is there, and what they write about.
#ifndef TESTS_CRASH_STAGE_H_
#define TESTS_CRASH_STAGE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/crash/history.h"
#include "tests/system/suite.h"
#include "tests/system/world.h"

namespace praxis::crash {

// A post and the etag that was last seen of it.
struct KnownPost {
  std::string name;
  std::string etag;
};

// Somebody in whose name several writers write, so that they are in each
// other's way.
class Author {
 public:
  Author(const system::Person& person, std::string club)
      : name_(person.name),
        token_(person.caller.token()),
        club_(std::move(club)) {}

  const std::string& name() const { return name_; }
  const std::string& token() const { return token_; }
  // The private community that this one joins and leaves.
  const std::string& club() const { return club_; }
  // "communities/x/memberships/y"
  std::string MembershipIn(const std::string& community) const;

  void Keep(const KnownPost& post);
  // One of those kept; `choice` is any number. Empty when there is none.
  KnownPost Choose(size_t choice) const;

 private:
  const std::string name_;
  const std::string token_;
  const std::string club_;
  mutable absl::Mutex mutex_;
  std::vector<KnownPost> posts_ ABSL_GUARDED_BY(mutex_);
};

// A thread that only members of its community can read.
struct ClubThread {
  std::string name;
  std::string marker;
};

// Communities that all write in, and a club each that its author joins and
// leaves. The founder owns and reads them all. Its making is history too.
class Stage {
 public:
  // The suite runs. `authors` at least 1.
  Stage(const system::Suite& suite, int authors);

  const std::string& founder_token() const { return founder_token_; }
  const std::vector<std::string>& communities() const { return communities_; }
  std::vector<std::string> all_communities() const;
  Author& author(size_t index) { return *authors_[index % authors_.size()]; }
  size_t author_count() const { return authors_.size(); }
  // The one thread of an author's club.
  const ClubThread& club_thread(size_t author) const {
    return threads_[author % threads_.size()];
  }
  // What was changed while it was made.
  const History& history() const { return history_; }

  // A thread that was made lately; empty when there is none.
  std::string ChooseThread(size_t choice) const;
  void KeepThread(const std::string& name);

 private:
  void Joined(const std::string& membership);

  std::string founder_token_;
  std::vector<std::string> communities_;
  std::vector<std::unique_ptr<Author>> authors_;
  std::vector<ClubThread> threads_;
  History history_;
  mutable absl::Mutex mutex_;
  std::vector<std::string> recent_ ABSL_GUARDED_BY(mutex_);
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The marker in a text; empty when it has none.
std::string MarkerIn(const std::string& text);
// The number in an etag, "v12".
int64_t VersionOf(const std::string& etag);

}  // namespace praxis::crash

#endif  // TESTS_CRASH_STAGE_H_
