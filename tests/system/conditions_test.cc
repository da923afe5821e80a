// What depends on what was before: etags, page tokens, request ids, membership.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/json.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using google::rpc::ABORTED;
using google::rpc::ALREADY_EXISTS;
using google::rpc::INVALID_ARGUMENT;
using google::rpc::PERMISSION_DENIED;
using google::rpc::UNAUTHENTICATED;
using ::testing::Not;
using ::testing::StartsWith;

constexpr Transport kTransports[] = {Transport::kHttp, Transport::kGrpc};

// Ada has a public community with a thread and a post; Bob is no member.
class ConditionsTest : public SuiteTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kHttp, "ada"));
    bob_ = std::make_unique<Person>(Register(suite(), Transport::kHttp, "bob"));
    community_ = Found(ada_->caller, "mill", events::v1::PUBLIC);
    thread_ = Ask(ada_->caller, community_, "A dull cutter", "It burns.");
    post_ = Reply(ada_->caller, thread_.name(), "Slower.");
  }

  // The post with another body.
  HttpResponse Patch(const std::string& body,
                     const std::vector<std::string>& fields) const {
    return HttpClient(suite().http_port())
        .Send({.method = "PATCH",
               .target = absl::StrCat("/v1/", post_.name()),
               .token = ada_->caller.token(),
               .fields = fields,
               .body = body});
  }

  std::string BodyNow() {
    return ada_->caller
        .Call<discussions::v1::Post>(
            Of<discussions::v1::GetPostRequest>(post_.name()))
        .body();
  }

  std::unique_ptr<Person> ada_;
  std::unique_ptr<Person> bob_;
  std::string community_;
  discussions::v1::Thread thread_;
  discussions::v1::Post post_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, ConditionsTest, BothShapes(), NameOfShape);

TEST_P(ConditionsTest, RefusesAnEtagThatIsStale) {
  discussions::v1::UpdatePostRequest request;
  request.mutable_post()->set_name(post_.name());
  request.mutable_post()->set_etag(post_.etag());
  request.mutable_update_mask()->add_paths("body");
  request.mutable_post()->set_body("Slower, and with oil.");
  const auto updated = ada_->caller.Call<discussions::v1::Post>(request);
  EXPECT_NE(updated.etag(), post_.etag());

  request.mutable_post()->set_body("Faster.");
  for (const Transport transport : kTransports) {
    Caller caller(suite(), transport, ada_->caller.token());
    const Answer answer = caller.Try(request);
    EXPECT_THAT(answer, Refused(ABORTED, "ETAG_MISMATCH"));
    if (transport == Transport::kHttp) {
      EXPECT_EQ(answer.http_status, 409);
    }
  }
  const std::string by_body =
      absl::StrCat(R"({"body": "Faster.", "etag": ")", post_.etag(), R"("})");
  EXPECT_EQ(Patch(by_body, {}).status, 409);
  EXPECT_EQ(BodyNow(), "Slower, and with oil.");
}

TEST_P(ConditionsTest, FailsAPreconditionThatDoesNotHold) {
  const std::string current = absl::StrCat("If-Match: \"", post_.etag(), "\"");
  const HttpResponse changed = Patch(R"({"body": "Second."})", {current});
  EXPECT_EQ(changed.status, 200);
  EXPECT_THAT(changed["etag"],
              Not(StartsWith(absl::StrCat("\"", post_.etag(), "."))));

  const HttpResponse stale = Patch(R"({"body": "Third."})", {current});
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(AnswerOfBody(stale).reason, "PRECONDITION_FAILED");
  for (const char* wrong :
       {"If-Match: v1", "If-Match: w/\"v2\"", "If-Match: \"v1\", \"v2\"",
        "If-Match: \"", "If-Match: \"a b\""}) {
    const HttpResponse refused = Patch(R"({"body": "Third."})", {wrong});
    EXPECT_EQ(refused.status, 400) << wrong;
    EXPECT_EQ(AnswerOfBody(refused).reason, "HEADER_INVALID") << wrong;
  }
  EXPECT_EQ(BodyNow(), "Second.");
  EXPECT_EQ(Patch(R"({"body": "Third."})", {"If-Match: *"}).status, 200);
  EXPECT_EQ(BodyNow(), "Third.");
}

TEST_P(ConditionsTest, SaysThatNothingHasChanged) {
  const HttpClient client(suite().http_port());
  const std::string target = absl::StrCat("/v1/", post_.name());
  const std::string etag = client.Get(target)["etag"];
  EXPECT_THAT(etag, StartsWith(absl::StrCat("\"", post_.etag(), ".")));
  const auto ask = [&](const std::string& known) {
    return client.Send(
        {.target = target, .fields = {absl::StrCat("If-None-Match: ", known)}});
  };
  for (const std::string& known :
       {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
    const HttpResponse response = ask(known);
    EXPECT_EQ(response.status, 304) << known;
    // As the client has it: weak if it came compressed.
    EXPECT_EQ(response["etag"], known[0] == 'W' ? known : etag) << known;
    EXPECT_EQ(response.body, "") << known;
  }
  EXPECT_EQ(ask("\"v99\"").status, 200);
}

// Both are at their first state, and one browser may have had both.
TEST_P(ConditionsTest, TakesNoAnswerForThatOfAnother) {
  const HttpClient client(suite().http_port());
  const auto me = [&](const Person& person, const std::string& known) {
    return client.Send({.target = "/v1/members/me",
                        .token = person.caller.token(),
                        .fields = {absl::StrCat("If-None-Match: ", known)}});
  };
  const std::string adas = me(*ada_, "\"none\"")["etag"];
  EXPECT_EQ(me(*ada_, adas).status, 304);
  EXPECT_EQ(me(*bob_, adas).status, 200);
  // Nor what anyone is told of Ada for what she is.
  const auto ada = [&](const Person& person, const std::string& known) {
    return client.Send({.target = absl::StrCat("/v1/", ada_->name),
                        .token = person.caller.token(),
                        .fields = {absl::StrCat("If-None-Match: ", known)}});
  };
  EXPECT_EQ(ada(*bob_, ada(*ada_, "\"none\"")["etag"]).status, 200);
  EXPECT_EQ(ada(*ada_, ada(*bob_, "\"none\"")["etag"]).status, 200);
}

// A reply is no change of its thread, whose answer tells of it.
TEST_P(ConditionsTest, TellsWhatIsNewBesideTheObject) {
  for (const std::string& token : {std::string(), ada_->caller.token()}) {
    const auto ask = [&](const std::string& known) {
      return HttpClient(suite().http_port())
          .Send({.target = absl::StrCat("/v1/", thread_.name()),
                 .token = token,
                 .fields = {absl::StrCat("If-None-Match: ", known)}});
    };
    const HttpResponse before = ask("\"none\"");
    Reply(ada_->caller, thread_.name(), "Or a new one.");
    EXPECT_TRUE(Eventually([&] { return ask(before["etag"]).status == 200; }));
    EXPECT_NE(ask(before["etag"]).body, before.body);
  }
}

TEST_P(ConditionsTest, RefusesPageTokensOfOthers) {
  Ask(ada_->caller, community_, "Another cutter", "It chatters.");
  Found(ada_->caller, "mill", events::v1::PUBLIC);
  auto list = In<discussions::v1::ListThreadsRequest>(community_);
  list.set_page_size(1);
  const std::string token =
      ada_->caller.Call<discussions::v1::ListThreadsResponse>(list)
          .next_page_token();
  ASSERT_NE(token, "");
  auto elsewhere = In<discussions::v1::ListThreadsRequest>("communities/-");
  elsewhere.set_page_token(token);
  auto search = In<discussions::v1::SearchThreadsRequest>(community_);
  search.set_query("cutter");
  search.set_page_token(token);
  auto posts = In<discussions::v1::ListPostsRequest>(thread_.name());
  posts.set_page_token(token);
  auto resources = In<resources::v1::ListResourcesRequest>(community_);
  resources.set_page_token(token);
  const auto refused = Refused(INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");

  for (const Transport transport : kTransports) {
    Caller ada(suite(), transport, ada_->caller.token());
    Caller bob = ada.With(bob_->caller.token());
    list.set_page_token(token);
    EXPECT_EQ(
        ada.Call<discussions::v1::ListThreadsResponse>(list).threads(0).name(),
        thread_.name());
    EXPECT_THAT(bob.Try(list), refused);
    EXPECT_THAT(ada.With("").Try(list), refused);
    EXPECT_THAT(ada.Try(elsewhere), refused);
    EXPECT_THAT(ada.Try(search), refused);
    EXPECT_THAT(ada.Try(posts), refused);
    EXPECT_THAT(ada.Try(resources), refused);
    for (const std::string& wrong :
         {std::string("x"), token.substr(1), token + "A",
          std::string(5000, 'A'), std::string("communities/x"),
          std::string("MQ==")}) {
      list.set_page_token(wrong);
      EXPECT_THAT(ada.Try(list), refused) << wrong;
    }
  }
}

TEST_P(ConditionsTest, DoesARequestOnce) {
  auto request = In<discussions::v1::CreatePostRequest>(thread_.name());
  request.mutable_post()->set_body("Once.");
  request.set_request_id(Unique("once"));
  const auto made = ada_->caller.Call<discussions::v1::Post>(request);
  for (const Transport transport : kTransports) {
    Caller ada(suite(), transport, ada_->caller.token());
    EXPECT_EQ(ToJson(ada.Call<discussions::v1::Post>(request)), ToJson(made));
    auto other = request;
    other.mutable_post()->set_body("Twice.");
    EXPECT_THAT(ada.Try(other), Refused(ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  }
  const HttpClient client(suite().http_port());
  const auto send = [&](const std::string& body) {
    return client.Send(
        {.method = "POST",
         .target = absl::StrCat("/v1/", thread_.name(), "/posts"),
         .token = ada_->caller.token(),
         .fields = {absl::StrCat("Idempotency-Key: ", request.request_id())},
         .body = body});
  };
  discussions::v1::Post again;
  EXPECT_THAT(AnswerOf(send(R"({"body": "Once."})"), &again), Answered());
  EXPECT_EQ(ToJson(again), ToJson(made));
  EXPECT_EQ(send(R"({"body": "Twice."})").status, 409);

  const auto posts = ada_->caller.Call<discussions::v1::ListPostsResponse>(
      In<discussions::v1::ListPostsRequest>(thread_.name()));
  EXPECT_EQ(posts.posts_size(), 2);
}

// Every write of what somebody else owns, each of which would be valid.
std::vector<std::unique_ptr<google::protobuf::Message>> WritesTo(
    const std::string& community, const discussions::v1::Thread& thread,
    const discussions::v1::Post& post, const Person& owner) {
  std::vector<std::unique_ptr<google::protobuf::Message>> writes;
  const auto add = [&](const auto& request) {
    writes.emplace_back(request.New());
    writes.back()->CopyFrom(request);
  };
  auto ask = In<discussions::v1::CreateThreadRequest>(community);
  *ask.mutable_thread() = thread;
  add(ask);
  auto reply = In<discussions::v1::CreatePostRequest>(thread.name());
  reply.mutable_post()->set_body("Words");
  add(reply);
  discussions::v1::UpdatePostRequest edit;
  *edit.mutable_post() = post;
  edit.mutable_update_mask()->add_paths("body");
  add(edit);
  auto resolve = Of<discussions::v1::ResolveThreadRequest>(thread.name());
  resolve.mutable_outcome()->mutable_solution()->set_solution("Mine");
  add(resolve);
  auto file = In<resources::v1::CreateResourceRequest>(community);
  file.mutable_resource()->set_title("A file");
  file.mutable_resource()->set_kind(resources::v1::FILE);
  add(file);
  members::v1::UpdateCommunityRequest rename;
  rename.mutable_community()->set_name(community);
  rename.mutable_community()->set_display_name("Mine");
  rename.mutable_update_mask()->add_paths("display_name");
  add(rename);
  const std::string membership = absl::StrCat(
      community, "/memberships", owner.name.substr(owner.name.find('/')));
  members::v1::UpdateMembershipRequest demote;
  demote.mutable_membership()->set_name(membership);
  demote.mutable_membership()->set_role(events::v1::OBSERVER);
  demote.mutable_update_mask()->add_paths("role");
  add(demote);
  add(Of<members::v1::DeleteMembershipRequest>(membership));
  return writes;
}

TEST_P(ConditionsTest, RefusesWritesWithoutMembership) {
  const auto file = AddFile(ada_->caller, community_, "A drawing");
  const auto newest = NewestEvents(suite());
  for (const Transport transport : kTransports) {
    Caller bob(suite(), transport, bob_->caller.token());
    Caller nobody(suite(), transport);
    for (const auto& write : WritesTo(community_, thread_, post_, *ada_)) {
      EXPECT_THAT(bob.Try(*write),
                  Refused(PERMISSION_DENIED, "ROLE_INSUFFICIENT"))
          << write->GetTypeName();
      EXPECT_THAT(nobody.Try(*write), Refused(UNAUTHENTICATED, "TOKEN_MISSING"))
          << write->GetTypeName();
    }
    const FileToSend bytes = {"a.txt", "text/plain", "bytes"};
    EXPECT_THAT(bob.Upload(file.name(), bytes),
                Refused(PERMISSION_DENIED, "ROLE_INSUFFICIENT"));
    EXPECT_THAT(nobody.Upload(file.name(), bytes),
                Refused(UNAUTHENTICATED, "TOKEN_MISSING"));
  }
  EXPECT_EQ(NewestEvents(suite()), newest);
}

TEST_P(ConditionsTest, RefusesWritesOfObserversAndOfThoseWhoLeft) {
  Join(bob_->caller, community_);
  Reply(bob_->caller, thread_.name(), "With a new cutter.");
  const std::string membership = absl::StrCat(
      community_, "/memberships", bob_->name.substr(bob_->name.find('/')));
  members::v1::UpdateMembershipRequest demote;
  demote.mutable_membership()->set_name(membership);
  demote.mutable_membership()->set_role(events::v1::OBSERVER);
  demote.mutable_update_mask()->add_paths("role");
  ada_->caller.Call<members::v1::Membership>(demote);
  auto reply = In<discussions::v1::CreatePostRequest>(thread_.name());
  reply.mutable_post()->set_body("Still here.");
  const auto refused = Refused(PERMISSION_DENIED, "ROLE_INSUFFICIENT");
  // Until the event has come to the other service.
  EXPECT_TRUE(Eventually([&] { return !bob_->caller.Try(reply).ok(); }));
  EXPECT_THAT(bob_->caller.Try(reply), refused);

  bob_->caller.Call<members::v1::DeleteMembershipResponse>(
      Of<members::v1::DeleteMembershipRequest>(membership));
  EXPECT_THAT(bob_->caller.Try(reply), refused);
  EXPECT_THAT(ada_->caller.Try(Of<members::v1::DeleteMembershipRequest>(
                  absl::StrCat(community_, "/memberships/me"))),
              Refused(google::rpc::FAILED_PRECONDITION, "LAST_OWNER"));
}

}  // namespace
}  // namespace praxis::system
