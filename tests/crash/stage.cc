#include "tests/crash/stage.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace praxis::crash {
namespace {

using system::Person;
using system::Transport;

constexpr size_t kRecentThreads = 64;
constexpr char kMarkerBegin[] = "mk";

std::string MembershipOf(const std::string& community,
                         const std::string& member) {
  return absl::StrCat(community, "/memberships", member.substr(7));
}

}  // namespace

std::string Author::MembershipIn(const std::string& community) const {
  return MembershipOf(community, name_);
}

void Author::Keep(const KnownPost& post) {
  absl::MutexLock lock(&mutex_);
  for (KnownPost& known : posts_) {
    if (known.name == post.name) {
      known.etag = post.etag;
      return;
    }
  }
  // A few are enough: they are to be edited often.
  if (posts_.size() < kRecentThreads) posts_.push_back(post);
}

KnownPost Author::Choose(size_t choice) const {
  absl::MutexLock lock(&mutex_);
  return posts_.empty() ? KnownPost() : posts_[choice % posts_.size()];
}

Stage::Stage(const system::Suite& suite, int authors) {
  Person founder = Register(suite, Transport::kHttp, "founder");
  founder_token_ = founder.caller.token();
  for (const auto visibility :
       {events::v1::PUBLIC, events::v1::PRIVATE, events::v1::PUBLIC}) {
    communities_.push_back(Found(founder.caller, "yard", visibility));
    Joined(MembershipOf(communities_.back(), founder.name));
  }
  for (int i = 0; i < authors; ++i) {
    Person person = Register(suite, Transport::kHttp, "author");
    for (const std::string& community : communities_) {
      Join(person.caller, community);
      Joined(MembershipOf(community, person.name));
    }
    const std::string club = Found(founder.caller, "club", events::v1::PRIVATE);
    Joined(MembershipOf(club, founder.name));
    const std::string marker = absl::StrCat(kMarkerBegin, "club", i);
    const auto thread = Ask(founder.caller, club, "Rules of the house", marker);
    threads_.push_back({thread.name(), marker});
    history_.push_back({.type = "thread.created",
                        .name = thread.name(),
                        .marker = marker,
                        .outcome = Outcome::kAcked,
                        .version = VersionOf(thread.etag())});
    authors_.push_back(std::make_unique<Author>(std::move(person), club));
  }
}

void Stage::Joined(const std::string& membership) {
  history_.push_back({.type = "membership.created",
                      .name = membership,
                      .outcome = Outcome::kAcked});
}

std::vector<std::string> Stage::all_communities() const {
  std::vector<std::string> all = communities_;
  for (const auto& author : authors_) all.push_back(author->club());
  return all;
}

std::string Stage::ChooseThread(size_t choice) const {
  absl::MutexLock lock(&mutex_);
  return recent_.empty() ? "" : recent_[choice % recent_.size()];
}

void Stage::KeepThread(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  if (recent_.size() < kRecentThreads) {
    recent_.push_back(name);
  } else {
    recent_[next_++ % kRecentThreads] = name;
  }
}

std::string MarkerIn(const std::string& text) {
  for (const absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" .\n"))) {
    if (absl::StartsWith(word, kMarkerBegin)) return std::string(word);
  }
  return "";
}

int64_t VersionOf(const std::string& etag) {
  absl::string_view digits = etag;
  absl::ConsumePrefix(&digits, "v");
  int64_t version = 0;
  return absl::SimpleAtoi(digits, &version) ? version : 0;
}

}  // namespace praxis::crash
