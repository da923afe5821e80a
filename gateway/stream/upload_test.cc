#include "gateway/stream/upload.h"

#include <string>

#include "gateway/testing/fake_call.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;

class UploadTest : public FakeCallTest {
 protected:
  UploadTest() {
    Request("POST", "/v1/shelves/a/books/emma:upload?filename=f.txt");
    exchange_->request.content_length = 6;
    SetHeader(Header::kContentType, "text/plain");
  }

  // The service takes the last message, or refuses it.
  void Take(absl::Status status = absl::OkStatus()) {
    auto push = std::exchange(service_->stream->push, nullptr);
    ASSERT_TRUE(push);
    push(std::move(status));
  }
  books::UploadTextRequest Pushed(size_t n) {
    books::UploadTextRequest request;
    EXPECT_LT(n, service_->stream->pushed.size());
    EXPECT_TRUE(request.ParseFromString(service_->stream->pushed[n]));
    return request;
  }
  bool Reads() const { return static_cast<bool>(exchange_->piece_done); }
};

TEST_F(UploadTest, SaysWhatIsMeantBeforeItTakesAnyByte) {
  SetHeader(Header::kIfMatch, "\"v1\"");
  Run<Upload>();
  const auto first = Pushed(0);
  EXPECT_EQ(first.name(), "shelves/a/books/emma");
  EXPECT_EQ(first.filename(), "f.txt");
  EXPECT_EQ(first.etag(), "v1");
  EXPECT_EQ(first.body().info().content_type(), "text/plain");
  EXPECT_EQ(first.body().info().size_bytes(), 6);
  EXPECT_EQ(first.body().data(), "");
  EXPECT_FALSE(Reads());
  Take();
  EXPECT_TRUE(Reads());
}

TEST_F(UploadTest, TakesAPieceWhenTheServiceHasTakenTheLast) {
  Run<Upload>();
  Take();
  exchange_->SendPiece("abc");
  EXPECT_EQ(Pushed(1).body().data(), "abc");
  EXPECT_FALSE(Pushed(1).body().has_info());
  EXPECT_FALSE(Reads());
  Take();
  exchange_->SendPiece(std::string(200'000, 'x'));
  EXPECT_EQ(Pushed(2).body().data(), std::string(200'000, 'x'));
  Take();
  EXPECT_FALSE(service_->stream->finish);
  exchange_->SendPiece("");
  ASSERT_TRUE(service_->stream->finish);
  books::Book book;
  book.set_title("Emma");
  service_->stream->finish({absl::OkStatus(), book.SerializeAsString()});
  EXPECT_EQ(exchange_->answer.body, R"({"title":"Emma"})");
}

TEST_F(UploadTest, AsksForPiecesThatOneMessageHolds) {
  Run<Upload>();
  Take();
  EXPECT_EQ(exchange_->piece_size, 256 * 1024);
}

TEST_F(UploadTest, AnswersARefusalWithoutTheBody) {
  Run<Upload>();
  Take(Error(Reason::ROLE_INSUFFICIENT, "No."));
  EXPECT_EQ(exchange_->answer.status, 403);
  EXPECT_FALSE(Reads());
  EXPECT_FALSE(service_->stream->open);
}

TEST_F(UploadTest, AnswersAFailureHalfWay) {
  Run<Upload>();
  Take();
  exchange_->SendPiece("abc");
  Take(Error(Reason::TOO_LARGE, "Too much."));
  EXPECT_EQ(exchange_->answer.status, 413);
  EXPECT_FALSE(service_->stream->open);
  EXPECT_FALSE(service_->stream->finish);
}

TEST_F(UploadTest, AnswersABodyThatWillNotDo) {
  Run<Upload>();
  Take();
  const auto watcher = exchange_->watcher;
  watcher->OnBadBody(Error(Reason::DEADLINE_EXCEEDED, "Slow."), 408);
  EXPECT_EQ(exchange_->answer.status, 408);
  EXPECT_EQ(exchange_->answers, 1);
  EXPECT_FALSE(service_->stream->open);
  EXPECT_TRUE(*service_->incoming.cancelled);
  EXPECT_THAT(Metrics(), HasSubstr("code=\"4xx\"} 1"));
  // Its time may be over before the answer is out.
  watcher->OnDeadline();
  EXPECT_EQ(exchange_->answers, 1);
}

TEST_F(UploadTest, NeverFinishesWhatTheClientDidNot) {
  Run<Upload>();
  Take();
  exchange_->SendPiece("abc");
  exchange_->Leave();
  EXPECT_FALSE(service_->stream->open);
  EXPECT_TRUE(*service_->incoming.cancelled);
  Take();  // what was under way ends
  EXPECT_FALSE(service_->stream->finish);
  EXPECT_EQ(exchange_->answers, 0);
  EXPECT_THAT(Metrics(), HasSubstr("code=\"4xx\"} 1"));
}

TEST_F(UploadTest, HasAsMuchTimeAsTheClientGives) {
  Run<Upload>();
  EXPECT_EQ(exchange_->time_left, absl::InfiniteDuration());
  BeginAnother();
  Request("POST", "/v1/shelves/a/books/emma:upload");
  SetHeader(Header::kXRequestTimeout, "9");
  Run<Upload>();
  EXPECT_LE(exchange_->time_left, absl::Seconds(9));
  exchange_->watcher->OnDeadline();
  EXPECT_EQ(exchange_->answer.status, 504);
  EXPECT_FALSE(service_->stream->open);
}

TEST_F(UploadTest, DoesNotBeginWhatTheHeadersForbid) {
  SetHeader(Header::kContentEncoding, "gzip");
  Run<Upload>();
  EXPECT_EQ(exchange_->answer.status, 415);
  EXPECT_EQ(service_->calls, 0);
}

}  // namespace
}  // namespace praxis::gateway
