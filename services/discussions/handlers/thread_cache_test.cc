#include "services/discussions/handlers/thread_cache.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/cache/local_cache.h"
#include "services/common/testing/matchers.h"
#include "services/discussions/testing/discussions.h"

namespace praxis::discussions {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using testing::Discussions;
using testing::PostIn;
using testing::ThreadIn;

// Ada and Bob in the private community "lean", where Ada has begun a thread.
class ThreadCacheTest : public ::testing::Test {
 protected:
  ThreadCacheTest() {
    service_.Found("lean", events::v1::PRIVATE);
    service_.Join("lean", "ada");
    service_.Join("lean", "bob");
    thread_ = service_.CreateThread("ada", ThreadIn("lean", "A leaking pump"));
  }

  absl::StatusOr<v1::Thread> GetThread(absl::string_view person) {
    v1::GetThreadRequest request;
    request.set_name(thread_.name());
    return service_.Call<v1::Thread>(person, request);
  }
  absl::StatusOr<v1::ListPostsResponse> ListPosts(absl::string_view person,
                                                  int size = 0,
                                                  std::string token = "") {
    v1::ListPostsRequest request;
    request.set_parent(thread_.name());
    request.set_page_size(size);
    request.set_page_token(std::move(token));
    return service_.Call<v1::ListPostsResponse>(person, request);
  }

  // How often something was read from the database and put into the cache.
  int64_t Loads(const std::string& name) {
    return service_.host()
        .host()
        .registry
        .FindCounter("praxis_cache_loads_total",
                     "Loads for a cache; fewer than misses, which share them.",
                     {{"cache", name}})
        .value();
  }

  cache::LocalCache cache_;
  Discussions service_{&cache_};
  v1::Thread thread_;
};

TEST_F(ThreadCacheTest, ReadsAThreadOnceForAll) {
  for (int i = 0; i < 5; ++i) {
    const auto ada = GetThread("ada");
    const auto bob = GetThread("bob");
    ASSERT_THAT(ada, Succeeds());
    ASSERT_THAT(bob, Succeeds());
    EXPECT_EQ(ada->SerializeAsString(), thread_.SerializeAsString());
    EXPECT_EQ(bob->SerializeAsString(), thread_.SerializeAsString());
  }
  EXPECT_EQ(Loads("threads"), 1);
}

TEST_F(ThreadCacheTest, ShowsEveryChangeToWhoMadeItAndAllOthers) {
  EXPECT_EQ(GetThread("ada")->post_count(), 0);
  EXPECT_EQ(ListPosts("ada")->posts_size(), 0);
  v1::Post post = service_.CreatePost("bob", PostIn(thread_.name(), "First"));
  EXPECT_EQ(GetThread("ada")->post_count(), 1);
  ASSERT_EQ(ListPosts("ada")->posts_size(), 1);

  v1::UpdatePostRequest edit;
  *edit.mutable_post() = post;
  edit.mutable_post()->set_body("Second");
  edit.mutable_update_mask()->add_paths("body");
  ASSERT_THAT(service_.Call<v1::Post>("bob", edit), Succeeds());
  EXPECT_EQ(ListPosts("ada")->posts(0).body(), "Second");

  v1::ResolveThreadRequest resolve;
  resolve.set_name(thread_.name());
  *resolve.mutable_outcome() = testing::OutcomeFor(v1::PROBLEM_SOLVING);
  ASSERT_THAT(service_.Call<v1::Thread>("ada", resolve), Succeeds());
  EXPECT_TRUE(GetThread("bob")->has_outcome());
  // Of four states that a reader asked for.
  EXPECT_EQ(Loads("threads"), 3);
}

TEST_F(ThreadCacheTest, LetsNobodyReadWhoMayNot) {
  ASSERT_THAT(GetThread("ada"), Succeeds());
  ASSERT_THAT(ListPosts("ada"), Succeeds());
  EXPECT_THAT(GetThread("eve"), FailsWith(Reason::ROLE_INSUFFICIENT));
  service_.Leave("lean", "bob");
  EXPECT_THAT(GetThread("bob"), FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(ListPosts("bob"), FailsWith(Reason::ROLE_INSUFFICIENT));
}

// A page token is bound to who asked for the page, so it cannot be in there.
TEST_F(ThreadCacheTest, GivesEachReaderATokenOfTheirOwn) {
  for (int i = 0; i < 60; ++i) {
    service_.CreatePost("ada", PostIn(thread_.name(), std::to_string(i)));
  }
  const auto ada = ListPosts("ada");
  const auto bob = ListPosts("bob");
  ASSERT_EQ(ada->posts_size(), 50);
  ASSERT_EQ(bob->posts_size(), 50);
  EXPECT_EQ(ListPosts("ada", 0, ada->next_page_token())->posts_size(), 10);
  EXPECT_EQ(ListPosts("bob", 0, bob->next_page_token())->posts_size(), 10);
  EXPECT_THAT(ListPosts("bob", 0, ada->next_page_token()),
              FailsWith(Reason::PAGE_TOKEN_INVALID));
  EXPECT_EQ(ListPosts("bob", 7)->posts_size(), 7);
}

TEST_F(ThreadCacheTest, RemembersNothingThatIsNotThere) {
  v1::GetThreadRequest request;
  request.set_name("communities/lean/threads/01m8cqqvxxef2vk9r250dfq8cq");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(service_.Call<v1::Thread>("ada", request),
                FailsWith(Reason::RESOURCE_NOT_FOUND));
  }
}

}  // namespace
}  // namespace praxis::discussions
