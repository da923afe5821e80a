// Watching a community: what happens comes at once, once and in order, and
// nothing comes to those who may not read it any more.
#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/event_stream.h"
#include "tests/system/ground.h"
#include "tests/system/json.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;
using ::testing::StartsWith;

std::string TargetOf(const std::string& community) {
  return absl::StrCat("/v1/", community, "/events:watch");
}

// The name in the JSON of an event.
std::string NameIn(absl::string_view json) {
  const auto parsed = ParseJson(json);
  return parsed.has_value() ? TextAt(*parsed, "name") : "";
}

// The next event that has data.
std::optional<ServerEvent> NextWithData(EventStream& stream) {
  while (std::optional<ServerEvent> event = stream.Next()) {
    if (!event->data.empty()) return event;
  }
  return std::nullopt;
}

// Ada has a public community, "open", and a hidden one with Bob, "shy".
class WatchTest : public SuiteTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kGrpc, "ada"));
    bob_ = std::make_unique<Person>(Register(suite(), Transport::kGrpc, "bob"));
    open_ = Found(ada_->caller, "open", events::v1::PUBLIC);
    // Nobody could join what is hidden.
    shy_ = Found(ada_->caller, "shy", events::v1::PRIVATE);
    Join(bob_->caller, shy_);
    members::v1::UpdateCommunityRequest hide;
    hide.mutable_community()->set_name(shy_);
    hide.mutable_community()->set_visibility(events::v1::HIDDEN);
    hide.mutable_update_mask()->add_paths("visibility");
    ada_->caller.Call<members::v1::Community>(hide);
    thread_ = Ask(ada_->caller, open_, "News", "Tell us.").name();
  }

  std::unique_ptr<EventStream> Watch(const std::string& community,
                                     const EventStream::Options& options = {}) {
    return std::make_unique<EventStream>(suite().http_port(),
                                         TargetOf(community), options);
  }

  // A watch that has begun: what is written from now on comes.
  std::unique_ptr<EventStream> Begun(const std::string& community,
                                     const EventStream::Options& options = {}) {
    std::unique_ptr<EventStream> stream = Watch(community, options);
    EXPECT_EQ(stream->status(), 200) << stream->head();
    const auto first = stream->Next();
    EXPECT_TRUE(first.has_value() && first->data.empty() && !first->id.empty());
    return stream;
  }

  std::unique_ptr<Person> ada_;
  std::unique_ptr<Person> bob_;
  std::string open_;
  std::string shy_;
  std::string thread_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, WatchTest, BothShapes(), NameOfShape);

TEST_P(WatchTest, TellsWhatHappensAsItHappens) {
  const auto stream = Begun(open_);
  EXPECT_THAT(stream->head(), HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(stream->head(), HasSubstr("X-Accel-Buffering: no\r\n"));
  const std::string begin = stream->last_id();
  const std::string post = Reply(ada_->caller, thread_, "One").name();
  const auto event = stream->Next();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->type, "post.created");
  EXPECT_EQ(NameIn(event->data), post);
  EXPECT_NE(event->id, begin);
  const auto json = ParseJson(event->data);
  EXPECT_EQ(TextAt(*json, "number"), event->id);
  EXPECT_EQ(TextAt(*json, "actor"), ada_->name);
  EXPECT_EQ(TextAt(*json, "source"), "services/discussions");
  // What was written is read by its name.
  EXPECT_THAT(event->data, Not(HasSubstr("One")));
  EXPECT_THAT(event->data, Not(HasSubstr("\"data\"")));
}

TEST_P(WatchTest, IsSentAsTheClientReadsIt) {
  const auto lines = Watch(open_, {.accept = "application/x-ndjson"});
  EXPECT_THAT(lines->NextLine(), Optional(StartsWith("{\"number\":\"")));
  const auto array = Watch(open_, {.accept = "application/json"});
  EXPECT_THAT(array->NextLine(), Optional(StartsWith("[{\"number\":\"")));
  const std::string post = Reply(ada_->caller, thread_, "One").name();
  EXPECT_EQ(NameIn(*lines->NextLine()), post);
  const auto element = array->NextLine();
  ASSERT_TRUE(element.has_value());
  EXPECT_EQ(NameIn(element->substr(1)), post);

  const auto none = Watch(open_, {.accept = "text/html"});
  EXPECT_EQ(none->status(), 406);
}

TEST_P(WatchTest, AnswersHeadAndOptions) {
  const HttpClient client(suite().http_port());
  const HttpResponse head =
      client.Send({.method = "HEAD",
                   .target = TargetOf(open_),
                   .fields = {"Accept: text/event-stream"}});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head["content-type"], "text/event-stream");
  EXPECT_EQ(head.body, "");
  const HttpResponse options =
      client.Send({.method = "OPTIONS", .target = TargetOf(open_)});
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options["allow"], "GET, HEAD, OPTIONS");
}

TEST_P(WatchTest, LeavesNothingOutAndTellsNothingTwice) {
  constexpr int kPosts = 200;
  auto stream = Begun(open_);
  std::vector<std::string> written;
  std::thread writer([&] {
    for (int i = 0; i < kPosts; ++i) {
      written.push_back(Reply(ada_->caller, thread_, "A post").name());
      // Others write too.
      if (i % 3 == 0) Ask(ada_->caller, shy_, "Aside", "Not for you.");
    }
  });
  // Leaves after a few events, again and again, and comes back.
  std::vector<std::string> seen;
  while (static_cast<int>(seen.size()) < kPosts) {
    for (size_t i = 0; i < 1 + seen.size() % 7; ++i) {
      const auto event = NextWithData(*stream);
      ASSERT_TRUE(event.has_value()) << seen.size();
      seen.push_back(NameIn(event->data));
      if (static_cast<int>(seen.size()) == kPosts) break;
    }
    stream = Begun(open_, {.last_event_id = stream->last_id()});
  }
  writer.join();
  EXPECT_THAT(seen, ElementsAreArray(written));
}

TEST_P(WatchTest, ReplaysTheWholeHistory) {
  for (int i = 0; i < 5; ++i) Reply(ada_->caller, thread_, "Before");
  EventStream stream(suite().http_port(),
                     absl::StrCat(TargetOf(open_), "?after=0"), {});
  std::vector<std::string> types;
  for (int i = 0; i < 6; ++i) types.push_back(NextWithData(stream)->type);
  EXPECT_EQ(types.front(), "thread.created");
  EXPECT_EQ(types.back(), "post.created");
  const auto future = Watch(open_, {.last_event_id = "999999999"});
  EXPECT_EQ(future->status(), 400);
  EXPECT_EQ(Watch(open_, {.last_event_id = "yesterday"})->status(), 400);
}

TEST_P(WatchTest, AnswersForAHiddenCommunityAsForNone) {
  const auto hidden = Watch(shy_);
  const auto none = Watch("communities/none");
  EXPECT_EQ(hidden->status(), 404);
  EXPECT_EQ(none->status(), 404);
  EXPECT_EQ(hidden->Rest(), none->Rest());
  EXPECT_EQ(Watch(open_, {.token = "nonsense"})->status(), 401);
}

TEST_P(WatchTest, TellsAMemberNothingMoreOnceTheyAreRemoved) {
  const auto stream = Begun(shy_, {.token = bob_->caller.token()});
  const std::string before = Ask(ada_->caller, shy_, "Before", "...").name();
  EXPECT_EQ(NameIn(NextWithData(*stream)->data), before);
  const std::string id = bob_->name.substr(bob_->name.find('/') + 1);
  ada_->caller.Call<members::v1::DeleteMembershipResponse>(
      Of<members::v1::DeleteMembershipRequest>(
          absl::StrCat(shy_, "/memberships/", id)));
  Ask(ada_->caller, shy_, "After", "Not for Bob.");
  const std::string rest = stream->Rest();
  EXPECT_THAT(rest, HasSubstr("event: error\ndata: {\"error\":{\"code\":404"));
  EXPECT_THAT(rest, Not(HasSubstr("thread.created")));
  EXPECT_TRUE(stream->complete());
  EXPECT_EQ(Watch(shy_, {.token = bob_->caller.token()})->status(), 404);
}

TEST_P(WatchTest, LetsGoOfAMemberThoughNothingHappens) {
  const auto stream = Watch(
      shy_, {.token = bob_->caller.token(), .accept = "application/x-ndjson"});
  EXPECT_THAT(stream->NextLine(), Optional(StartsWith("{\"number\":")));
  const std::string id = bob_->name.substr(bob_->name.find('/') + 1);
  ada_->caller.Call<members::v1::DeleteMembershipResponse>(
      Of<members::v1::DeleteMembershipRequest>(
          absl::StrCat(shy_, "/memberships/", id)));
  EXPECT_THAT(stream->Rest(), StartsWith("{\"error\":{\"code\":404"));
  // No reader of lines takes that for a good end.
  EXPECT_FALSE(stream->complete());
}

TEST_P(WatchTest, TellsManyAtOnce) {
  constexpr int kWatchers = 300;
  std::vector<std::unique_ptr<EventStream>> streams;
  for (int i = 0; i < kWatchers; ++i) streams.push_back(Begun(open_));
  std::vector<std::string> written;
  for (int i = 0; i < 3; ++i) {
    written.push_back(Reply(ada_->caller, thread_, "To all").name());
  }
  for (const auto& stream : streams) {
    for (const std::string& name : written) {
      const auto event = NextWithData(*stream);
      ASSERT_TRUE(event.has_value());
      EXPECT_EQ(NameIn(event->data), name);
    }
  }
}

// Two replicas of each service over PostgreSQL and Redis: whichever a watch is
// at, it tells what was written at the other, in the same order.
TEST(WatchReplicasTest, TellTheSameWhereverAWatchIs) {
  constexpr int kPosts = 60;
  const Ground ground;
  Suite suite(Shape::kFourProcesses, ground.OptionsFor(/*replicas=*/2));
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  Person ada = Register(suite, Transport::kHttp, "ada");
  const std::string community = Found(ada.caller, "open", events::v1::PUBLIC);
  const std::string thread =
      Ask(ada.caller, community, "News", "Tell us.").name();
  const auto watch = [&](const std::string& last_id) {
    return std::make_unique<EventStream>(
        suite.http_port(), TargetOf(community),
        EventStream::Options{.last_event_id = last_id});
  };
  std::vector<std::unique_ptr<EventStream>> streams;
  for (int i = 0; i < 6; ++i) {
    streams.push_back(watch("0"));
    ASSERT_EQ(streams.back()->status(), 200);
  }
  std::vector<std::string> written = {thread};
  for (int i = 0; i < kPosts; ++i) {
    written.push_back(Reply(ada.caller, thread, "A post").name());
  }
  for (auto& stream : streams) {
    std::vector<std::string> seen;
    while (seen.size() < written.size()) {
      const auto event = NextWithData(*stream);
      if (!event.has_value()) break;
      seen.push_back(NameIn(event->data));
      // Comes back, and perhaps to the other replica.
      if (seen.size() % 20 == 0) stream = watch(stream->last_id());
    }
    EXPECT_THAT(seen, ElementsAreArray(written));
  }
  ShowLogsOnFailure(suite);
}

// A suite of its own: its processes are stopped.
class WatchRestartTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(suite_.Start());
    ada_ = std::make_unique<Person>(Register(suite_, Transport::kGrpc, "ada"));
    community_ = Found(ada_->caller, "open", events::v1::PUBLIC);
    thread_ = Ask(ada_->caller, community_, "News", "Tell us.").name();
  }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  std::unique_ptr<EventStream> Watch(const EventStream::Options& options = {}) {
    return std::make_unique<EventStream>(suite_.http_port(),
                                         TargetOf(community_), options);
  }
  std::string Post() {
    // The caller's connections are those to a server that is gone.
    Caller caller(suite_, Transport::kHttp, ada_->caller.token());
    return Reply(caller, thread_, "News").name();
  }

  Suite suite_{GetParam()};
  std::unique_ptr<Person> ada_;
  std::string community_;
  std::string thread_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, WatchRestartTest, BothShapes(), NameOfShape);

TEST_P(WatchRestartTest, SendsThoseWhoWatchAwayBeforeItStops) {
  const auto stream = Watch();
  ASSERT_TRUE(stream->Next().has_value());
  suite_.process("gateway").Signal(SIGTERM);
  EXPECT_THAT(stream->Rest(), HasSubstr("\"BACKEND_UNAVAILABLE\""));
  EXPECT_TRUE(stream->complete());
  EXPECT_THAT(suite_.process("gateway").AwaitExit(), Optional(0));
}

TEST_P(WatchRestartTest, GoesOnBehindTheLastEventAfterARestart) {
  auto stream = Watch();
  ASSERT_TRUE(stream->Next().has_value());
  const std::string first = Post();
  EXPECT_EQ(NameIn(NextWithData(*stream)->data), first);
  suite_.process("discussions").Kill();
  const std::string end = stream->Rest();
  if (GetParam() == Shape::kFourProcesses) {
    EXPECT_THAT(end, HasSubstr("event: error\ndata: {\"error\":{\"code\":503"));
  }
  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  const std::string second = Post();
  stream = Watch({.last_event_id = stream->last_id()});
  const auto event = NextWithData(*stream);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(NameIn(event->data), second);
}

TEST_P(WatchRestartTest, IsReadByABrowser) {
  Process browser("browser", "/usr/bin/env",
                  absl::StrCat(suite_.folder(), "/browser.log"));
  browser.Start({"node", "tests/system/clients/event_source.mjs",
                 absl::StrCat(suite_.http_port()), TargetOf(community_)});
  const std::string out = absl::StrCat(suite_.folder(), "/browser.log.out");
  const auto shows = [&](const std::string& text) {
    return Eventually([&] { return absl::StrContains(ReadFile(out), text); },
                      absl::Seconds(60));
  };
  ASSERT_TRUE(shows("open")) << browser.Log();
  // The page may be there before its watch begins: any of these will do.
  std::string first;
  ASSERT_TRUE(Eventually([&] {
    first = Post();
    return absl::StrContains(ReadFile(out), "post.created");
  })) << browser.Log();
  ASSERT_TRUE(shows(first));
  suite_.process("gateway").Kill();
  ASSERT_TRUE(shows("lost")) << browser.Log();
  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  const std::string second = Post();
  EXPECT_TRUE(shows(second)) << ReadFile(out) << browser.Log();
  // Each once, over both connections.
  std::multiset<std::string> lines;
  for (absl::string_view line : absl::StrSplit(ReadFile(out), '\n')) {
    if (absl::StrContains(line, "/posts/")) lines.insert(std::string(line));
  }
  for (const std::string& line : lines)
    EXPECT_EQ(lines.count(line), 1u) << line;
  browser.Signal(SIGTERM);
  EXPECT_THAT(browser.AwaitExit(), Optional(0)) << browser.Log();
}

}  // namespace
}  // namespace praxis::system
