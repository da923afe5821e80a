#include "gateway/stream/download.h"

#include <string>

#include "gateway/testing/fake_call.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;

class DownloadTest : public FakeCallTest {
 protected:
  DownloadTest() { Request("GET", "/v1/shelves/a/books/emma:download"); }

  // The service gives a piece; the first says how much there is.
  void Give(const std::string& data, int64_t size = -1,
            const std::string& etag = "e") {
    http::v1::BodyChunk chunk;
    chunk.set_data(data);
    if (size >= 0) {
      chunk.mutable_info()->set_size_bytes(size);
      chunk.mutable_info()->set_etag(etag);
    }
    auto pull = std::exchange(service_->stream->pull, nullptr);
    ASSERT_TRUE(pull);
    pull({.message = chunk.SerializeAsString()});
  }
  void End(absl::Status status = absl::OkStatus()) {
    auto pull = std::exchange(service_->stream->pull, nullptr);
    ASSERT_TRUE(pull);
    pull({.end = true, .status = std::move(status)});
  }
  bool Pulls() const { return static_cast<bool>(service_->stream->pull); }
};

TEST_F(DownloadTest, PullsAPieceWhenTheClientHasTakenTheLast) {
  Run<Download>();
  EXPECT_EQ(exchange_->time_left, absl::InfiniteDuration());
  Give("abc", 6);
  EXPECT_TRUE(exchange_->started);
  EXPECT_EQ(exchange_->answer_length, 6);
  EXPECT_FALSE(Pulls());
  exchange_->TakeWritten();
  EXPECT_TRUE(Pulls());
  Give("def");
  EXPECT_FALSE(exchange_->ended);
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_EQ(exchange_->written, "abcdef");
}

TEST_F(DownloadTest, EndsTheAnswerWithItsLastByteAndTheStreamWithItsEnd) {
  Run<Download>();
  Give("abc", 3);
  const auto watcher = exchange_->watcher;
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  // The client leaves at once, and that is no broken download.
  watcher->OnGone();
  EXPECT_TRUE(service_->stream->open);
  EXPECT_TRUE(Pulls());
  End();
  EXPECT_EQ(exchange_->answers, 1);
  EXPECT_FALSE(service_->stream->open);
  EXPECT_THAT(Metrics(), HasSubstr("code=\"2xx\"} 1"));
}

TEST_F(DownloadTest, LetsGoOfTheStreamWhenTheClientLeaves) {
  Run<Download>();
  Give("abc", 6);
  exchange_->Leave();
  EXPECT_FALSE(service_->stream->open);
  EXPECT_TRUE(*service_->incoming.cancelled);
  exchange_->TakeWritten();  // the socket's last word comes later
  EXPECT_FALSE(Pulls());
  EXPECT_FALSE(exchange_->ended);
}

TEST_F(DownloadTest, BreaksTheAnswerOfAStreamThatFails) {
  Run<Download>();
  Give("abc", 6);
  exchange_->TakeWritten();
  End(Error(Reason::STORAGE_UNAVAILABLE, "Away."));
  EXPECT_TRUE(exchange_->aborted);
  EXPECT_FALSE(exchange_->ended);
  EXPECT_THAT(Metrics(), HasSubstr("code=\"5xx\"} 1"));
}

TEST_F(DownloadTest, BreaksTheAnswerWhenItsTimeIsOver) {
  SetHeader(Header::kXRequestTimeout, "9");
  Run<Download>();
  EXPECT_LE(exchange_->time_left, absl::Seconds(9));
  Give("abc", 6);
  exchange_->watcher->OnDeadline();
  EXPECT_TRUE(exchange_->aborted);
  EXPECT_FALSE(service_->stream->open);
}

TEST_F(DownloadTest, AnswersAStreamThatFailsAtOnceWithItsError) {
  Run<Download>();
  End(Error(Reason::RESOURCE_NOT_FOUND, "No."));
  EXPECT_FALSE(exchange_->started);
  EXPECT_EQ(exchange_->answer.status, 404);
}

TEST_F(DownloadTest, GivesTheBodyOfNothing) {
  Run<Download>();
  Give("", 0);
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_EQ(exchange_->answer_length, 0);
}

TEST_F(DownloadTest, GivesTheBodyOfNothingOfAStreamWithoutAPiece) {
  Run<Download>();
  End();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_EQ(exchange_->answer_length, 0);
}

TEST_F(DownloadTest, AsksForTheRangeThatIsWanted) {
  SetHeader(Header::kRange, "bytes=2-3");
  Run<Download>();
  const auto request = Received<books::DownloadTextRequest>();
  EXPECT_EQ(request.range().offset(), 2);
  EXPECT_EQ(request.range().limit(), 2);
}

TEST_F(DownloadTest, AsksForTheRangeFromTheBeginningToo) {
  SetHeader(Header::kRange, "bytes=0-");
  Run<Download>();
  EXPECT_TRUE(Received<books::DownloadTextRequest>().has_range());
}

TEST_F(DownloadTest, LooksAtTheEtagBeforeItGivesARangeUnderIfRange) {
  SetHeader(Header::kRange, "bytes=2-3");
  SetHeader(Header::kIfRange, "\"e\"");
  Run<Download>();
  EXPECT_FALSE(Received<books::DownloadTextRequest>().has_range());
  const auto first = service_->stream;
  Give("abcdef", 6);
  EXPECT_FALSE(first->open);
  EXPECT_EQ(service_->calls, 2);
  EXPECT_TRUE(Received<books::DownloadTextRequest>().has_range());
  EXPECT_FALSE(exchange_->started);
}

TEST_F(DownloadTest, GivesTheWholeOfABodyThatTookThePlaceUnderIfRange) {
  SetHeader(Header::kRange, "bytes=2-3");
  SetHeader(Header::kIfRange, "\"e\"");
  Run<Download>();
  Give("abcdef", 6);
  Give("yz", 8, "another");
  EXPECT_FALSE(exchange_->started);
  EXPECT_EQ(service_->calls, 3);
  EXPECT_FALSE(Received<books::DownloadTextRequest>().has_range());
  Give("stuvwxyz", 8, "another");
  EXPECT_EQ(exchange_->answer.status, 200);
  EXPECT_EQ(exchange_->written, "stuvwxyz");
}

TEST_F(DownloadTest, TellsNonsenseFromAPiece) {
  Run<Download>();
  service_->stream->pull({.message = "\xff\xff"});
  EXPECT_EQ(exchange_->answer.status, 500);
}

}  // namespace
}  // namespace praxis::gateway
