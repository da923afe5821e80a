#include "tests/crash/judge.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::crash {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kLog[] = "services/discussions";
constexpr char kFiles[] = "services/resources";
constexpr char kPlace[] = "communities/yard/memberships/ada";

// A small history and the record that it must leave: a thread with an edited
// post, a membership that came, went and came again, a file.
class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest() {
    Do("thread.created", "t1", "mk1", 1);
    Do("post.created", "t1/posts/p1", "mk2", 1);
    Do("post.updated", "t1/posts/p1", "mk3", 2);
    record_.events[kLog] = {{1, "thread.created", "t1", "mk1", 1},
                            {2, "post.created", "t1/posts/p1", "mk2", 1},
                            {3, "post.updated", "t1/posts/p1", "mk3", 2}};
    record_.items = {{"t1", "mk1", 1, 1}, {"t1/posts/p1", "mk3", 2}};
    record_.found = {{"mk1", {"t1"}}, {"mk2", {}}, {"mk3", {"t1/posts/p1"}}};

    for (const char* type :
         {"membership.created", "membership.deleted", "membership.created"}) {
      Do(type, kPlace, "", 0);
      auto& log = record_.events["services/members"];
      log.push_back({static_cast<int64_t>(log.size()) + 1, type, kPlace});
    }
    record_.memberships = {kPlace};
    record_.readers["discussions"][kPlace] = true;

    Do("resource.created", "r1", "mk4", 1);
    Do("resource.uploaded", "r1", "sha-a", 2);
    record_.events[kFiles] = {{1, "resource.created", "r1", "mk4", 1},
                              {2, "resource.uploaded", "r1", "sha-a", 2}};
    record_.items.push_back({"r1", "sha-a", 2});
    record_.blobs["r1"] = "sha-a";
  }

  // A change that was acknowledged, after all before it.
  Change& Do(const std::string& type, const std::string& name,
             const std::string& marker, int64_t version) {
    clock_ += absl::Seconds(2);
    history_.push_back({.type = type,
                        .name = name,
                        .marker = marker,
                        .outcome = Outcome::kAcked,
                        .version = version,
                        .sent = clock_,
                        .answered = clock_ + absl::Seconds(1)});
    return history_.back();
  }
  std::vector<std::string> Objections() const {
    return Judge(history_, record_);
  }
  auto Objects(const std::string& to) { return Contains(HasSubstr(to)); }

  absl::Time clock_ = absl::UnixEpoch();
  History history_;
  Record record_;
};

TEST_F(JudgeTest, FindsNothingWhereAllIsWell) {
  EXPECT_THAT(Objections(), IsEmpty());
}

TEST_F(JudgeTest, MissesWhatWasAcknowledged) {
  Do("post.created", "t1/posts/p2", "mk9", 1);
  EXPECT_THAT(Objections(), Objects("mk9 was acknowledged and is there 0"));
}

TEST_F(JudgeTest, LetsBeWhatHadNoAnswer) {
  Do("post.created", "", "mk9", 0).outcome = Outcome::kUnknown;
  EXPECT_THAT(Objections(), IsEmpty());
}

TEST_F(JudgeTest, SeesADouble) {
  record_.events[kLog].push_back({4, "thread.created", "t2", "mk1", 1});
  record_.items.push_back({"t2", "mk1", 1});
  EXPECT_THAT(Objections(), Objects("mk1 was acknowledged and is there 2"));
  history_[0].outcome = Outcome::kUnknown;
  EXPECT_THAT(Objections(), Objects("mk1 had no answer and is there 2"));
}

TEST_F(JudgeTest, SeesWhatWasRefusedAndDone) {
  history_[2].outcome = Outcome::kRefused;
  history_[2].reason = "ETAG_MISMATCH";
  EXPECT_THAT(Objections(), Objects("mk3 was refused and is there"));
}

TEST_F(JudgeTest, SeesARefusalThatNothingExplains) {
  Do("post.created", "", "mk9", 0).outcome = Outcome::kRefused;
  history_.back().reason = "INTERNAL";
  EXPECT_THAT(Objections(), Objects("was refused: INTERNAL"));
}

TEST_F(JudgeTest, SeesAMissingEvent) {
  record_.events[kLog].pop_back();
  EXPECT_THAT(Objections(), Objects("mk3 was acknowledged and is there 0"));
}

TEST_F(JudgeTest, SeesAHoleInTheNumbers) {
  record_.events[kLog].back().number = 4;
  EXPECT_THAT(Objections(), Objects("number 4 where 3 comes"));
}

TEST_F(JudgeTest, SeesEventsInTheWrongOrder) {
  auto& log = record_.events[kLog];
  std::swap(log[1], log[2]);
  std::swap(log[1].number, log[2].number);
  EXPECT_THAT(Objections(), Objects("event 2 has version 2 after 0"));
}

TEST_F(JudgeTest, SeesAnEventOfNoChange) {
  record_.events[kLog].push_back({4, "thread.created", "t2", "mk8", 1});
  record_.items.push_back({"t2", "mk8", 1});
  EXPECT_THAT(Objections(), Objects("events tell of changes"));
}

TEST_F(JudgeTest, SeesAnAnswerThatNamedAnother) {
  history_[1].name = "t1/posts/p7";
  EXPECT_THAT(Objections(), Objects("acknowledged as t1/posts/p7"));
}

TEST_F(JudgeTest, SeesAVersionThatCameTooEarly) {
  std::swap(history_[1].sent, history_[2].sent);
  std::swap(history_[1].answered, history_[2].answered);
  EXPECT_THAT(Objections(), Objects("before an earlier one was asked for"));
}

TEST_F(JudgeTest, SeesALostUpdate) {
  record_.items[1] = {"t1/posts/p1", "mk2", 1};
  EXPECT_THAT(Objections(), Objects("its last event has mk3 version 2"));
}

TEST_F(JudgeTest, SeesWhatListsLeaveOutOrRepeat) {
  record_.items.push_back(record_.items[1]);
  EXPECT_THAT(Objections(), Objects("is listed twice"));
  record_.items.erase(record_.items.begin() + 1);
  record_.items.pop_back();
  EXPECT_THAT(Objections(), Objects("t1/posts/p1 is not listed"));
}

TEST_F(JudgeTest, SeesAWrongCount) {
  record_.items[0].post_count = 2;
  EXPECT_THAT(Objections(), Objects("t1 counts 2 posts of 1"));
}

TEST_F(JudgeTest, SeesAMembershipThatCameBack) {
  Do("membership.deleted", kPlace, "", 0);
  EXPECT_THAT(Objections(), Objects("3 times, 4 were acknowledged"));
  record_.events["services/members"].push_back(
      {4, "membership.deleted", kPlace});
  EXPECT_THAT(Objections(), Objects("is listed still"));
  record_.memberships.clear();
  EXPECT_THAT(Objections(), Objects("still reads at discussions"));
}

TEST_F(JudgeTest, SeesAProjectionThatLagsBehind) {
  record_.readers["discussions"][kPlace] = false;
  EXPECT_THAT(Objections(), Objects("cannot read at discussions"));
}

TEST_F(JudgeTest, SeesASearchThatFindsTooMuchOrTooLittle) {
  record_.found["mk2"] = {"t1/posts/p1"};
  EXPECT_THAT(Objections(), Objects("a search for mk2 finds 1"));
  record_.found["mk2"] = {};
  record_.found["mk1"] = {};
  EXPECT_THAT(Objections(), Objects("a search for mk1 finds 0"));
}

TEST_F(JudgeTest, SeesWrongBytes) {
  record_.blobs["r1"] = "sha-b";
  EXPECT_THAT(Objections(), Objects("were not uploaded last"));
  EXPECT_THAT(Objections(), Objects("that were acknowledged last"));
}

TEST_F(JudgeTest, LetsAnUploadWithoutAnAnswerWin) {
  Do("resource.uploaded", "r1", "sha-b", 3).outcome = Outcome::kUnknown;
  record_.events[kFiles].push_back({3, "resource.uploaded", "r1", "sha-b", 3});
  record_.items.back() = {"r1", "sha-b", 3};
  record_.blobs["r1"] = "sha-b";
  EXPECT_THAT(Objections(), IsEmpty());
}

}  // namespace
}  // namespace praxis::crash
