// What can be listed and searched is exactly what can be got.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"
#include "services/discussions/testing/discussions.h"

namespace praxis::discussions {
namespace {

using ::praxis::testing::StatusOf;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAreArray;
using ::testing::UnorderedElementsAreArray;

// "" is anyone.
constexpr std::array kPeople = {"", "ada", "bob", "mia", "eve"};

// Random communities with random content, and random people who may or may not
// read it. PRAXIS_TEST_SEED replays what a failure prints.
class VisibleTest : public ::testing::TestWithParam<int> {
 protected:
  VisibleTest() {
    const char* replay = std::getenv("PRAXIS_TEST_SEED");
    seed_ = replay != nullptr ? std::strtoul(replay, nullptr, 10)
                              : std::random_device{}();
    random_.seed(seed_);
  }

  // 0 to n - 1.
  int Below(int n) { return static_cast<int>(random_() % n); }

  std::string AnyCommunity() { return absl::StrCat("c-", Below(GetParam())); }
  events::v1::Visibility AnyVisibility() {
    return static_cast<events::v1::Visibility>(1 + Below(3));
  }
  std::string AnyPerson() { return kPeople[1 + Below(kPeople.size() - 1)]; }

  // Not waited for: many changes are followed at once.
  void ChangeAccess() {
    const std::string scope = absl::StrCat("communities/", AnyCommunity());
    if (Below(10) == 0) {
      server_.members().Remove(scope);
    } else if (Below(2) == 0) {
      server_.members().SetVisibility(scope, AnyVisibility());
    } else {
      server_.members().SetRole(scope, absl::StrCat("members/", AnyPerson()),
                                static_cast<events::v1::Role>(Below(5)));
    }
  }

  // Written by someone who may write everywhere, while that lasts.
  void AddContent() {
    const std::string community = AnyCommunity();
    server_.Found(community, AnyVisibility());
    server_.Join(community, "writer");
    const v1::Thread thread = server_.CreateThread(
        "writer",
        testing::ThreadIn(community, Below(2) == 0 ? "A needle" : "Some hay",
                          Below(2) == 0 ? "needle" : "hay"));
    threads_.insert(threads_.begin(), thread);
    for (int i = Below(3); i > 0; --i) {
      posts_.push_back(server_.CreatePost(
          "writer",
          testing::PostIn(thread.name(), Below(2) == 0 ? "needle" : "hay")));
    }
  }

  // By its author, who may still write there, or not.
  void EditPost() {
    v1::Post& post = posts_[Below(posts_.size())];
    v1::UpdatePostRequest request;
    request.mutable_post()->set_name(post.name());
    request.mutable_post()->set_body(Below(2) == 0 ? "needle" : "hay");
    const auto edited = server_.Call<v1::Post>("writer", request);
    if (edited.ok()) post = *edited;
  }

  // What the person gets one by one, the newest first.
  std::vector<std::string> ThreadsGot(absl::string_view person) {
    std::vector<std::string> names;
    for (const v1::Thread& thread : threads_) {
      if (server_.GetThread(person, thread.name()).ok()) {
        names.push_back(thread.name());
      }
    }
    return names;
  }

  std::vector<std::string> NeedlesGot(absl::string_view person) {
    std::vector<std::string> names;
    for (const v1::Thread& thread : threads_) {
      if ((thread.title() == "A needle" || thread.body() == "needle") &&
          server_.GetThread(person, thread.name()).ok()) {
        names.push_back(thread.name());
      }
    }
    for (const v1::Post& post : posts_) {
      if (post.body() == "needle" &&
          server_.GetPost(person, post.name()).ok()) {
        names.push_back(post.name());
      }
    }
    return names;
  }

  std::vector<std::string> ThreadsListed(absl::string_view person,
                                         absl::string_view community) {
    std::vector<std::string> names;
    const auto threads = server_.ListThreads(person, community, 1 + Below(9));
    if (!threads.ok()) return names;
    for (const v1::Thread& thread : *threads) names.push_back(thread.name());
    return names;
  }

  std::vector<std::string> NeedlesFound(absl::string_view person,
                                        absl::string_view community) {
    std::vector<std::string> names;
    const auto hits = server_.Search(person, community, "needle", 1 + Below(9));
    if (!hits.ok()) return names;
    for (const v1::ThreadHit& hit : *hits) {
      names.push_back(hit.post().empty() ? hit.thread().name() : hit.post());
    }
    return names;
  }

  // Those of one community.
  static std::vector<std::string> In(const std::string& community,
                                     std::vector<std::string> names) {
    const std::string prefix = absl::StrCat("communities/", community, "/");
    names.erase(std::remove_if(names.begin(), names.end(),
                               [&](const std::string& name) {
                                 return name.rfind(prefix, 0) != 0;
                               }),
                names.end());
    return names;
  }

  unsigned long seed_;
  std::mt19937 random_;
  testing::Discussions server_;
  // The newest first.
  std::vector<v1::Thread> threads_;
  std::vector<v1::Post> posts_;
};

TEST_P(VisibleTest, IsExactlyWhatCanBeGot) {
  SCOPED_TRACE(absl::StrCat("PRAXIS_TEST_SEED=", seed_));
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 25; ++i) AddContent();
    for (int i = 0; i < 10; ++i) EditPost();
    for (int i = 0; i < 2 * GetParam(); ++i) ChangeAccess();
    ASSERT_THAT(server_.server().CatchUp(), Succeeds());
    for (const char* person : kPeople) {
      SCOPED_TRACE(person);
      const std::vector<std::string> threads = ThreadsGot(person);
      const std::vector<std::string> needles = NeedlesGot(person);
      EXPECT_THAT(ThreadsListed(person, "-"), ElementsAreArray(threads));
      EXPECT_THAT(NeedlesFound(person, "-"),
                  UnorderedElementsAreArray(needles));
      const std::string community = AnyCommunity();
      EXPECT_THAT(ThreadsListed(person, community),
                  ElementsAreArray(In(community, threads)));
      EXPECT_THAT(NeedlesFound(person, community),
                  UnorderedElementsAreArray(In(community, needles)));
    }
  }
}

// So few communities that all are named to the query, and so many that each row
// is asked for its own.
INSTANTIATE_TEST_SUITE_P(Communities, VisibleTest, ::testing::Values(4, 60));

}  // namespace
}  // namespace praxis::discussions
