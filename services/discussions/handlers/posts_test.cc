#include "services/discussions/handlers/posts.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"
#include "services/discussions/testing/discussions.h"

namespace praxis::discussions {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Show(const google::protobuf::Message& message) {
  return message.ShortDebugString();
}

// "lean" is public; Ada and Bob are members, Mia moderates. Ada has asked.
class PostsTest : public ::testing::Test {
 protected:
  PostsTest() {
    server_.Found("lean", events::v1::PUBLIC);
    server_.Join("lean", "ada");
    server_.Join("lean", "bob");
    server_.Join("lean", "mia", events::v1::MODERATOR);
    thread_ = server_.CreateThread("ada", testing::ThreadIn("lean", "Why?"));
  }

  v1::Post Reply(absl::string_view person, absl::string_view body) {
    return server_.CreatePost(person, testing::PostIn(thread_.name(), body));
  }

  // An edit of the body alone, as a form would send it.
  absl::StatusOr<v1::Post> Edit(absl::string_view person, const v1::Post& post,
                                absl::string_view body,
                                absl::string_view etag = "") {
    v1::UpdatePostRequest request;
    request.mutable_post()->set_name(post.name());
    request.mutable_post()->set_body(std::string(body));
    request.mutable_post()->set_etag(std::string(etag));
    return server_.Call<v1::Post>(person, request);
  }

  testing::Discussions server_;
  v1::Thread thread_;
};

TEST_F(PostsTest, CreateAnswersWhatCanBeReadFromThenOn) {
  v1::CreatePostRequest request = testing::PostIn(thread_.name(), "Because.");
  request.mutable_post()->set_name(absl::StrCat(thread_.name(), "/posts/mine"));
  request.mutable_post()->set_author("members/ada");
  const v1::Post post = server_.CreatePost("bob", request);

  EXPECT_THAT(post.name(), StartsWith(absl::StrCat(thread_.name(), "/posts/")));
  EXPECT_NE(post.name(), request.post().name());
  EXPECT_EQ(post.body(), "Because.");
  EXPECT_EQ(post.author(), "members/bob");
  EXPECT_TRUE(post.has_create_time());
  EXPECT_EQ(Show(post.create_time()), Show(post.update_time()));

  const absl::StatusOr<v1::Post> read = server_.GetPost("", post.name());
  ASSERT_THAT(read, Succeeds());
  EXPECT_EQ(Show(*read), Show(post));
}

TEST_F(PostsTest, CreateCountsInTheThreadAndChangesNothingElseOfIt) {
  EXPECT_EQ(server_.GetThread("ada", thread_.name())->post_count(), 0);
  Reply("ada", "one");
  Reply("bob", "two");
  v1::Thread expected = thread_;
  expected.set_post_count(2);
  EXPECT_EQ(Show(*server_.GetThread("ada", thread_.name())), Show(expected));
}

TEST_F(PostsTest, CreateStoresNothingThatBreaksTheRules) {
  for (const std::string& body :
       {std::string(), std::string(65537, 'a'), std::string("bell \a")}) {
    EXPECT_THAT(
        server_.Call<v1::Post>("ada", testing::PostIn(thread_.name(), body)),
        FailsWith(Reason::FIELD_INVALID));
  }
  EXPECT_THAT(*server_.ListPosts("ada", thread_.name()), IsEmpty());
  EXPECT_EQ(server_.GetThread("ada", thread_.name())->post_count(), 0);
}

TEST_F(PostsTest, CreateAndListSayThatThereIsNoSuchThread) {
  const std::string none = "communities/lean/threads/none";
  EXPECT_THAT(server_.Call<v1::Post>("ada", testing::PostIn(none, "Hello?")),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
  EXPECT_THAT(server_.ListPosts("ada", none),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
  EXPECT_THAT(*server_.ListPosts("ada", thread_.name()), IsEmpty());
}

TEST_F(PostsTest, AResolvedThreadStillTakesPosts) {
  v1::ResolveThreadRequest request;
  request.set_name(thread_.name());
  *request.mutable_outcome() = testing::OutcomeFor(thread_.kind());
  ASSERT_THAT(server_.Call<v1::Thread>("ada", request), Succeeds());
  Reply("bob", "It worked for us too.");
  EXPECT_EQ(server_.GetThread("ada", thread_.name())->post_count(), 1);
}

TEST_F(PostsTest, GetSaysThatThereIsNoSuchPost) {
  const v1::Post post = Reply("ada", "Here");
  const v1::Thread other =
      server_.CreateThread("ada", testing::ThreadIn("lean", "Another"));
  const std::string id = post.name().substr(post.name().rfind('/') + 1);
  for (const std::string& name : {absl::StrCat(thread_.name(), "/posts/none"),
                                  absl::StrCat(other.name(), "/posts/", id)}) {
    EXPECT_THAT(server_.GetPost("ada", name),
                FailsWith(Reason::RESOURCE_NOT_FOUND))
        << name;
  }
}

TEST_F(PostsTest, ListGivesTheOldestFirstOnPagesOfEverySize) {
  const v1::Thread other =
      server_.CreateThread("ada", testing::ThreadIn("lean", "Another"));
  for (const char* body : {"one", "two", "three", "four", "five"}) {
    Reply("ada", body);
    server_.CreatePost("ada", testing::PostIn(other.name(), "elsewhere"));
  }
  for (const int page_size : {1, 2, 3, 4, 5, 6}) {
    std::vector<std::string> bodies;
    const auto posts = server_.ListPosts("bob", thread_.name(), page_size);
    ASSERT_THAT(posts, Succeeds());
    for (const v1::Post& post : *posts) bodies.push_back(post.body());
    EXPECT_THAT(bodies, ElementsAre("one", "two", "three", "four", "five"))
        << page_size;
  }
}

TEST_F(PostsTest, ListFindsOnItsLastPageWhatCameInBetween) {
  Reply("ada", "one");
  Reply("ada", "two");
  v1::ListPostsRequest request;
  request.set_parent(thread_.name());
  request.set_page_size(1);
  auto page = server_.Call<v1::ListPostsResponse>("ada", request);
  ASSERT_THAT(page, Succeeds());
  Reply("ada", "three");
  request.set_page_token(page->next_page_token());
  request.set_page_size(50);
  page = server_.Call<v1::ListPostsResponse>("ada", request);
  ASSERT_THAT(page, Succeeds());
  ASSERT_EQ(page->posts_size(), 2);
  EXPECT_EQ(page->posts(1).body(), "three");
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_F(PostsTest, ListEndsAPageEarlyWhenItsTextsAreLong) {
  constexpr int kPosts = 40;
  for (int i = 0; i < kPosts; ++i) Reply("ada", std::string(65536, 'x'));
  v1::ListPostsRequest request;
  request.set_parent(thread_.name());
  request.set_page_size(200);
  const auto page = server_.Call<v1::ListPostsResponse>("ada", request);
  ASSERT_THAT(page, Succeeds());
  EXPECT_EQ(page->posts_size(), 16);
  EXPECT_THAT(*server_.ListPosts("ada", thread_.name(), 200), SizeIs(kPosts));
}

TEST_F(PostsTest, UpdateChangesTheBody) {
  const v1::Post post = Reply("bob", "Becuase.");
  const absl::StatusOr<v1::Post> edited =
      Edit("bob", post, "Because.", post.etag());
  ASSERT_THAT(edited, Succeeds());
  EXPECT_EQ(edited->body(), "Because.");
  EXPECT_EQ(edited->author(), "members/bob");
  EXPECT_EQ(Show(edited->create_time()), Show(post.create_time()));
  EXPECT_NE(Show(edited->update_time()), Show(post.update_time()));
  EXPECT_NE(edited->etag(), post.etag());
  EXPECT_EQ(Show(*server_.GetPost("ada", post.name())), Show(*edited));
}

TEST_F(PostsTest, UpdateIsFoundByItsNewWordsOnly) {
  const v1::Post post = Reply("bob", "zebra");
  ASSERT_THAT(Edit("bob", post, "giraffe"), Succeeds());
  EXPECT_THAT(*server_.Search("ada", "lean", "zebra"), IsEmpty());
  const auto hits = server_.Search("ada", "lean", "giraffe");
  ASSERT_THAT(hits, Succeeds());
  ASSERT_THAT(*hits, SizeIs(1));
  EXPECT_EQ(hits->front().post(), post.name());
}

TEST_F(PostsTest, UpdateIsForTheAuthorAlone) {
  const v1::Post post = Reply("bob", "Mine");
  for (const char* other : {"ada", "mia"}) {
    EXPECT_THAT(Edit(other, post, "Not yours"), FailsWith(Reason::NOT_AUTHOR))
        << other;
  }
  EXPECT_EQ(Show(*server_.GetPost("ada", post.name())), Show(post));
}

TEST_F(PostsTest, UpdateRefusesAStaleEtag) {
  const v1::Post post = Reply("bob", "one");
  ASSERT_THAT(Edit("bob", post, "two", post.etag()), Succeeds());
  EXPECT_THAT(Edit("bob", post, "three", post.etag()),
              FailsWith(Reason::ETAG_MISMATCH));
  EXPECT_THAT(Edit("bob", post, "three"), Succeeds());
}

TEST_F(PostsTest, UpdateTakesOnlyWhatCanBeSet) {
  const v1::Post post = Reply("bob", "Mine");
  v1::UpdatePostRequest request;
  *request.mutable_post() = post;
  request.mutable_post()->set_body("Changed");
  for (const char* path : {"author", "name", "etag", "create_time", "title"}) {
    request.mutable_update_mask()->clear_paths();
    request.mutable_update_mask()->add_paths(path);
    EXPECT_THAT(server_.Call<v1::Post>("bob", request),
                FailsWith(Reason::MASK_INVALID))
        << path;
  }
  EXPECT_EQ(Show(*server_.GetPost("ada", post.name())), Show(post));

  request.mutable_update_mask()->clear_paths();
  request.mutable_update_mask()->add_paths("body");
  EXPECT_THAT(server_.Call<v1::Post>("bob", request), Succeeds());
}

TEST_F(PostsTest, UpdateLeavesNoPostWithoutABody) {
  const v1::Post post = Reply("bob", "Mine");
  v1::UpdatePostRequest request;
  request.mutable_post()->set_name(post.name());
  request.mutable_update_mask()->add_paths("body");
  EXPECT_THAT(server_.Call<v1::Post>("bob", request),
              FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(Edit("bob", post, std::string(65537, 'a')),
              FailsWith(Reason::FIELD_INVALID));
  EXPECT_EQ(Show(*server_.GetPost("ada", post.name())), Show(post));
}

TEST_F(PostsTest, UpdateSaysThatThereIsNoSuchPost) {
  v1::Post none;
  none.set_name(absl::StrCat(thread_.name(), "/posts/none"));
  EXPECT_THAT(Edit("ada", none, "Hello?"),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
}

}  // namespace
}  // namespace praxis::discussions
