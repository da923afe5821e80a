#include "gateway/connect/rpc_stream.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/call/conditions.h"
#include "gateway/connect/rpc_unary.h"
#include "gateway/forms/envelope.h"
#include "gateway/testing/fake_call.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RpcStreamTest : public FakeCallTest {
 protected:
  RpcStreamTest() {
    EXPECT_THAT(routes_.AddRpcs({books::Book::descriptor()->file()->service(0)},
                                &schemas_),
                testing::Succeeds());
  }

  // A watch of the books, begun.
  void Watch(absl::string_view type, const std::string& message = "") {
    Request("POST", "/praxis.testing.library.v1.LibraryService/WatchBooks");
    SetHeader(Header::kContentType, type);
    Run<RpcStream>();
    std::string body;
    AppendEnvelope(*FindRpcForm(type), 0, message, &body);
    exchange_->body_done(body);
  }

  // The service has a book.
  void Give(const std::string& title) {
    books::Book book;
    book.set_title(title);
    std::exchange(service_->stream->pull,
                  nullptr)({.message = book.SerializeAsString()});
  }
  void GiveEnd(const absl::Status& status) {
    std::exchange(service_->stream->pull,
                  nullptr)({.end = true, .status = status});
  }
};

TEST_F(RpcStreamTest, SendsEachMessageAndThenHowItEnded) {
  Watch("application/connect+json", R"({"parent":"shelves/a"})");
  EXPECT_EQ(Received<books::WatchBooksRequest>().parent(), "shelves/a");
  Give("Emma");
  EXPECT_EQ(exchange_->answer.content_type, "application/connect+json");
  EXPECT_THAT(exchange_->written, EndsWith(R"({"title":"Emma"})"));
  exchange_->TakeWritten();
  GiveEnd(absl::OkStatus());
  EXPECT_FALSE(exchange_->ended);
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_THAT(exchange_->written, EndsWith(std::string("\2\0\0\0\2{}", 7)));
  EXPECT_THAT(Metrics(), HasSubstr("code=\"2xx\"} 1"));
}

TEST_F(RpcStreamTest, PullsNothingBeforeTheClientHasTakenTheLast) {
  Watch("application/connect+proto");
  Give("Emma");
  EXPECT_FALSE(service_->stream->pull);
  exchange_->TakeWritten();
  EXPECT_TRUE(service_->stream->pull);
}

TEST_F(RpcStreamTest, SaysInTheLastEnvelopeThatItFailed) {
  Watch("application/grpc-web");
  Give("Emma");
  exchange_->TakeWritten();
  GiveEnd(Error(Reason::OVERLOADED, "Full."));
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_FALSE(exchange_->aborted);
  EXPECT_THAT(exchange_->written,
              HasSubstr("grpc-status: 8\r\ngrpc-message: Full.\r\n"));
  EXPECT_THAT(Metrics(), HasSubstr("code=\"4xx\"} 1"));
}

TEST_F(RpcStreamTest, IsAWholeAnswerWhenItFailsAtOnce) {
  Watch("application/connect+proto");
  GiveEnd(Error(Reason::TOKEN_MISSING, "Sign in."));
  EXPECT_FALSE(exchange_->started);
  EXPECT_EQ(exchange_->answer.status, 200);
  EXPECT_EQ(exchange_->answer.content_type, "application/connect+proto");
  EXPECT_THAT(exchange_->answer.body, HasSubstr("\"unauthenticated\""));
  EXPECT_THAT(Metrics(), HasSubstr("code=\"4xx\"} 1"));
}

TEST_F(RpcStreamTest, EndsWithAnErrorWhenItsTimeIsOver) {
  SetHeader(Header::kGrpcTimeout, "1m");
  Watch("application/grpc-web");
  EXPECT_LE(exchange_->time_left, absl::Milliseconds(1));
  Give("Emma");
  while (absl::Now() < service_->incoming.deadline) {
  }
  exchange_->watcher->OnDeadline();
  EXPECT_FALSE(service_->stream->open);
  // The client is still busy with the last message.
  EXPECT_FALSE(exchange_->ended);
  exchange_->TakeWritten();
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_THAT(exchange_->written, HasSubstr("grpc-status: 4\r\n"));
}

TEST_F(RpcStreamTest, EndsWellWhenItHasLastedLongAndCanBeResumed) {
  context_.stream_age = absl::ZeroDuration();
  Watch("application/connect+proto");
  exchange_->watcher->OnDeadline();
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_THAT(exchange_->written, EndsWith(std::string("\2\0\0\0\2{}", 7)));
}

TEST_F(RpcStreamTest, HasItsTimeWhereItCannotBeResumed) {
  context_.stream_age = absl::ZeroDuration();
  const auto streams = std::make_shared<rpc::OpenStreams>();
  context_.streams = streams;
  Request("POST", "/praxis.testing.library.v1.LibraryService/DownloadText");
  SetHeader(Header::kContentType, "application/grpc-web");
  Run<RpcStream>();
  exchange_->body_done(std::string(5, '\0'));
  exchange_->watcher->OnDeadline();
  streams->EndAll();
  EXPECT_EQ(exchange_->answers, 0);
  EXPECT_TRUE(service_->stream->open);
}

TEST_F(RpcStreamTest, KnowsNoSignOfLife) {
  Watch("application/connect+proto");
  exchange_->watcher->OnDeadline();
  EXPECT_EQ(exchange_->written, "");
  EXPECT_FALSE(exchange_->started);
}

TEST_F(RpcStreamTest, LetsGoOfTheServiceWhenTheClientLeaves) {
  Watch("application/connect+proto");
  Give("Emma");
  exchange_->TakeWritten();
  exchange_->Leave();
  EXPECT_FALSE(service_->stream->open);
  EXPECT_EQ(exchange_->answers, 0);
}

TEST_F(RpcStreamTest, RefusesWithoutACallWhatItCannotRead) {
  Request("POST", "/praxis.testing.library.v1.LibraryService/WatchBooks");
  SetHeader(Header::kContentType, "application/connect+proto");
  Run<RpcStream>();
  exchange_->body_done("garbage");
  EXPECT_THAT(exchange_->answer.body, HasSubstr("\"invalid_argument\""));
  EXPECT_EQ(service_->calls, 0);
}

TEST_F(RpcStreamTest, SaysThatAServiceSentNonsense) {
  Watch("application/connect+json", "{}");
  std::exchange(service_->stream->pull, nullptr)({.message = "\xff"});
  EXPECT_THAT(exchange_->answer.body, HasSubstr("\"internal\""));
  EXPECT_FALSE(service_->stream->open);
}

class RpcUnaryTest : public RpcStreamTest {
 protected:
  static constexpr char kGet[] =
      "/praxis.testing.library.v1.LibraryService/GetBook";
};

TEST_F(RpcUnaryTest, CarriesWireBytesUntouched) {
  Request("POST", kGet);
  SetHeader(Header::kContentType, "application/proto");
  Run<RpcUnary>();
  // An unknown field, a name and the name again: none of the gateway's affair.
  const std::string odd = "\xfa\x3e\1x\n\1a\n\1b";
  exchange_->body_done(odd);
  EXPECT_EQ(service_->message, odd);
  service_->done({absl::OkStatus(), odd});
  EXPECT_EQ(exchange_->answer.body, odd);
  EXPECT_EQ(exchange_->answer.content_type, "application/proto");
}

TEST_F(RpcUnaryTest, SaysWhatItsHeadersSay) {
  Request("POST", "/praxis.testing.library.v1.LibraryService/CreateBook");
  SetHeader(Header::kContentType, "application/proto");
  SetHeader(Header::kIdempotencyKey, "key-1");
  Run<RpcUnary>();
  exchange_->body_done("");
  EXPECT_EQ(Received<books::CreateBookRequest>().request_id(), "key-1");

  BeginAnother();
  Request("POST", "/praxis.testing.library.v1.LibraryService/DeleteBook");
  SetHeader(Header::kContentType, "application/json");
  SetHeader(Header::kIfMatch, "\"v1\"");
  Run<RpcUnary>();
  exchange_->body_done(R"({"etag":"v0"})");
  EXPECT_EQ(Received<books::DeleteBookRequest>().etag(), "v1");

  // Never taken for a call without a condition.
  BeginAnother();
  Request("POST", "/praxis.testing.library.v1.LibraryService/LendBook");
  SetHeader(Header::kContentType, "application/json");
  SetHeader(Header::kIfMatch, "\"v1\"");
  Run<RpcUnary>();
  exchange_->body_done("{}");
  EXPECT_EQ(exchange_->answer.status, 400);
  EXPECT_EQ(service_->calls, 2);
}

TEST_F(RpcUnaryTest, IsFramedWithItsTrailersInGrpcWeb) {
  Request("POST", kGet);
  SetHeader(Header::kContentType, "application/grpc-web+proto");
  Run<RpcUnary>();
  exchange_->body_done(std::string(5, '\0'));
  service_->done({absl::OkStatus(), ""});
  EXPECT_EQ(exchange_->answer.body,
            std::string("\0\0\0\0\0\x80\0\0\0\x10grpc-status: 0\r\n", 26));
}

TEST_F(RpcUnaryTest, IsAnsweredFromACacheThatKnowsItsEtag) {
  Request("GET",
          "/praxis.testing.library.v1.LibraryService/GetBook?encoding=json&"
          "message={}");
  books::Book book;
  book.set_etag("v1");
  const std::string known =
      absl::StrCat("\"", EntityTagOf("v1", book.SerializeAsString()), "\"");
  SetHeader(Header::kIfNoneMatch, known);
  Run<RpcUnary>();
  service_->done({absl::OkStatus(), book.SerializeAsString()});
  EXPECT_EQ(exchange_->answer.status, 304);
  EXPECT_THAT(exchange_->answer.body, IsEmpty());
}

TEST_F(RpcUnaryTest, TellsThatItsTimeIsOver) {
  Request("POST", kGet);
  SetHeader(Header::kContentType, "application/proto");
  SetHeader(Header::kConnectTimeoutMs, "20");
  Run<RpcUnary>();
  exchange_->body_done("");
  EXPECT_LE(exchange_->time_left, absl::Milliseconds(20));
  exchange_->watcher->OnDeadline();
  EXPECT_EQ(exchange_->answer.status, 504);
  EXPECT_EQ(exchange_->answer.content_type, "application/json");
  EXPECT_THAT(exchange_->answer.body, HasSubstr("\"deadline_exceeded\""));
}

TEST_F(RpcUnaryTest, TellsOfFailuresAsConnectDoes) {
  Request("POST", kGet);
  SetHeader(Header::kContentType, "application/json");
  Run<RpcUnary>();
  exchange_->body_done("{}");
  service_->done({Error(Reason::RESOURCE_NOT_FOUND, "No book."), ""});
  EXPECT_EQ(exchange_->answer.status, 404);
  EXPECT_THAT(exchange_->answer.body, HasSubstr(R"({"code":"not_found")"));

  BeginAnother();
  Request("POST", kGet);
  SetHeader(Header::kContentType, "text/plain");
  Run<RpcUnary>();
  EXPECT_EQ(exchange_->answer.status, 415);
  EXPECT_THAT(exchange_->answer.fields,
              HasSubstr("Accept-Post: application/json"));
}

}  // namespace
}  // namespace praxis::gateway
