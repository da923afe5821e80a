#include "services/discussions/handlers/threads.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"
#include "services/discussions/testing/discussions.h"

namespace praxis::discussions {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::praxis::testing::FailsWith;
using ::praxis::testing::StatusOf;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Show(const google::protobuf::Message& message) {
  return message.ShortDebugString();
}

// "lean" is public; Ada and Bob are members, Mia moderates, Eve is a stranger.
class ThreadsTest : public ::testing::Test {
 protected:
  ThreadsTest() {
    server_.Found("lean", events::v1::PUBLIC);
    server_.Join("lean", "ada");
    server_.Join("lean", "bob");
    server_.Join("lean", "mia", events::v1::MODERATOR);
  }

  v1::Thread Ask(absl::string_view person, absl::string_view title,
                 v1::ThreadKind kind = v1::PROBLEM_SOLVING) {
    v1::CreateThreadRequest request = testing::ThreadIn("lean", title);
    request.mutable_thread()->set_kind(kind);
    return server_.CreateThread(person, request);
  }

  absl::StatusOr<v1::Thread> Resolve(absl::string_view person,
                                     const v1::Thread& thread,
                                     const v1::Outcome& outcome,
                                     absl::string_view etag = "") {
    v1::ResolveThreadRequest request;
    request.set_name(thread.name());
    *request.mutable_outcome() = outcome;
    request.set_etag(std::string(etag));
    return server_.Call<v1::Thread>(person, request);
  }

  testing::Discussions server_;
};

using CreateThreadTest = ThreadsTest;

TEST_F(CreateThreadTest, AnswersWhatCanBeReadFromThenOn) {
  v1::CreateThreadRequest request =
      testing::ThreadIn("lean", "Why is it late?", "Three **weeks** in a row.");
  // What the service assigns is not taken from the caller.
  request.mutable_thread()->set_name("communities/lean/threads/mine");
  request.mutable_thread()->set_author("members/bob");
  request.mutable_thread()->set_post_count(9);
  request.mutable_thread()->set_etag("v9");
  *request.mutable_thread()->mutable_outcome() =
      testing::OutcomeFor(v1::PROBLEM_SOLVING);
  const v1::Thread thread = server_.CreateThread("ada", request);

  EXPECT_THAT(thread.name(), StartsWith("communities/lean/threads/"));
  EXPECT_NE(thread.name(), "communities/lean/threads/mine");
  EXPECT_EQ(thread.kind(), v1::PROBLEM_SOLVING);
  EXPECT_EQ(thread.title(), "Why is it late?");
  EXPECT_EQ(thread.body(), "Three **weeks** in a row.");
  EXPECT_EQ(thread.author(), "members/ada");
  EXPECT_EQ(thread.post_count(), 0);
  EXPECT_FALSE(thread.has_outcome());
  EXPECT_TRUE(thread.has_create_time());
  EXPECT_EQ(Show(thread.create_time()), Show(thread.update_time()));

  const absl::StatusOr<v1::Thread> read =
      server_.GetThread("eve", thread.name());
  ASSERT_THAT(read, Succeeds());
  EXPECT_EQ(Show(*read), Show(thread));
}

TEST_F(CreateThreadTest, StoresNothingThatBreaksTheRules) {
  const auto broken = [](auto change) {
    v1::CreateThreadRequest request = testing::ThreadIn("lean", "A title");
    change(*request.mutable_thread());
    return request;
  };
  const std::vector<v1::CreateThreadRequest> kRequests = {
      broken([](v1::Thread& thread) { thread.clear_kind(); }),
      broken([](v1::Thread& thread) {
        thread.set_kind(static_cast<v1::ThreadKind>(12));
      }),
      broken([](v1::Thread& thread) { thread.set_title("ab"); }),
      broken([](v1::Thread& t) { t.set_title(std::string(201, 'a')); }),
      broken([](v1::Thread& thread) { thread.set_title("two\nlines"); }),
      broken([](v1::Thread& thread) { thread.clear_body(); }),
      broken([](v1::Thread& t) { t.set_body(std::string(65537, 'a')); }),
  };
  for (const v1::CreateThreadRequest& request : kRequests) {
    EXPECT_THAT(server_.Call<v1::Thread>("ada", request),
                FailsWith(Reason::FIELD_INVALID));
  }
  EXPECT_THAT(*server_.ListThreads("ada", "lean"), IsEmpty());
  EXPECT_THAT(server_.Events(), IsEmpty());
}

TEST_F(CreateThreadTest, KeepsTheLargestBodyByteForByte) {
  const std::string body(65536, 'x');
  const v1::Thread thread =
      server_.CreateThread("ada", testing::ThreadIn("lean", "All of it", body));
  EXPECT_EQ(server_.GetThread("bob", thread.name())->body(), body);
}

TEST_F(ThreadsTest, GetSaysThatThereIsNoSuchThread) {
  const v1::Thread thread = Ask("ada", "In lean");
  server_.Found("open", events::v1::PUBLIC);
  for (const std::string& name :
       {std::string("communities/lean/threads/none"),
        absl::StrCat("communities/open/threads/",
                     thread.name().substr(thread.name().rfind('/') + 1))}) {
    EXPECT_THAT(server_.GetThread("ada", name),
                FailsWith(Reason::RESOURCE_NOT_FOUND))
        << name;
  }
}

using ListThreadsTest = ThreadsTest;

std::vector<std::string> TitlesOf(const std::vector<v1::Thread>& threads) {
  std::vector<std::string> titles;
  for (const v1::Thread& thread : threads) titles.push_back(thread.title());
  return titles;
}

TEST_F(ListThreadsTest, GivesTheNewestFirstOnPagesOfEverySize) {
  for (const char* title : {"one", "two", "three", "four", "five"}) {
    Ask("ada", title);
  }
  for (const int page_size : {1, 2, 3, 4, 5, 6}) {
    EXPECT_THAT(TitlesOf(*server_.ListThreads("eve", "lean", page_size)),
                ElementsAre("five", "four", "three", "two", "one"))
        << page_size;
  }
}

TEST_F(ListThreadsTest, GivesNoTokenOnTheLastPage) {
  Ask("ada", "one");
  Ask("ada", "two");
  v1::ListThreadsRequest request;
  request.set_parent("communities/lean");
  request.set_page_size(2);
  const auto page = server_.Call<v1::ListThreadsResponse>("ada", request);
  ASSERT_THAT(page, Succeeds());
  EXPECT_EQ(page->threads_size(), 2);
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_F(ListThreadsTest, GoesOnWhereItWasWhateverComesInBetween) {
  Ask("ada", "one");
  Ask("ada", "two");
  v1::ListThreadsRequest request;
  request.set_parent("communities/lean");
  request.set_page_size(1);
  auto page = server_.Call<v1::ListThreadsResponse>("ada", request);
  ASSERT_THAT(page, Succeeds());
  EXPECT_EQ(page->threads(0).title(), "two");

  Ask("ada", "three");
  request.set_page_token(page->next_page_token());
  page = server_.Call<v1::ListThreadsResponse>("ada", request);
  ASSERT_THAT(page, Succeeds());
  EXPECT_EQ(page->threads(0).title(), "one");
}

TEST_F(ListThreadsTest, EndsAPageEarlyWhenItsTextsAreLong) {
  constexpr int kThreads = 20;
  for (int i = 0; i < kThreads; ++i) {
    server_.CreateThread("ada", testing::ThreadIn("lean", "A long zebra",
                                                  std::string(65536, 'x')));
  }
  for (const char* parent : {"communities/lean", "communities/-"}) {
    v1::ListThreadsRequest list;
    list.set_parent(parent);
    list.set_page_size(200);
    const auto page = server_.Call<v1::ListThreadsResponse>("ada", list);
    ASSERT_THAT(page, Succeeds());
    EXPECT_EQ(page->threads_size(), 16);
    EXPECT_NE(page->next_page_token(), "");

    v1::SearchThreadsRequest search;
    search.set_parent(parent);
    search.set_query("zebra");
    search.set_page_size(200);
    const auto found = server_.Call<v1::SearchThreadsResponse>("ada", search);
    ASSERT_THAT(found, Succeeds());
    EXPECT_EQ(found->hits_size(), 16);
  }
  EXPECT_THAT(*server_.ListThreads("ada", "lean", 200), SizeIs(kThreads));
  EXPECT_THAT(*server_.ListThreads("ada", "-", 200), SizeIs(kThreads));
  EXPECT_THAT(*server_.Search("ada", "lean", "zebra", 200), SizeIs(kThreads));
}

TEST_F(ListThreadsTest, GivesATokenToNobodyElseAndForNoOtherList) {
  Ask("ada", "one");
  Ask("ada", "two");
  server_.Found("open", events::v1::PUBLIC);
  v1::ListThreadsRequest request;
  request.set_parent("communities/lean");
  request.set_page_size(1);
  const auto page = server_.Call<v1::ListThreadsResponse>("ada", request);
  request.set_page_token(page->next_page_token());
  EXPECT_THAT(server_.Call<v1::ListThreadsResponse>("bob", request),
              FailsWith(Reason::PAGE_TOKEN_INVALID));
  for (const char* parent : {"communities/open", "communities/-"}) {
    request.set_parent(parent);
    EXPECT_THAT(server_.Call<v1::ListThreadsResponse>("ada", request),
                FailsWith(Reason::PAGE_TOKEN_INVALID));
  }
}

TEST_F(ListThreadsTest, RefusesTheNextPageOnceTheRightToReadIsGone) {
  server_.Found("private", events::v1::PRIVATE);
  server_.Join("private", "ada");
  for (const char* title : {"one", "two"}) {
    server_.CreateThread("ada", testing::ThreadIn("private", title));
  }
  v1::ListThreadsRequest request;
  request.set_parent("communities/private");
  request.set_page_size(1);
  const auto page = server_.Call<v1::ListThreadsResponse>("ada", request);
  request.set_page_token(page->next_page_token());
  server_.Leave("private", "ada");
  EXPECT_THAT(server_.Call<v1::ListThreadsResponse>("ada", request),
              FailsWith(Reason::ROLE_INSUFFICIENT));
}

using SearchThreadsTest = ThreadsTest;

TEST_F(SearchThreadsTest, GivesTheThreadOfEachHitThePostAndTheWordsAround) {
  const v1::Thread thread = Ask("ada", "A zebra in the title");
  const v1::Post post = server_.CreatePost(
      "bob", testing::PostIn(thread.name(), "Another\n\n**zebra** here"));
  const auto hits = server_.Search("eve", "lean", "ZEBRA");
  ASSERT_THAT(hits, Succeeds());
  ASSERT_THAT(*hits, SizeIs(2));
  v1::Thread now = thread;
  now.set_post_count(1);
  EXPECT_EQ(Show(hits->at(0).thread()), Show(now));
  EXPECT_EQ(hits->at(0).post(), "");
  EXPECT_EQ(hits->at(0).snippet(), "A zebra in the title");
  EXPECT_EQ(Show(hits->at(1).thread()), Show(now));
  EXPECT_EQ(hits->at(1).post(), post.name());
  EXPECT_EQ(hits->at(1).snippet(), "Another **zebra** here");
}

TEST_F(SearchThreadsTest, GivesTheSameHitsOnPagesOfEverySize) {
  for (int i = 0; i < 3; ++i) {
    const v1::Thread thread = Ask("ada", i == 1 ? "A zebra" : "No such word");
    server_.CreatePost("bob", testing::PostIn(thread.name(), "A zebra"));
  }
  const auto names = [&](absl::string_view community, int page_size) {
    std::vector<std::string> names;
    const auto hits = server_.Search("ada", community, "zebra", page_size);
    EXPECT_THAT(hits, Succeeds());
    for (const v1::ThreadHit& hit : *hits) {
      names.push_back(hit.post().empty() ? hit.thread().name() : hit.post());
    }
    return names;
  };
  const std::vector<std::string> all = names("lean", 50);
  EXPECT_THAT(all, SizeIs(4));
  for (const int page_size : {1, 2, 3, 4, 5}) {
    EXPECT_EQ(names("lean", page_size), all) << page_size;
    EXPECT_EQ(names("-", page_size), all) << page_size;
  }
}

TEST_F(SearchThreadsTest, RefusesAQueryThatIsMalformed) {
  for (const char* query : {"\"open", "...", "a*"}) {
    EXPECT_THAT(server_.Search("ada", "lean", query),
                FailsWith(Reason::QUERY_INVALID))
        << query;
  }
  EXPECT_THAT(server_.Search("ada", "lean", ""),
              FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(server_.Search("ada", "lean", std::string(1025, 'a')),
              FailsWith(Reason::FIELD_INVALID));
}

TEST_F(SearchThreadsTest, TakesATokenForItsOwnQueryOnly) {
  Ask("ada", "A zebra");
  Ask("ada", "Another zebra");
  v1::SearchThreadsRequest request;
  request.set_parent("communities/lean");
  request.set_query("zebra");
  request.set_page_size(1);
  const auto page = server_.Call<v1::SearchThreadsResponse>("ada", request);
  ASSERT_THAT(page, Succeeds());
  request.set_page_token(page->next_page_token());
  request.set_query("another");
  EXPECT_THAT(server_.Call<v1::SearchThreadsResponse>("ada", request),
              FailsWith(Reason::PAGE_TOKEN_INVALID));
}

using ResolveThreadTest = ThreadsTest;

TEST_F(ResolveThreadTest, ClosesEveryKindWithItsOutcome) {
  for (int kind = v1::ThreadKind_MIN + 1; kind <= v1::ThreadKind_MAX; ++kind) {
    const auto thread_kind = static_cast<v1::ThreadKind>(kind);
    const v1::Thread asked = Ask("ada", "How did it end?", thread_kind);
    const v1::Outcome outcome = testing::OutcomeFor(thread_kind);

    const absl::StatusOr<v1::Thread> resolved = Resolve("ada", asked, outcome);
    ASSERT_THAT(resolved, Succeeds()) << v1::ThreadKind_Name(thread_kind);
    EXPECT_TRUE(MessageDifferencer::Equals(resolved->outcome(), outcome));
    EXPECT_EQ(resolved->resolver(), "members/ada");
    EXPECT_TRUE(resolved->has_resolve_time());
    EXPECT_EQ(Show(resolved->resolve_time()), Show(resolved->update_time()));
    EXPECT_NE(resolved->etag(), asked.etag());
    EXPECT_EQ(Show(*server_.GetThread("bob", asked.name())), Show(*resolved));
  }
}

TEST_F(ResolveThreadTest, NamesTheOutcomeItWants) {
  const v1::Thread thread = Ask("ada", "Who goes?", v1::COORDINATION);
  for (const v1::Outcome& outcome :
       {testing::OutcomeFor(v1::VISIT), v1::Outcome()}) {
    const absl::StatusOr<v1::Thread> resolved = Resolve("ada", thread, outcome);
    EXPECT_THAT(resolved, FailsWith(Reason::OUTCOME_MISMATCH));
    EXPECT_THAT(std::string(StatusOf(resolved).message()),
                HasSubstr("outcome.commitments"));
  }
  EXPECT_EQ(Show(*server_.GetThread("ada", thread.name())), Show(thread));
}

TEST_F(ResolveThreadTest, HoldsTheOutcomeAgainstItsRules) {
  const v1::Thread thread = Ask("ada", "Who goes?", v1::COORDINATION);
  v1::Outcome outcome = testing::OutcomeFor(v1::COORDINATION);
  outcome.mutable_commitments()->mutable_commitments(0)->clear_member();
  EXPECT_THAT(Resolve("ada", thread, outcome),
              FailsWith(Reason::FIELD_INVALID));
  v1::ResolveThreadRequest without_outcome;
  without_outcome.set_name(thread.name());
  EXPECT_THAT(server_.Call<v1::Thread>("ada", without_outcome),
              FailsWith(Reason::FIELD_INVALID));
}

TEST_F(ResolveThreadTest, IsForTheAuthorOrAModerator) {
  const v1::Outcome outcome = testing::OutcomeFor(v1::PROBLEM_SOLVING);
  const v1::Thread thread = Ask("ada", "Mine");
  EXPECT_THAT(Resolve("bob", thread, outcome), FailsWith(Reason::NOT_AUTHOR));
  const absl::StatusOr<v1::Thread> resolved = Resolve("mia", thread, outcome);
  ASSERT_THAT(resolved, Succeeds());
  EXPECT_EQ(resolved->resolver(), "members/mia");
  EXPECT_EQ(resolved->author(), "members/ada");
}

TEST_F(ResolveThreadTest, IsDoneOnce) {
  const v1::Outcome outcome = testing::OutcomeFor(v1::PROBLEM_SOLVING);
  const v1::Thread thread = Ask("ada", "Mine");
  const absl::StatusOr<v1::Thread> first = Resolve("ada", thread, outcome);
  EXPECT_THAT(Resolve("mia", thread, outcome),
              FailsWith(Reason::ALREADY_RESOLVED));
  EXPECT_EQ(Show(*server_.GetThread("ada", thread.name())), Show(*first));
}

TEST_F(ResolveThreadTest, RefusesAStaleEtag) {
  const v1::Outcome outcome = testing::OutcomeFor(v1::PROBLEM_SOLVING);
  const v1::Thread thread = Ask("ada", "Mine");
  EXPECT_THAT(Resolve("ada", thread, outcome, "v2"),
              FailsWith(Reason::ETAG_MISMATCH));
  // A reply does not make it stale.
  server_.CreatePost("bob", testing::PostIn(thread.name(), "A thought"));
  EXPECT_THAT(Resolve("ada", thread, outcome, thread.etag()), Succeeds());
  EXPECT_THAT(Resolve("ada", thread, outcome, thread.etag()),
              FailsWith(Reason::ETAG_MISMATCH));
}

TEST_F(ResolveThreadTest, SaysThatThereIsNoSuchThread) {
  v1::Thread none;
  none.set_name("communities/lean/threads/none");
  EXPECT_THAT(Resolve("ada", none, testing::OutcomeFor(v1::VISIT)),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
}

}  // namespace
}  // namespace praxis::discussions
