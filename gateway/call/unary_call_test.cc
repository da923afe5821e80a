#include "gateway/call/unary_call.h"

#include <string>

#include "absl/time/clock.h"
#include "gateway/testing/fake_call.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;

class UnaryCallTest : public FakeCallTest {
 protected:
  static rpc::Reply Emma() {
    books::Book book;
    book.set_title("Emma");
    book.set_etag("v1");
    return {absl::OkStatus(), book.SerializeAsString()};
  }
  static constexpr char kGet[] = "/v1/shelves/a/books/emma";
};

TEST_F(UnaryCallTest, CarriesARequestUpAndItsReplyDown) {
  Request("GET", kGet);
  Run<UnaryCall>();
  EXPECT_EQ(Received<books::GetBookRequest>().name(), "shelves/a/books/emma");
  EXPECT_EQ(service_->incoming.request_id, "request-1");
  EXPECT_EQ(exchange_->answers, 0);
  service_->done(Emma());
  EXPECT_EQ(exchange_->answers, 1);
  EXPECT_EQ(exchange_->answer.body, R"({"title":"Emma","etag":"v1"})");
  EXPECT_EQ(exchange_->answer.content_type, "application/json");
}

TEST_F(UnaryCallTest, IsAPartOfTheClientsTraceAndTheServicesCallAPartOfIt) {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-";
  const std::string client = trace + "b7ad6b7169203331-01";
  Request("GET", kGet);
  SetHeader(Header::kTraceparent, client);
  Run<UnaryCall>();
  EXPECT_THAT(service_->incoming.traceparent, ::testing::StartsWith(trace));
  EXPECT_THAT(service_->incoming.traceparent, ::testing::EndsWith("-01"));
  EXPECT_NE(service_->incoming.traceparent, client);

  // Without one, a trace begins that nobody records.
  BeginAnother();
  Request("GET", kGet);
  Run<UnaryCall>();
  EXPECT_THAT(service_->incoming.traceparent, ::testing::EndsWith("-00"));
}

TEST_F(UnaryCallTest, WaitsNoLongerThanTheClientDoes) {
  Request("GET", kGet);
  SetHeader(Header::kXRequestTimeout, "2");
  Run<UnaryCall>();
  EXPECT_LE(exchange_->time_left, absl::Seconds(2));
  EXPECT_GT(exchange_->time_left, absl::Seconds(1));
  exchange_->watcher->OnDeadline();
  EXPECT_EQ(exchange_->answer.status, 504);
  EXPECT_TRUE(*service_->incoming.cancelled);
  EXPECT_EQ(service_->cancelled, 1);
  // The reply that comes all the same is nobody's answer: by now the
  // connection may be at its next request.
  service_->done(Emma());
  EXPECT_EQ(exchange_->answers, 1);
}

TEST_F(UnaryCallTest, AnswersNobodyWhoHasLeft) {
  Request("GET", kGet);
  Run<UnaryCall>();
  exchange_->Leave();
  EXPECT_TRUE(*service_->incoming.cancelled);
  EXPECT_EQ(service_->cancelled, 1);
  service_->done(Emma());
  EXPECT_EQ(exchange_->answers, 0);
  EXPECT_THAT(Metrics(), HasSubstr("code=\"4xx\"} 1"));
  EXPECT_THAT(Metrics(), HasSubstr("code=\"2xx\"} 0"));
}

TEST_F(UnaryCallTest, AnswersInTimeOnlyOnce) {
  Request("GET", kGet);
  Run<UnaryCall>();
  const auto watcher = exchange_->watcher;
  service_->done(Emma());
  watcher->OnDeadline();
  watcher->OnGone();
  EXPECT_EQ(exchange_->answers, 1);
  EXPECT_EQ(exchange_->answer.status, 200);
  EXPECT_EQ(service_->cancelled, 0);
}

TEST_F(UnaryCallTest, CallsWithAWholeBodyOnly) {
  Request("POST", "/v1/shelves/a/books?requestId=r");
  exchange_->request.content_length = 20;
  Run<UnaryCall>();
  EXPECT_EQ(service_->calls, 0);
  EXPECT_EQ(exchange_->time_left, absl::InfiniteDuration());
  const absl::Time before = absl::Now();
  exchange_->body_done(R"({"title":"Emma"})");
  EXPECT_EQ(service_->calls, 1);
  EXPECT_EQ(Received<books::CreateBookRequest>().book().title(), "Emma");
  EXPECT_EQ(Received<books::CreateBookRequest>().request_id(), "r");
  // The time that the body took is not the call's.
  EXPECT_GE(service_->incoming.deadline, before + absl::Seconds(5));
}

TEST_F(UnaryCallTest, ForgetsARequestWhoseBodyDoesNotCome) {
  Request("POST", "/v1/shelves/a/books");
  exchange_->request.content_length = 20;
  Run<UnaryCall>();
  exchange_->Leave();
  EXPECT_EQ(service_->calls, 0);
  EXPECT_EQ(exchange_->answers, 0);
}

TEST_F(UnaryCallTest, RefusesWithoutACallWhatItCannotTranslate) {
  Request("GET", "/v1/shelves/a/books?colour=red");
  Run<UnaryCall>();
  EXPECT_EQ(exchange_->answer.status, 400);
  EXPECT_EQ(service_->calls, 0);
}

TEST_F(UnaryCallTest, SaysThatAServiceSentNonsense) {
  Request("GET", kGet);
  Run<UnaryCall>();
  service_->done({absl::OkStatus(), "\xff\xff\xff"});
  EXPECT_EQ(exchange_->answer.status, 500);
  EXPECT_THAT(exchange_->answer.body, HasSubstr("\"INTERNAL\""));
}

TEST_F(UnaryCallTest, CallsAStaleEtagAFailedPreconditionIfOneWasSet) {
  const rpc::Reply stale = {Error(Reason::ETAG_MISMATCH, "It changed."), ""};
  Request("DELETE", kGet);
  Run<UnaryCall>();
  service_->done(stale);
  EXPECT_EQ(exchange_->answer.status, 409);

  BeginAnother();
  Request("DELETE", kGet);
  SetHeader(Header::kIfMatch, "\"v1\"");
  Run<UnaryCall>();
  EXPECT_EQ(Received<books::DeleteBookRequest>().etag(), "v1");
  service_->done(stale);
  EXPECT_EQ(exchange_->answer.status, 412);
  EXPECT_THAT(exchange_->answer.body, HasSubstr("\"PRECONDITION_FAILED\""));
}

}  // namespace
}  // namespace praxis::gateway
