// Signs of life, ages and ends, moved by hand; messages_test of the gateway has
// the rest with real clients.
#include "gateway/stream/messages.h"

#include <string>

#include "gateway/testing/fake_call.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class MessagesTest : public FakeCallTest {
 protected:
  // A watch that has been let in.
  void Begin(absl::string_view accept) {
    Request("GET", "/v1/shelves/a/books:watch");
    SetHeader(Header::kAccept, accept);
    Run<Messages>();
    ASSERT_NE(service_->stream, nullptr);
  }

  // The service gives a message, or ends the stream.
  void Give(int number) {
    books::Book book;
    book.set_number(number);
    Answer({.message = book.SerializeAsString()});
  }
  void End(absl::Status status) { Answer({.end = true, .status = status}); }

  bool IsPulled() const { return service_->stream->pull != nullptr; }
  // The time that was watched for is over.
  void LetTimePass() { exchange_->watcher->OnDeadline(); }

 private:
  void Answer(rpc::StreamCall::Piece piece) {
    std::exchange(service_->stream->pull, nullptr)(std::move(piece));
  }
};

TEST_F(MessagesTest, PullsTheNextWhenTheClientHasTakenTheLast) {
  Begin("application/x-ndjson");
  Give(1);
  EXPECT_FALSE(IsPulled());
  exchange_->TakeWritten();
  EXPECT_TRUE(IsPulled());
  Give(2);
  exchange_->TakeWritten();
  EXPECT_EQ(exchange_->written, "{\"number\":\"1\"}\n{\"number\":\"2\"}\n");
  End(absl::OkStatus());
  EXPECT_EQ(exchange_->answers, 0);
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_FALSE(service_->stream->open);
}

TEST_F(MessagesTest, TellsProxiesNotToCollect) {
  Begin("text/event-stream");
  Give(1);
  EXPECT_EQ(exchange_->answer.content_type, "text/event-stream");
  EXPECT_THAT(exchange_->answer.fields, HasSubstr("X-Accel-Buffering: no\r\n"));
  EXPECT_THAT(exchange_->answer.fields, HasSubstr("Cache-Control: no-store"));
}

TEST_F(MessagesTest, ShowsThatItLivesWhereNothingComes) {
  Begin("text/event-stream");
  EXPECT_LE(exchange_->time_left, absl::Seconds(15));
  LetTimePass();
  // The head with it: whoever waits learns that it was let in.
  EXPECT_TRUE(exchange_->started);
  EXPECT_THAT(exchange_->written, EndsWith("\n\n:\n\n"));
  exchange_->TakeWritten();
  EXPECT_TRUE(IsPulled());
  LetTimePass();
  EXPECT_THAT(exchange_->written, EndsWith(":\n\n:\n\n"));
  // A client that is busy with the last needs no other.
  LetTimePass();
  EXPECT_THAT(exchange_->written, Not(EndsWith(":\n\n:\n\n:\n\n")));
}

TEST_F(MessagesTest, KeepsAMessageThatComesWhileItWrites) {
  Begin("application/x-ndjson");
  LetTimePass();
  Give(1);
  EXPECT_EQ(exchange_->written, "\n");
  exchange_->TakeWritten();
  EXPECT_EQ(exchange_->written, "\n{\"number\":\"1\"}\n");
  EXPECT_FALSE(IsPulled());
  exchange_->TakeWritten();
  EXPECT_TRUE(IsPulled());
}

TEST_F(MessagesTest, RefusesBeforeTheHeadAsAnyCall) {
  Begin("text/event-stream");
  End(Error(Reason::RESOURCE_NOT_FOUND, "No."));
  EXPECT_EQ(exchange_->answer.status, 404);
  EXPECT_THAT(exchange_->answer.body, StartsWith("{\"error\":"));
  EXPECT_FALSE(exchange_->started);
}

TEST_F(MessagesTest, TellsAFailureAndThenBreaks) {
  for (absl::string_view accept :
       {"application/x-ndjson", "application/json"}) {
    BeginAnother();
    Begin(accept);
    Give(1);
    exchange_->TakeWritten();
    End(Error(Reason::STORAGE_UNAVAILABLE, "No."));
    EXPECT_THAT(exchange_->written, HasSubstr("{\"error\":{\"code\":503"));
    EXPECT_FALSE(exchange_->aborted);
    exchange_->TakeWritten();
    EXPECT_TRUE(exchange_->aborted) << accept;
    EXPECT_FALSE(exchange_->ended);
  }
}

TEST_F(MessagesTest, TellsAFailureByAnEvent) {
  Begin("text/event-stream");
  Give(1);
  exchange_->TakeWritten();
  End(Error(Reason::STORAGE_UNAVAILABLE, "No."));
  EXPECT_THAT(exchange_->written,
              HasSubstr("\nevent: error\ndata: {\"error\""));
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  EXPECT_THAT(Metrics(), HasSubstr("code=\"5xx\"} 1"));
}

TEST_F(MessagesTest, EndsWellWhenItHasLastedLong) {
  context_.stream_age = absl::ZeroDuration();
  Begin("application/json");
  Give(1);
  LetTimePass();
  // The client has yet to take the last message.
  EXPECT_THAT(exchange_->written, Not(HasSubstr("]")));
  EXPECT_FALSE(service_->stream->open);
  exchange_->TakeWritten();
  EXPECT_EQ(exchange_->written, "[{\"number\":\"1\"}\n]\n");
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
}

TEST_F(MessagesTest, EndsAtTheDeadlineThatTheClientSets) {
  SetHeader(Header::kXRequestTimeout, "1ms");
  Begin("application/x-ndjson");
  Give(1);
  exchange_->TakeWritten();
  while (absl::Now() < service_->incoming.deadline) {
  }
  LetTimePass();
  EXPECT_THAT(exchange_->written, HasSubstr("\"DEADLINE_EXCEEDED\""));
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->aborted);
}

TEST_F(MessagesTest, SendsThoseWhoWatchAwayWhenTheServerStops) {
  const auto streams = std::make_shared<rpc::OpenStreams>();
  context_.streams = streams;
  Begin("text/event-stream");
  EXPECT_EQ(streams->size(), 1);
  Give(1);
  exchange_->TakeWritten();
  streams->EndAll();
  EXPECT_THAT(exchange_->written, HasSubstr("\"BACKEND_UNAVAILABLE\""));
  EXPECT_THAT(exchange_->written, HasSubstr("RetryInfo"));
  EXPECT_FALSE(service_->stream->open);
  exchange_->TakeWritten();
  EXPECT_TRUE(exchange_->ended);
  BeginAnother();
  EXPECT_EQ(streams->size(), 0);
  // Nobody is let in any more.
  Begin("text/event-stream");
  EXPECT_EQ(exchange_->answer.status, 503);
  BeginAnother();
}

TEST_F(MessagesTest, LetsGoOfTheServiceWhenTheClientLeaves) {
  Begin("text/event-stream");
  Give(1);
  exchange_->TakeWritten();
  exchange_->Leave();
  EXPECT_FALSE(service_->stream->open);
  EXPECT_TRUE(*service_->incoming.cancelled);
}

TEST_F(MessagesTest, GoesOnBehindTheLastEvent) {
  SetHeader(Header::kLastEventId, "41");
  Begin("text/event-stream");
  EXPECT_EQ(Received<books::WatchBooksRequest>().after(), 41);
  BeginAnother();
  SetHeader(Header::kLastEventId, "0");
  Begin("text/event-stream");
  EXPECT_TRUE(Received<books::WatchBooksRequest>().has_after());
  BeginAnother();
  Begin("text/event-stream");
  EXPECT_FALSE(Received<books::WatchBooksRequest>().has_after());
}

}  // namespace
}  // namespace praxis::gateway
