#include "gateway/stream/rendering.h"

#include <string>

#include "gateway/testing/fake_call.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;
using testing::Succeeds;

TEST(RenderingForTest, TakesWhatTheClientLikesBest) {
  const struct {
    absl::string_view accept;
    RenderingKind kind;
  } kCases[] = {
      {"", RenderingKind::kLines},
      {"*/*", RenderingKind::kLines},
      {"application/*", RenderingKind::kLines},
      {"application/x-ndjson", RenderingKind::kLines},
      {"text/event-stream", RenderingKind::kEvents},
      {"Text/Event-Stream;charset=utf-8", RenderingKind::kEvents},
      {"text/*", RenderingKind::kEvents},
      {"application/json", RenderingKind::kArray},
      {"application/json, */*", RenderingKind::kArray},
      {"text/event-stream, */*", RenderingKind::kEvents},
      {"text/event-stream;q=0.5, */*;q=0.4", RenderingKind::kEvents},
      {"text/event-stream;q=0.3, application/json;q=0.8",
       RenderingKind::kArray},
      {"application/json;q=0.5, application/*", RenderingKind::kLines},
      {"application/x-ndjson;q=0, application/*;q=0.1", RenderingKind::kArray},
      {"text/html, application/json;q=0.9, */*;q=0.8", RenderingKind::kArray},
  };
  for (const auto& test : kCases) {
    const auto kind = RenderingFor(test.accept);
    ASSERT_THAT(kind, Succeeds()) << test.accept;
    EXPECT_EQ(*kind, test.kind) << test.accept;
  }
}

TEST(RenderingForTest, SaysWhatThereIsWhenNothingFits) {
  for (absl::string_view accept :
       {"text/html", "image/*", "*/*;q=0", "application/problem+json",
        "text/event-stream;q=0", "text/event-stream;q=nonsense"}) {
    const auto kind = RenderingFor(accept);
    EXPECT_THAT(kind, FailsWith(Reason::NOT_ACCEPTABLE)) << accept;
    EXPECT_THAT(kind.status().message(), HasSubstr("text/event-stream"));
  }
}

class RenderingTest : public FakeCallTest {
 protected:
  // An operation whose response is a Book: its number and type make an event.
  Rendering Of(RenderingKind kind) {
    auto match = routes_.Find("GET", "/v1/shelves/a/books:watch");
    auto made = Operation::Make(
        *match->route, std::make_unique<FakeEndpoint>(service_), registry_);
    EXPECT_THAT(made, Succeeds());
    operation_ = *std::move(made);
    return Rendering(kind, *operation_);
  }

  static std::string Book(int number, const std::string& type = "",
                          const std::string& name = "") {
    books::Book book;
    book.set_number(number);
    book.set_type(type);
    book.set_name(name);
    return book.SerializeAsString();
  }
};

TEST_F(RenderingTest, WritesLines) {
  Rendering lines = Of(RenderingKind::kLines);
  std::string text = lines.Begin();
  EXPECT_THAT(lines.AppendMessage(Book(1, "t", "a\nb"), &text), Succeeds());
  text += std::string(lines.sign_of_life());
  EXPECT_THAT(lines.AppendMessage(Book(2), &text), Succeeds());
  lines.AppendEnd(&text);
  EXPECT_EQ(text,
            "{\"name\":\"a\\nb\",\"number\":\"1\",\"type\":\"t\"}\n\n"
            "{\"number\":\"2\"}\n");
  std::string error;
  lines.AppendError(Error(Reason::RESOURCE_NOT_FOUND, "No."), &error);
  EXPECT_THAT(error, StartsWith("{\"error\":{\"code\":404,"));
  EXPECT_THAT(error, MatchesRegex("[^\n]*}}\n"));
}

TEST_F(RenderingTest, WritesEvents) {
  Rendering events = Of(RenderingKind::kEvents);
  EXPECT_THAT(events.Begin(), MatchesRegex("retry: [1-3][0-9][0-9][0-9]\n\n"));
  std::string text;
  EXPECT_THAT(events.AppendMessage(Book(7), &text), Succeeds());
  EXPECT_THAT(events.AppendMessage(Book(8, "made", "a\nb"), &text), Succeeds());
  text += std::string(events.sign_of_life());
  EXPECT_THAT(events.AppendMessage(Book(9, "in two\nlines"), &text),
              Succeeds());
  EXPECT_THAT(events.AppendMessage(Book(0), &text), Succeeds());
  events.AppendEnd(&text);
  EXPECT_EQ(text,
            "id: 7\n\n"
            "id: 8\nevent: made\n"
            "data: {\"name\":\"a\\nb\",\"number\":\"8\",\"type\":\"made\"}\n\n"
            ":\n\n"
            "id: 9\n"
            "data: {\"number\":\"9\",\"type\":\"in two\\nlines\"}\n\n"
            "id: 0\n\n");
  std::string error;
  events.AppendError(Error(Reason::RESOURCE_NOT_FOUND, "No."), &error);
  EXPECT_THAT(error,
              StartsWith("event: error\ndata: {\"error\":{\"code\":404,"));
  EXPECT_THAT(error, MatchesRegex("event: error\ndata: [^\n]*}}\n\n"));
}

TEST_F(RenderingTest, WritesAnArray) {
  Rendering array = Of(RenderingKind::kArray);
  std::string text = array.Begin();
  text += std::string(array.sign_of_life());
  EXPECT_THAT(array.AppendMessage(Book(1), &text), Succeeds());
  EXPECT_THAT(array.AppendMessage(Book(2), &text), Succeeds());
  std::string broken = text;
  array.AppendEnd(&text);
  EXPECT_EQ(text, "[\n{\"number\":\"1\"}\n,{\"number\":\"2\"}\n]\n");
  array.AppendError(Error(Reason::RESOURCE_NOT_FOUND, "No."), &broken);
  EXPECT_THAT(broken, HasSubstr("\n,{\"error\":{"));
  EXPECT_EQ(broken.find(']', broken.rfind("}}")), broken.npos);

  Rendering empty = Of(RenderingKind::kArray);
  std::string nothing = empty.Begin();
  empty.AppendEnd(&nothing);
  EXPECT_EQ(nothing, "[]\n");
  std::string failed = empty.Begin();
  empty.AppendError(Error(Reason::RESOURCE_NOT_FOUND, "No."), &failed);
  EXPECT_THAT(failed, StartsWith("[{\"error\":"));
}

TEST_F(RenderingTest, LeavesNothingOfAMessageThatCannotBeWritten) {
  for (const RenderingKind kind :
       {RenderingKind::kLines, RenderingKind::kEvents, RenderingKind::kArray}) {
    Rendering rendering = Of(kind);
    std::string text;
    EXPECT_THAT(rendering.AppendMessage(Book(1), &text), Succeeds());
    const std::string before = text;
    EXPECT_THAT(rendering.AppendMessage("\x0a\x05hi", &text),
                FailsWith(Reason::INTERNAL));
    EXPECT_EQ(text, before);
  }
}

}  // namespace
}  // namespace praxis::gateway
