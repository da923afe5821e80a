// Raw bodies up and down, and streams of messages.
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/testing/gateway_fixture.h"

namespace praxis::gateway {
namespace {

using ::testing::EndsWith;
using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::RawAnswer;
using testing::RawClient;
using ::testing::StartsWith;

constexpr char kName[] = "shelves/a/books/emma";
constexpr char kUpload[] = "/v1/shelves/a/books/emma:upload";
constexpr char kDownload[] = "/v1/shelves/a/books/emma:download";

// Bytes that differ from their neighbours.
std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>((i * 2654435761u) >> 13);
  }
  return bytes;
}

class GatewayStreamTest : public GatewayTest {};
INSTANTIATE_TEST_SUITE_P(Adapters, GatewayStreamTest, EveryAdapter(),
                         AdapterName);

TEST_P(GatewayStreamTest, TakesARawBodyAndGivesItBack) {
  const std::string bytes = Bytes(3'000'001);
  const RawAnswer up = Ask("POST", absl::StrCat(kUpload, "?filename=a%20b.pdf"),
                           "Content-Type: application/pdf\r\n", bytes);
  EXPECT_EQ(up.status, 200) << up.body;
  EXPECT_THAT(up.body, HasSubstr("\"textBytes\":\"3000001\""));
  EXPECT_THAT(up["etag"], MatchesRegex("\"v2\\.[0-9a-f]{16}\""));
  EXPECT_EQ(library().TextOf(kName).content_type, "application/pdf");
  EXPECT_EQ(library().TextOf(kName).filename, "a b.pdf");
  const RawAnswer down = Ask("GET", kDownload);
  EXPECT_EQ(down.status, 200);
  EXPECT_TRUE(down.body == bytes);
  EXPECT_EQ(down["content-type"], "application/pdf");
  EXPECT_EQ(down["content-length"], "3000001");
  EXPECT_EQ(down["etag"], "\"t3000001\"");
  EXPECT_EQ(down["accept-ranges"], "bytes");
  EXPECT_EQ(down["content-disposition"], "attachment; filename=\"a b.pdf\"");
  EXPECT_EQ(down["content-security-policy"], "sandbox; default-src 'none'");
  EXPECT_EQ(down["x-content-type-options"], "nosniff");
}

TEST_P(GatewayStreamTest, TakesAChunkedBody) {
  RawClient client(port());
  client.Send(absl::StrCat("POST ", kUpload, " HTTP/1.1\r\nHost: h\r\n",
                           "Transfer-Encoding: chunked\r\n\r\n"));
  const std::string bytes = Bytes(500'000);
  for (size_t at = 0; at < bytes.size(); at += 50'000) {
    client.Send(absl::StrCat(absl::Hex(50'000), "\r\n",
                             bytes.substr(at, 50'000), "\r\n"));
  }
  EXPECT_EQ(client.Ask("0\r\n\r\n").status, 200);
  EXPECT_TRUE(library().TextOf(kName).bytes == bytes);
}

TEST_P(GatewayStreamTest, TakesAnEmptyBody) {
  EXPECT_EQ(Ask("POST", kUpload, "Content-Length: 0\r\n").status, 200);
  EXPECT_EQ(library().TextOf(kName).bytes, "");
  const RawAnswer down = Ask("GET", kDownload);
  EXPECT_EQ(down.status, 200);
  EXPECT_EQ(down["content-length"], "0");
  EXPECT_TRUE(down.complete);
}

TEST_P(GatewayStreamTest, RefusesAnUploadBeforeItIsSent) {
  RawClient client(port());
  RawAnswer answer = client.Ask(
      "POST /v1/shelves/a/books/none:upload HTTP/1.1\r\nHost: h\r\n"
      "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
  if (GetParam() == Adapter::kRemote && answer.status == 100) {
    // gRPC tells that a message was sent, not what became of it.
    answer = client.Ask(std::string(1'000'000, 'x'));
  }
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(ErrorOf(answer).reason, "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Ask("POST", kUpload, "If-Match: \"v9\"\r\n", "x").status, 412);
  EXPECT_EQ(Ask("POST", kUpload, "Content-Encoding: gzip\r\n", "x").status,
            415);
  EXPECT_EQ(library().TextOf(kName).bytes, "It was so.");
}

TEST_P(GatewayStreamTest, KeepsNothingOfAnUploadThatBreaksOff) {
  for (const bool reset : {false, true}) {
    RawClient client(port());
    client.Send(absl::StrCat("POST ", kUpload, " HTTP/1.1\r\nHost: h\r\n",
                             "Content-Length: 1000000\r\n\r\n",
                             Bytes(300'000)));
    ASSERT_TRUE(Eventually([&] { return library().bytes_taken > 0; }));
    reset ? client.Reset() : client.Close();
    EXPECT_TRUE(Eventually([&] { return library().uploads_open == 0; }));
    library().bytes_taken = 0;
  }
  EXPECT_EQ(library().TextOf(kName).bytes, "It was so.");
}

TEST_P(GatewayStreamTest, KeepsNothingOfAnUploadThatIsMalformed) {
  RawClient client(port());
  const RawAnswer answer = client.Ask(absl::StrCat(
      "POST ", kUpload, " HTTP/1.1\r\nHost: h\r\n",
      "Transfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\nnonsense"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(ErrorOf(answer).reason, "HEADER_INVALID");
  EXPECT_TRUE(Eventually([&] { return library().uploads_open == 0; }));
  EXPECT_EQ(library().TextOf(kName).bytes, "It was so.");
}

TEST_P(GatewayStreamTest, GivesRanges) {
  const std::string bytes = Bytes(1'000'000);
  Add(kName, "Emma", {bytes, "text/plain", "t.txt"});
  const struct {
    std::string range;
    size_t first;
    size_t size;
  } kRanges[] = {{"bytes=0-0", 0, 1},
                 {"bytes=10-19", 10, 10},
                 {"bytes=999999-", 999'999, 1},
                 {"bytes=0-", 0, 1'000'000},
                 {"bytes=-7", 999'993, 7},
                 {"bytes=999990-2000000", 999'990, 10},
                 {"bytes=-2000000", 0, 1'000'000},
                 {"bytes=150000-849999", 150'000, 700'000}};
  for (const auto& range : kRanges) {
    const RawAnswer answer =
        Ask("GET", kDownload, absl::StrCat("Range: ", range.range, "\r\n"));
    EXPECT_EQ(answer.status, 206) << range.range;
    EXPECT_EQ(answer["content-range"],
              absl::StrCat("bytes ", range.first, "-",
                           range.first + range.size - 1, "/1000000"));
    EXPECT_EQ(answer["content-length"], absl::StrCat(range.size));
    EXPECT_TRUE(answer.body == bytes.substr(range.first, range.size))
        << range.range;
  }
  // What is no single range of bytes is as if it were not there.
  for (absl::string_view range :
       {"bytes=0-1,5-6", "lines=1-2", "bytes=5-2", "bytes=x-", "bytes=--5"}) {
    EXPECT_EQ(
        Ask("GET", kDownload, absl::StrCat("Range: ", range, "\r\n")).status,
        200)
        << range;
  }
}

TEST_P(GatewayStreamTest, TellsTheSizeWhenARangeLiesOutside) {
  const RawAnswer answer = Ask("GET", kDownload, "Range: bytes=10-\r\n");
  EXPECT_EQ(answer.status, 416);
  EXPECT_EQ(answer["content-range"], "bytes */10");
  EXPECT_EQ(ErrorOf(answer).reason, "RANGE_UNSATISFIABLE");
}

TEST_P(GatewayStreamTest, GivesARangeOnlyOfTheBodyThatTheClientHas) {
  const RawAnswer same =
      Ask("GET", kDownload, "Range: bytes=3-\r\nIf-Range: \"t10\"\r\n");
  EXPECT_EQ(same.status, 206);
  EXPECT_EQ(same.body, "was so.");
  for (absl::string_view other :
       {"\"t11\"", "W/\"t10\"", "Sun, 06 Nov 1994 08:49:37 GMT"}) {
    const RawAnswer whole =
        Ask("GET", kDownload,
            absl::StrCat("Range: bytes=3-\r\nIf-Range: ", other, "\r\n"));
    EXPECT_EQ(whole.status, 200) << other;
    EXPECT_EQ(whole.body, "It was so.");
  }
}

TEST_P(GatewayStreamTest, SendsNoBodyThatTheClientHas) {
  const RawAnswer answer = Ask("GET", kDownload, "If-None-Match: \"t10\"\r\n");
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer["etag"], "\"t10\"");
  EXPECT_EQ(answer["content-disposition"],
            Ask("GET", kDownload)["content-disposition"]);
  EXPECT_EQ(Ask("GET", kDownload, "If-None-Match: \"t9\"\r\n").status, 200);
}

TEST_P(GatewayStreamTest, TellsOfADownloadWithoutItsBytes) {
  RawClient client(port());
  const std::string head = absl::StrCat(
      "HEAD ", kDownload, " HTTP/1.1\r\nHost: h\r\nRange: bytes=1-2\r\n\r\n");
  for (int i = 0; i < 2; ++i) {
    const RawAnswer answer = client.Ask(head);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer["content-length"], "10");
  }
  EXPECT_TRUE(Eventually([&] { return library().downloads_open == 0; }));
}

TEST_P(GatewayStreamTest, MakesDownloadsHarmless) {
  for (absl::string_view type :
       {"image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "",
        "text/plain\r\nX: y"}) {
    Add(kName, "Emma", {"<script>", std::string(type), "x.svg"});
    EXPECT_EQ(Ask("GET", kDownload)["content-type"], "application/octet-stream")
        << type;
  }
  Add(kName, "Emma",
      {"x", "Text/Plain; charset=x", "../\r\nSet-Cookie: a=\"b\"\\é.txt"});
  const RawAnswer answer = Ask("GET", kDownload);
  EXPECT_EQ(answer["content-type"], "text/plain");
  EXPECT_EQ(answer["set-cookie"], "");
  EXPECT_EQ(answer["content-disposition"],
            "attachment; filename=\"..___Set-Cookie: a=_b____.txt\"; "
            "filename*=UTF-8''..___Set-Cookie%3a%20a%3d%22b%22_%c3%a9.txt");
}

TEST_P(GatewayStreamTest, ShowsADownloadThatFailedHalfWay) {
  Add(kName, "Emma", {Bytes(500'000), "text/plain", "t"});
  const RawAnswer answer =
      Ask("GET", absl::StrCat(kDownload, "?failAfter=200000"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(ErrorOf(Ask("GET", "/v1/shelves/a/books/none:download")).reason,
            "RESOURCE_NOT_FOUND");
}

TEST_P(GatewayStreamTest, ReadsNoFasterThanTheClient) {
  Add(kName, "Emma", {std::string(100'000'000, 'x'), "text/plain", "t"});
  RawClient client(port());
  client.Send(absl::StrCat("GET ", kDownload, " HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_FALSE(client.ReadSome(100).empty());
  ExpectHeldBackBy(client);
}

constexpr char kWatch[] = "/v1/shelves/a/books:watch";

TEST_P(GatewayStreamTest, GivesAStreamAsTheClientReadsIt) {
  Add("shelves/a/books/f", "Foe", {});
  const RawAnswer lines = Ask("GET", kWatch);
  EXPECT_EQ(lines.status, 200);
  EXPECT_EQ(lines["content-type"], "application/x-ndjson");
  EXPECT_TRUE(lines.complete);
  EXPECT_THAT(lines.body, StartsWith("{\"name\":\"shelves/a/books/emma\""));
  EXPECT_THAT(lines.body, HasSubstr("}\n{\"name\":\"shelves/a/books/f\""));

  const RawAnswer events = Ask("GET", kWatch, "Accept: text/event-stream\r\n");
  EXPECT_EQ(events["content-type"], "text/event-stream");
  EXPECT_TRUE(events.complete);
  EXPECT_THAT(events.body,
              HasSubstr("\n\nid: 1\nevent: book.seen\ndata: {\"name\":"));

  const RawAnswer array = Ask("GET", kWatch, "Accept: application/json\r\n");
  EXPECT_EQ(array["content-type"], "application/json");
  google::protobuf::ListValue list;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(array.body, &list).ok());
  EXPECT_EQ(list.values_size(), 2);

  const RawAnswer none = Ask("GET", kWatch, "Accept: image/png\r\n");
  EXPECT_EQ(none.status, 406);
  EXPECT_EQ(ErrorOf(none).reason, "NOT_ACCEPTABLE");
}

TEST_P(GatewayStreamTest, GivesTheFieldsThatAreAskedFor) {
  Add("shelves/a/books/f", "Foe", {});
  EXPECT_EQ(Ask("GET", absl::StrCat(kWatch, "?fields=title")).body,
            "{\"title\":\"Emma\"}\n{\"title\":\"Foe\"}\n");
  EXPECT_THAT(Ask("GET", absl::StrCat(kWatch, "?fields=title"),
                  "Accept: text/event-stream\r\n")
                  .body,
              HasSubstr("\ndata: {\"title\":\"Emma\"}\n"));
  const RawAnswer wrong = Ask("GET", absl::StrCat(kWatch, "?fields=nobody"));
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(ErrorOf(wrong).reason, "URL_INVALID");
}

TEST_P(GatewayStreamTest, TellsOfAFailureHalfWay) {
  Add("shelves/a/books/f", "Foe", {});
  const std::string target = absl::StrCat(kWatch, "?failAfter=1");
  const RawAnswer lines = Ask("GET", target);
  EXPECT_EQ(lines.status, 200);
  EXPECT_THAT(lines.body, HasSubstr("}\n{\"error\":{\"code\":503"));
  EXPECT_FALSE(lines.complete);
  const RawAnswer events = Ask("GET", target, "Accept: text/event-stream\r\n");
  EXPECT_THAT(events.body, HasSubstr("\n\nevent: error\ndata: {\"error\""));
  EXPECT_TRUE(events.complete);
}

TEST_P(GatewayStreamTest, GoesOnBehindTheEventThatTheClientHas) {
  Add("shelves/a/books/f", "Foe", {});
  const RawAnswer answer =
      Ask("GET", absl::StrCat(kWatch, "?after=0"),
          "Accept: text/event-stream\r\nLast-Event-ID: 1\r\n");
  // First the number alone, then what is behind it.
  EXPECT_THAT(answer.body, HasSubstr("\n\nid: 1\n\nid: 2\nevent: book.seen"));
  const RawAnswer none = Ask("GET", kWatch, "Last-Event-ID: x\r\n");
  EXPECT_EQ(none.status, 400);
  EXPECT_EQ(ErrorOf(none).reason, "HEADER_INVALID");
}

// What a client has got when the text ends with `end`.
std::string ReadUpTo(RawClient& client, absl::string_view end) {
  std::string text;
  while (!absl::EndsWith(text, end)) {
    const std::string more = client.ReadSome(100'000);
    if (more.empty()) break;
    text += more;
  }
  return text;
}

TEST_P(GatewayStreamTest, SendsEachMessageWholeBeforeItWaitsForTheNext) {
  const std::string target = absl::StrCat(kWatch, "?after=0&waitAfter=1");
  RawClient client(port());
  client.Send(absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: h\r\n",
                           "Accept: text/event-stream\r\n\r\n"));
  // With the line end of its chunk.
  EXPECT_THAT(ReadUpTo(client, "\"book.seen\"}\n\n\r\n"),
              StartsWith("HTTP/1.1 200 OK\r\n"));
  ASSERT_TRUE(Eventually([&] { return library().gate.waiting() == 1; }));
  client.Close();
  EXPECT_TRUE(Eventually([&] { return library().watches_open == 0; }));
}

TEST_P(GatewayStreamTest, CutsOffAReaderThatStandsStill) {
  constexpr int kBooks = 3000;
  Start({.http = {.limits = {.stall_time = absl::Milliseconds(300)}}});
  for (int i = 0; i < kBooks; ++i) {
    Add(absl::StrCat("shelves/big/books/", i), std::string(10'000, 'x'), {});
  }
  RawClient client(port());
  client.Send(
      "GET /v1/shelves/big/books:watch HTTP/1.1\r\nHost: h\r\n"
      "Accept: text/event-stream\r\n\r\n");
  ASSERT_FALSE(client.ReadSome(100).empty());
  EXPECT_TRUE(Eventually([&] { return library().watches_open == 0; }));
  // It may come again for the rest.
  const RawAnswer rest =
      Ask("GET", "/v1/shelves/big/books:watch",
          absl::StrCat("Accept: text/event-stream\r\n",
                       "Last-Event-ID: ", kBooks - 1, "\r\n"));
  EXPECT_THAT(rest.body, HasSubstr(absl::StrCat("\nid: ", kBooks, "\n")));
  EXPECT_TRUE(rest.complete);
}

TEST_P(GatewayStreamTest, SendsThoseWhoWatchAwayWhenItDrains) {
  RawClient client(port());
  client.Send(absl::StrCat("GET ", kWatch, "?after=0&waitAfter=1 HTTP/1.1\r\n",
                           "Host: h\r\nAccept: text/event-stream\r\n\r\n"));
  ReadUpTo(client, "\"book.seen\"}\n\n\r\n");
  std::thread draining([&] { server_->Drain(absl::ZeroDuration()); });
  const std::string text = ReadUpTo(client, "\r\n0\r\n\r\n");
  draining.join();
  EXPECT_THAT(text, HasSubstr("event: error\ndata: {\"error\":{\"code\":503"));
  EXPECT_THAT(text, EndsWith("\r\n0\r\n\r\n"));
  EXPECT_TRUE(Eventually([&] { return library().watches_open == 0; }));
}

}  // namespace
}  // namespace praxis::gateway
