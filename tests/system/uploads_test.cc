// Bytes go up whole or not at all, and come back as they were, safe to open.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/documents.h"
#include "tests/system/http_rule.h"
#include "tests/system/raw_socket.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using google::rpc::ABORTED;
using google::rpc::FAILED_PRECONDITION;
using google::rpc::INVALID_ARGUMENT;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Transport kTransports[] = {Transport::kHttp, Transport::kGrpc};

// Ada has a public community with one resource of kind FILE.
class UploadsTest : public SuiteTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kHttp, "ada"));
    community_ = Found(ada_->caller, "library", events::v1::PUBLIC);
    name_ = AddFile(ada_->caller, community_, "A file").name();
  }

  resources::v1::Resource Now() {
    return ada_->caller.Call<resources::v1::Resource>(
        Of<resources::v1::GetResourceRequest>(name_));
  }

  std::string Target(const std::string& verb) const {
    return absl::StrCat("/v1/", name_, ":", verb);
  }

  // A download with these fields.
  HttpResponse Download(const std::vector<std::string>& fields = {},
                        const std::string& method = "GET") const {
    return HttpClient(suite().http_port())
        .Send(
            {.method = method, .target = Target("download"), .fields = fields});
  }

  // The head of an upload, for what no client library sends.
  std::string RawHead(const std::string& framing) const {
    return absl::StrCat("POST ", Target("upload"), " HTTP/1.1\r\nHost: h\r\n",
                        "Authorization: Bearer ", ada_->caller.token(),
                        "\r\nContent-Type: text/plain\r\n", framing,
                        "\r\n\r\n");
  }

  // The gRPC call of an upload, after its first message.
  std::unique_ptr<GrpcCall> BeginByGrpc(int64_t announced_bytes) {
    resources::v1::UploadResourceRequest first;
    first.set_name(name_);
    first.mutable_body()->mutable_info()->set_size_bytes(announced_bytes);
    const auto& method = MethodOf(first);
    auto call = grpc_.Open(suite().GrpcAddressOf(method.service()->full_name()),
                           PathOf(method), BearerOf(ada_->caller.token()));
    EXPECT_TRUE(call->Write(first.SerializeAsString()));
    return call;
  }

  static std::string Piece(const std::string& bytes) {
    resources::v1::UploadResourceRequest message;
    message.mutable_body()->set_data(bytes);
    return message.SerializeAsString();
  }

  std::unique_ptr<Person> ada_;
  std::string community_;
  std::string name_;
  GrpcClient grpc_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, UploadsTest, BothShapes(), NameOfShape);

TEST_P(UploadsTest, GivesBackTheSameBytesWhateverTheWay) {
  ByteStream stream(7);
  std::vector<FileToSend> files = {SystemDocument()};
  // Around the sizes of the pieces in which bytes go.
  for (const size_t size : {size_t{1}, size_t{256} << 10,
                            (size_t{256} << 10) + 1, (size_t{3} << 20) - 1}) {
    files.push_back({"bytes", "application/x-bytes", stream.Take(size)});
  }
  for (const FileToSend& file : files) {
    for (const Transport up : kTransports) {
      Caller uploader(suite(), up, ada_->caller.token());
      const Answer uploaded = uploader.Upload(name_, file);
      ASSERT_THAT(uploaded, Answered()) << file.bytes.size();
      EXPECT_EQ(Now().content().sha256(), Sha256Hex(file.bytes));
      EXPECT_EQ(Now().content().size_bytes(),
                static_cast<int64_t>(file.bytes.size()));
      for (const Transport down : kTransports) {
        const Answer answer = Caller(suite(), down).Download(name_);
        EXPECT_THAT(answer, Answered());
        EXPECT_TRUE(answer.bytes == file.bytes)
            << file.bytes.size() << " bytes up over " << TransportName(up)
            << " and " << answer.bytes.size() << " down over "
            << TransportName(down);
      }
    }
  }
}

TEST_P(UploadsTest, TakesABodyInChunks) {
  const std::string bytes = ByteStream(11).Take(300'000);
  size_t at = 0;
  const HttpResponse response =
      HttpClient(suite().http_port())
          .Upload({.method = "POST",
                   .target = Target("upload"),
                   .token = ada_->caller.token(),
                   .content_type = "text/plain"},
                  -1, [&](char* into, size_t room) {
                    const size_t n = std::min(room, bytes.size() - at);
                    bytes.copy(into, n, at);
                    at += n;
                    return n;
                  });
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_TRUE(Download().body == bytes);
}

TEST_P(UploadsTest, ServesRanges) {
  const std::string bytes = ByteStream(13).Take(1000);
  ASSERT_THAT(ada_->caller.Upload(name_, {"b", "text/plain", bytes}),
              Answered());
  const std::string etag = Download()["etag"];
  EXPECT_THAT(etag, HasSubstr("\""));
  struct Case {
    std::string range;
    size_t begin, size;
  };
  for (const auto& [range, begin, size] :
       {Case{"bytes=0-0", 0, 1}, Case{"bytes=100-199", 100, 100},
        Case{"bytes=900-", 900, 100}, Case{"bytes=-10", 990, 10},
        Case{"bytes=990-5000", 990, 10}, Case{"bytes=-5000", 0, 1000}}) {
    const HttpResponse part = Download({"Range: " + range});
    EXPECT_EQ(part.status, 206) << range;
    EXPECT_EQ(part["content-range"],
              absl::StrCat("bytes ", begin, "-", begin + size - 1, "/1000"));
    EXPECT_TRUE(part.body == bytes.substr(begin, size)) << range;
    EXPECT_EQ(part["etag"], etag);
  }
  const HttpResponse beyond = Download({"Range: bytes=1000-"});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond["content-range"], "bytes */1000");
  EXPECT_EQ(AnswerOfBody(beyond).reason, "RANGE_UNSATISFIABLE");
  // What is no range of bytes is as if it were not there (RFC 9110, 14.2).
  for (const char* other : {"Range: lines=1-2", "Range: bytes=5-1",
                            "Range: bytes=0-1,5-6", "Range: bytes=x"}) {
    const HttpResponse whole = Download({other});
    EXPECT_EQ(whole.status, 200) << other;
    EXPECT_TRUE(whole.body == bytes) << other;
  }
  EXPECT_EQ(Download({"Range: bytes=0-9", "If-Range: " + etag}).status, 206);
  EXPECT_EQ(Download({"Range: bytes=0-9", "If-Range: \"old\""}).status, 200);
  EXPECT_EQ(Download({"If-None-Match: " + etag}).status, 304);
  const HttpResponse head = Download({}, "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head["content-length"], "1000");
  EXPECT_EQ(head.body, "");
}

TEST_P(UploadsTest, ServesNothingThatABrowserWouldRun) {
  for (const char* type :
       {"text/html", "image/svg+xml", "application/xml", "text/xml",
        "application/xhtml+xml", "application/javascript", "TEXT/HTML",
        "application/octet-stream"}) {
    ASSERT_THAT(ada_->caller.Upload(
                    name_, {"x.html", type, "<script>alert(1)</script>"}),
                Answered())
        << type;
    const HttpResponse response = Download();
    EXPECT_EQ(response["content-type"], "application/octet-stream") << type;
    EXPECT_TRUE(absl::StartsWith(response["content-disposition"], "attachment"))
        << type;
    EXPECT_EQ(response["x-content-type-options"], "nosniff");
    EXPECT_EQ(response["content-security-policy"],
              "sandbox; default-src 'none'");
  }
  ASSERT_THAT(ada_->caller.Upload(name_, {"a.png", "image/png", "png"}),
              Answered());
  EXPECT_EQ(Download()["content-type"], "image/png");
  EXPECT_TRUE(
      absl::StartsWith(Download()["content-disposition"], "attachment"));
}

// Whatever a file is called, it lies under a name of our own.
TEST_P(UploadsTest, RefusesFileNamesThatArePathsOrTooLong) {
  const auto newest = NewestEvents(suite());
  for (const std::string& filename :
       {std::string("../../etc/passwd"), std::string("..\\..\\boot.ini"),
        std::string("/etc/passwd"), std::string("a\0b", 3),
        std::string("a\r\nX-Evil: 1"), std::string("a\x1b[2J"),
        std::string(8'000, 'a'), std::string(256, 'a')}) {
    for (const Transport transport : kTransports) {
      Caller caller(suite(), transport, ada_->caller.token());
      EXPECT_THAT(caller.Upload(name_, {filename, "text/plain", "bytes"}),
                  Refused(INVALID_ARGUMENT, "FIELD_INVALID"))
          << Encoded(filename);
    }
  }
  EXPECT_FALSE(Now().has_content());
  EXPECT_EQ(NewestEvents(suite()), newest);
}

TEST_P(UploadsTest, OffersFileNamesWithoutHarm) {
  for (const std::string& filename :
       {std::string("..."), std::string("Übung \"eins\".pdf"),
        std::string("a;b=c.txt"), std::string("100%25.txt"),
        std::string("\xe2\x80\xae"
                    "fdp.exe")}) {
    ASSERT_THAT(ada_->caller.Upload(name_, {filename, "text/plain", "bytes"}),
                Answered())
        << filename;
    EXPECT_EQ(Now().content().filename(), filename);
    const std::string disposition = Download()["content-disposition"];
    EXPECT_THAT(disposition, HasSubstr("attachment; filename=\""));
    EXPECT_THAT(disposition, Not(HasSubstr("\\")));
    for (const char c : disposition) EXPECT_TRUE(c >= ' ' && c < 0x7f);
  }
}

TEST_P(UploadsTest, KeepsWhatIsThereWhenAnUploadIsCutShort) {
  const std::string before = "what was there before";
  ASSERT_THAT(ada_->caller.Upload(name_, {"b", "text/plain", before}),
              Answered());
  const std::string etag = Now().etag();
  const auto newest = NewestEvents(suite());
  const std::string half = ByteStream(17).Take(500'000);
  {  // Announces a MiB, sends half of it and closes, then and by a reset.
    RawSocket socket(suite().http_port());
    EXPECT_TRUE(socket.Send(RawHead("Content-Length: 1048576") + half));
    socket.ShutDown();
    const std::optional<std::string> answer = socket.ReadToEnd();
    ASSERT_TRUE(answer.has_value());
    EXPECT_THAT(StatusOf(*answer), AnyOf(0, 400)) << *answer;
  }
  for (const std::string& framing :
       {std::string("Content-Length: 1048576"),
        std::string("Transfer-Encoding: chunked")}) {
    RawSocket socket(suite().http_port());
    EXPECT_TRUE(socket.Send(RawHead(framing)));
    socket.Send(framing[0] == 'T' ? "7a120\r\n" + half : half);
    socket.Reset();
  }
  // A body in chunks whose last one never comes.
  RawSocket(suite().http_port())
      .Send(RawHead("Transfer-Encoding: chunked") + "5\r\nhello\r\n");
  {  // Cancelled in the middle.
    const auto call = BeginByGrpc(0);
    EXPECT_TRUE(call->Write(Piece(half)));
    call->Cancel();
    EXPECT_EQ(call->Finish().code, google::rpc::CANCELLED);
  }
  // Fewer and more bytes than were announced.
  for (const int64_t announced : {int64_t{1}, int64_t{1} << 20}) {
    const auto call = BeginByGrpc(announced);
    EXPECT_TRUE(call->Write(Piece(half)));
    call->WritesDone();
    EXPECT_THAT(call->Finish(), Refused(INVALID_ARGUMENT, "UPLOAD_INCOMPLETE"));
  }
  // A whole upload elsewhere, sent after all of them, is done: had one of them
  // an effect, it would be there by now.
  const std::string other = AddFile(ada_->caller, community_, "Another").name();
  ASSERT_THAT(ada_->caller.Upload(other, {"b", "text/plain", half}),
              Answered());
  EXPECT_EQ(Now().etag(), etag);
  EXPECT_EQ(Download().body, before);
  auto now = NewestEvents(suite());
  EXPECT_EQ(now["services/resources"], newest.at("services/resources") + 2);
}

TEST_P(UploadsTest, LeavesNoHalfFileBehind) {
  const std::string blobs = absl::StrCat(suite().folder(), "/data/blobs");
  const auto count = [&] {
    namespace fs = std::filesystem;
    size_t files = 0;
    std::error_code error;  // one may go away meanwhile
    for (fs::recursive_directory_iterator at(blobs, error), end; at != end;
         at.increment(error)) {
      if (error) break;
      files += at->is_regular_file(error);
    }
    return files;
  };
  const size_t before = count();
  {
    RawSocket socket(suite().http_port());
    socket.Send(RawHead("Content-Length: 1048576") +
                ByteStream(19).Take(500'000));
    // It has begun.
    EXPECT_TRUE(Eventually([&] { return count() > before; }));
    EXPECT_FALSE(Now().has_content());
    EXPECT_THAT(Caller(suite(), Transport::kHttp).Download(name_),
                Refused(FAILED_PRECONDITION, "NO_CONTENT"));
    socket.Reset();
  }
  EXPECT_TRUE(Eventually([&] { return count() == before; }))
      << count() << " files, and " << before << " before";
}

TEST_P(UploadsTest, RefusesWhatIsNoUploadOfThisResource) {
  const FileToSend file = {"b", "text/plain", "bytes"};
  for (const Transport transport : kTransports) {
    Caller ada(suite(), transport, ada_->caller.token());
    EXPECT_THAT(ada.Download(name_),
                Refused(FAILED_PRECONDITION, "NO_CONTENT"));
    EXPECT_THAT(ada.Upload(name_, {"b", "no media type", "bytes"}),
                Refused(INVALID_ARGUMENT, "FIELD_INVALID"));
    const Answer stale = ada.Upload(name_, file, "v99");
    if (transport == Transport::kHttp) {
      EXPECT_EQ(stale.reason, "PRECONDITION_FAILED");
      EXPECT_EQ(stale.http_status, 412);
    } else {
      EXPECT_THAT(stale, Refused(ABORTED, "ETAG_MISMATCH"));
    }
    auto link = In<resources::v1::CreateResourceRequest>(community_);
    link.mutable_resource()->set_title("A link");
    link.mutable_resource()->set_kind(resources::v1::LINK);
    link.mutable_resource()->set_uri("https://example.org/");
    const std::string name = ada.Call<resources::v1::Resource>(link).name();
    EXPECT_THAT(ada.Upload(name, file),
                Refused(FAILED_PRECONDITION, "NO_CONTENT"));
    link.mutable_resource()->set_uri("javascript:alert(1)");
    EXPECT_THAT(ada.Try(link), Refused(INVALID_ARGUMENT, "FIELD_INVALID"));
  }
  EXPECT_FALSE(Now().has_content());
}

}  // namespace
}  // namespace praxis::system
