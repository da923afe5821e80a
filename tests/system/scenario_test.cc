// A community's first days from registering to kill -9 and back, in both shapes
// and over both transports.
#include "tests/system/scenario.h"

#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"

namespace praxis::system {
namespace {

using google::protobuf::Message;
using google::rpc::NOT_FOUND;
using google::rpc::PERMISSION_DENIED;
using google::rpc::UNAUTHENTICATED;
using ::testing::Combine;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::Values;

using Parameters = std::tuple<Shape, Transport>;

// A suite for each test: it is killed at the end.
class ScenarioTest : public ::testing::TestWithParam<Parameters> {
 protected:
  ScenarioTest() : suite_(std::get<0>(GetParam())) {}

  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  Transport transport() const { return std::get<1>(GetParam()); }

  Suite suite_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, ScenarioTest,
                         Combine(Values(Shape::kOneProcess,
                                        Shape::kFourProcesses),
                                 Values(Transport::kHttp, Transport::kGrpc)),
                         [](const auto& info) {
                           return absl::StrCat(
                               ShapeName(std::get<0>(info.param)), "Over",
                               TransportName(std::get<1>(info.param)));
                         });

// What a search finds, threads and posts by name.
std::vector<std::string> FindTalk(Caller& caller, const std::string& parent,
                                  const std::string& query) {
  auto request = In<discussions::v1::SearchThreadsRequest>(parent);
  request.set_query(query);
  std::vector<std::string> names;
  const auto found =
      caller.Call<discussions::v1::SearchThreadsResponse>(request);
  for (const auto& hit : found.hits()) {
    names.push_back(hit.post().empty() ? hit.thread().name() : hit.post());
  }
  return names;
}

std::vector<std::string> FindResources(Caller& caller,
                                       const std::string& parent,
                                       const std::string& query) {
  auto request = In<resources::v1::SearchResourcesRequest>(parent);
  request.set_query(query);
  std::vector<std::string> names;
  const auto found =
      caller.Call<resources::v1::SearchResourcesResponse>(request);
  for (const auto& hit : found.hits()) names.push_back(hit.resource().name());
  return names;
}

// A member finds everything by a word of it, in its place and everywhere.
void ExpectFinds(Caller& caller, const Place& place) {
  for (const std::string& parent :
       {place.community, std::string("communities/-")}) {
    const std::vector<std::string> talk = {place.thread.name(),
                                           place.post.name()};
    EXPECT_THAT(FindTalk(caller, parent, place.word), IsSupersetOf(talk));
    EXPECT_THAT(FindTalk(caller, parent, place.word).size(), 2);
    const std::vector<std::string> files = {place.resource.name()};
    EXPECT_EQ(FindResources(caller, parent, place.word), files);
  }
}

// The same bytes come back over every transport.
void ExpectSameBytes(const Suite& suite, const Person& person,
                     const Place& place, const FileToSend& document) {
  for (const Transport transport : {Transport::kHttp, Transport::kGrpc}) {
    Caller caller(suite, transport, person.caller.token());
    const Answer answer = caller.Download(place.resource.name());
    EXPECT_THAT(answer, Answered());
    EXPECT_TRUE(answer.bytes == document.bytes)
        << answer.bytes.size() << " bytes came back over "
        << TransportName(transport);
  }
}

// Nothing of a private place: each call is refused and none of the wide ones
// names it.
void ExpectSeesNothing(Caller& caller, const Place& place,
                       google::rpc::Code code, const std::string& reason) {
  for (const auto& read : Scenario::ReadsOf(place)) {
    EXPECT_THAT(caller.Try(*read), Refused(code, reason))
        << read->GetTypeName();
  }
  EXPECT_THAT(caller.Download(place.resource.name()), Refused(code, reason));
  for (const auto& read : Scenario::WideReadsOf(place)) {
    const Answer answer = caller.Try(*read);
    EXPECT_THAT(answer, Answered()) << read->GetTypeName();
    EXPECT_THAT(answer.bytes, Not(HasSubstr(place.community)));
    EXPECT_THAT(answer.bytes, Not(HasSubstr(place.word)));
  }
  EXPECT_THAT(
      caller.Try(In<members::v1::CreateMembershipRequest>("communities/-")),
      Not(Answered()));
}

// No event of any source, whoever's place it is.
void ExpectReadsNoEvents(const Suite& suite, const std::string& token,
                         google::rpc::Code code, const std::string& reason) {
  Caller caller(suite, Transport::kGrpc, token);
  for (const char* source : kSources) {
    events::v1::ReadEventsRequest read;
    read.set_source(source);
    EXPECT_THAT(caller.Try(read), Refused(code, reason));
    events::v1::WatchEventsRequest watch;
    watch.set_source(source);
    const Answer watched = caller.Try(watch);
    EXPECT_THAT(watched, Refused(code, reason));
    EXPECT_EQ(watched.bytes, "");
  }
}

// A hidden place answers as one that there never was.
void ExpectSeemsNotToExist(Caller& caller, const Place& hidden) {
  Place absent = hidden;
  absent.community = "communities/there-never-was-one";
  const auto moved = [&](std::string* name) {
    *name = absent.community + name->substr(hidden.community.size());
  };
  moved(absent.thread.mutable_name());
  moved(absent.post.mutable_name());
  moved(absent.resource.mutable_name());
  auto reads = Scenario::ReadsOf(hidden);
  auto absent_reads = Scenario::ReadsOf(absent);
  for (auto* all : {&reads, &absent_reads}) {
    const Place& place = all == &reads ? hidden : absent;
    all->push_back(std::make_unique<members::v1::GetCommunityRequest>(
        Of<members::v1::GetCommunityRequest>(place.community)));
    all->push_back(std::make_unique<members::v1::CreateMembershipRequest>(
        In<members::v1::CreateMembershipRequest>(place.community)));
  }
  for (size_t i = 0; i < reads.size(); ++i) {
    const Answer answer = caller.Try(*reads[i]);
    EXPECT_THAT(answer, Refused(NOT_FOUND, "RESOURCE_NOT_FOUND"))
        << reads[i]->GetTypeName();
    EXPECT_EQ(answer.message, caller.Try(*absent_reads[i]).message);
  }
  const Answer all = caller.Try(members::v1::ListCommunitiesRequest());
  EXPECT_THAT(all.bytes, Not(HasSubstr(hidden.community)));
}

// Joining needs a token before it needs to see the place.
void ExpectStrangersSeeNothing(const Suite& suite, Scenario& scenario) {
  for (const Transport transport : {Transport::kHttp, Transport::kGrpc}) {
    Caller nobody(suite, transport);
    Caller dora = nobody.With(scenario.dora().caller.token());
    ExpectSeesNothing(dora, scenario.workshop(), PERMISSION_DENIED,
                      "ROLE_INSUFFICIENT");
    ExpectSeesNothing(nobody, scenario.workshop(), UNAUTHENTICATED,
                      "TOKEN_MISSING");
    ExpectSeesNothing(dora, scenario.club(), NOT_FOUND, "RESOURCE_NOT_FOUND");
    ExpectSeesNothing(nobody, scenario.club(), NOT_FOUND, "RESOURCE_NOT_FOUND");
    // Members of the other places are strangers to it as well.
    Caller ada = nobody.With(scenario.ada().caller.token());
    ExpectSeemsNotToExist(ada, scenario.club());
    ExpectSeemsNotToExist(dora, scenario.club());
    ExpectSeemsNotToExist(nobody, scenario.club());
    // What is public is for everybody, which shows that the calls are right.
    ExpectFinds(nobody, scenario.forum());
    EXPECT_THAT(nobody.Download(scenario.forum().resource.name()), Answered());
  }
  ExpectReadsNoEvents(suite, scenario.dora().caller.token(), PERMISSION_DENIED,
                      "ROLE_INSUFFICIENT");
  ExpectReadsNoEvents(suite, "", UNAUTHENTICATED, "TOKEN_MISSING");
}

// Events are numbered 1, 2, 3 ... and tell of every community and thread.
void ExpectWholeLogs(const Suite& suite, const Scenario& scenario) {
  std::string names;
  for (const char* source : kSources) {
    int64_t expected = 0;
    for (const events::v1::Event& event : EventsOf(suite, source)) {
      EXPECT_EQ(event.number(), ++expected);
      EXPECT_EQ(event.source(), source);
      absl::StrAppend(&names, event.type(), " ", event.name(), "\n");
    }
  }
  for (const Place* place :
       {&scenario.workshop(), &scenario.forum(), &scenario.club()}) {
    for (const std::string& line :
         {absl::StrCat("community.created ", place->community),
          absl::StrCat("thread.created ", place->thread.name()),
          absl::StrCat("thread.resolved ", place->thread.name()),
          absl::StrCat("post.created ", place->post.name()),
          absl::StrCat("resource.created ", place->resource.name()),
          absl::StrCat("resource.uploaded ", place->resource.name())}) {
      EXPECT_THAT(names, HasSubstr(line + "\n"));
    }
  }
}

// Signs in by password, then changes the refresh token of before.
void ExpectCanSignIn(Caller nobody, const Person& person) {
  members::v1::CreateSessionRequest sign_in;
  sign_in.set_handle(person.handle);
  sign_in.set_password(person.password);
  const auto session = nobody.Call<members::v1::SessionTokens>(sign_in);
  EXPECT_EQ(session.member(), person.name);
  EXPECT_EQ(nobody.With(session.access_token())
                .Call<members::v1::Member>(
                    Of<members::v1::GetMemberRequest>("members/me"))
                .name(),
            person.name);
  sign_in.set_password("not the long secret");
  EXPECT_THAT(nobody.Try(sign_in),
              Refused(UNAUTHENTICATED, "CREDENTIALS_INVALID"));
}

// A refresh token is good once: that it came again ends the session for both.
// (A client may repeat its last one for some seconds, in case it lost the
// answer, so the one before the last is shown.)
void ExpectRefreshTokenWorksOnce(Caller nobody, const Person& person) {
  members::v1::RefreshSessionRequest first;
  first.set_refresh_token(person.refresh_token);
  const auto second = nobody.Call<members::v1::SessionTokens>(first);
  EXPECT_EQ(second.member(), person.name);
  EXPECT_NE(second.refresh_token(), person.refresh_token);
  members::v1::RefreshSessionRequest next;
  next.set_refresh_token(second.refresh_token());
  const auto third = nobody.Call<members::v1::SessionTokens>(next);

  EXPECT_THAT(nobody.Try(first), Refused(UNAUTHENTICATED, "TOKEN_INVALID"));
  next.set_refresh_token(third.refresh_token());
  EXPECT_THAT(nobody.Try(next), Refused(UNAUTHENTICATED, "TOKEN_INVALID"));
}

void ExpectSame(const std::map<std::string, std::string>& before,
                const std::map<std::string, std::string>& after) {
  EXPECT_EQ(before.size(), after.size());
  for (const auto& [what, seen] : before) {
    const auto now = after.find(what);
    if (now == after.end()) {
      ADD_FAILURE() << what << " is gone";
    } else {
      EXPECT_EQ(seen, now->second) << what;
    }
  }
}

TEST_P(ScenarioTest, AFirstDayIsSeenByMembersAloneAndOutlivesKill9) {
  Scenario scenario(suite_, transport());
  scenario.Work();
  ASSERT_FALSE(HasFailure());
  ExpectFinds(scenario.ada().caller, scenario.workshop());
  ExpectFinds(scenario.bob().caller, scenario.forum());
  ExpectFinds(scenario.cleo().caller, scenario.club());
  ExpectSameBytes(suite_, scenario.ada(), scenario.workshop(),
                  scenario.document());
  ExpectSameBytes(suite_, scenario.cleo(), scenario.club(),
                  scenario.document());
  ExpectStrangersSeeNothing(suite_, scenario);
  ExpectWholeLogs(suite_, scenario);
  const auto before = scenario.Snapshot(suite_, Transport::kHttp);
  ExpectSame(before, scenario.Snapshot(suite_, Transport::kGrpc));
  ASSERT_FALSE(HasFailure());

  suite_.KillAll();
  ASSERT_NO_FATAL_FAILURE(suite_.Start());

  ExpectSame(before, scenario.Snapshot(suite_, Transport::kHttp));
  ExpectSame(before, scenario.Snapshot(suite_, Transport::kGrpc));
  ExpectSameBytes(suite_, scenario.bob(), scenario.workshop(),
                  scenario.document());
  const Caller nobody(suite_, transport());
  ExpectCanSignIn(nobody.With(""), scenario.ada());
  ExpectRefreshTokenWorksOnce(nobody.With(""), scenario.bob());
  // Writing goes on where it was.
  Caller ada = nobody.With(scenario.ada().caller.token());
  const auto post = Reply(ada, scenario.workshop().thread.name(),
                          "It held through the winter.");
  EXPECT_EQ(post.author(), scenario.ada().name);
}

}  // namespace
}  // namespace praxis::system
