#include "gateway/connect/message.h"

#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/testing/library.pb.h"
#include "gateway/transcode/message_schema.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

namespace books = ::praxis::testing::library::v1;
using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;

class MessageTest : public ::testing::Test {
 protected:
  Route RouteOf(const std::string& method) {
    return Route::MakeRpc(
        books::Book::descriptor()->file()->service(0)->FindMethodByName(method),
        "POST", &schemas_);
  }

  absl::StatusOr<Form> FormFor(const std::string& method,
                               absl::string_view type,
                               Header header = Header::kAccept,
                               absl::string_view value = "") {
    RequestHead head;
    head.values[static_cast<size_t>(Header::kContentType)] = type;
    head.values[static_cast<size_t>(header)] = value;
    return RpcFormOf(RouteOf(method), head);
  }

  // The name in a GetBookRequest that a body holds.
  absl::StatusOr<std::string> NameIn(absl::string_view type,
                                     absl::string_view body) {
    return NameOf(ReadMessage(*FindRpcForm(type), get_, body));
  }
  absl::StatusOr<std::string> NameInQuery(absl::string_view query) {
    return NameOf(ReadQuery(get_, query, &form_));
  }

  std::string Written(absl::string_view type, absl::string_view wire) {
    std::string body;
    EXPECT_THAT(WriteMessage(*FindRpcForm(type), get_, wire, &body),
                Succeeds());
    return body;
  }

  SchemaSet schemas_;
  const Route get_ = RouteOf("GetBook");
  Form form_;

 private:
  static absl::StatusOr<std::string> NameOf(
      const absl::StatusOr<std::string>& wire) {
    if (!wire.ok()) return wire.status();
    books::GetBookRequest request;
    EXPECT_TRUE(request.ParseFromString(*wire));
    return request.name();
  }
};

constexpr char kWire[] = "\n\4emma";
const std::string& Frame() {
  static const std::string frame = std::string("\0\0\0\0\6", 5) + kWire;
  return frame;
}

TEST_F(MessageTest, HasTheFormThatItsMediaTypeNames) {
  EXPECT_THAT(FormFor("GetBook", "application/json"), Succeeds());
  EXPECT_THAT(FormFor("GetBook", "application/grpc-web-text"), Succeeds());
  EXPECT_THAT(FormFor("WatchBooks", "application/connect+proto"), Succeeds());
  EXPECT_THAT(FormFor("WatchBooks", "application/grpc-web"), Succeeds());
  for (absl::string_view type :
       {"", "text/plain", "application/connect+proto", "application/grpc"}) {
    EXPECT_THAT(FormFor("GetBook", type),
                FailsWith(Reason::MEDIA_TYPE_UNSUPPORTED))
        << type;
  }
  for (absl::string_view type : {"application/json", "application/proto"}) {
    EXPECT_THAT(FormFor("WatchBooks", type),
                FailsWith(Reason::MEDIA_TYPE_UNSUPPORTED))
        << type;
  }
}

TEST_F(MessageTest, IsNoStreamOfRequests) {
  for (absl::string_view type :
       {"application/connect+proto", "application/grpc-web", "text/plain"}) {
    EXPECT_THAT(FormFor("UploadText", type),
                FailsWith(Reason::STREAM_UNSUPPORTED));
  }
}

TEST_F(MessageTest, IsOfTheFirstVersionAndNotCompressed) {
  EXPECT_THAT(FormFor("GetBook", "application/proto",
                      Header::kConnectProtocolVersion, "1"),
              Succeeds());
  EXPECT_THAT(FormFor("GetBook", "application/proto",
                      Header::kConnectProtocolVersion, "2"),
              FailsWith(Reason::HEADER_INVALID));
  EXPECT_THAT(FormFor("GetBook", "application/json", Header::kContentEncoding,
                      "identity"),
              Succeeds());
  EXPECT_THAT(
      FormFor("GetBook", "application/json", Header::kContentEncoding, "gzip"),
      FailsWith(Reason::COMPRESSION_UNSUPPORTED));
}

TEST_F(MessageTest, IsReadInEveryForm) {
  EXPECT_EQ(*NameIn("application/json", R"({"name":"emma"})"), "emma");
  EXPECT_EQ(*NameIn("application/proto", kWire), "emma");
  EXPECT_EQ(*NameIn("application/proto", ""), "");
  EXPECT_EQ(*NameIn("application/grpc-web+proto", Frame()), "emma");
  EXPECT_EQ(*NameIn("application/grpc-web-text", absl::Base64Escape(Frame())),
            "emma");
  EXPECT_EQ(*NameIn("application/connect+json", std::string("\0\0\0\0\2{}", 7)),
            "");
}

TEST_F(MessageTest, IsRefusedWhenItIsGarbage) {
  EXPECT_THAT(NameIn("application/json", ""), FailsWith(Reason::BODY_INVALID));
  EXPECT_THAT(NameIn("application/json", "{\"x\":1}"),
              FailsWith(Reason::BODY_INVALID));
  EXPECT_THAT(NameIn("application/grpc-web", kWire),
              FailsWith(Reason::BODY_INVALID));
  EXPECT_THAT(NameIn("application/grpc-web-text", Frame()),
              FailsWith(Reason::BODY_INVALID));
  EXPECT_THAT(NameIn("application/grpc-web-text", "AAAA"),
              FailsWith(Reason::BODY_INVALID));
  EXPECT_THAT(NameIn("application/grpc-web-text", "AAAAA"),
              FailsWith(Reason::BODY_INVALID));
}

// Bits flipped, bytes cut off and put in: a message or a refusal, never more.
TEST_F(MessageTest, SurvivesGarbage) {
  const std::string seeds[] = {
      R"({"name":"emma"})", Frame(), absl::Base64Escape(Frame()),
      "connect=v1&encoding=proto&base64=1&message=CgRlbW1h"};
  const absl::string_view types[] = {
      "application/json", "application/proto", "application/connect+json",
      "application/grpc-web", "application/grpc-web-text"};
  std::minstd_rand random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string body = seeds[random() % 4];
    for (size_t changes = random() % 4; changes > 0; --changes) {
      const size_t at = random() % (body.size() + 1);
      const char c = static_cast<char>(random() % 256);
      random() % 2 == 0 ? body.insert(at, 1, c) : body.erase(at, random() % 5);
    }
    const Form& form = *FindRpcForm(types[random() % 5]);
    for (const auto& wire :
         {ReadMessage(form, get_, body), ReadQuery(get_, body, &form_)}) {
      EXPECT_TRUE(wire.ok() || HttpStatusOf(wire.status()) / 100 == 4);
    }
  }
}

TEST_F(MessageTest, MayBeAsLongAsItsCodecAllows) {
  EXPECT_EQ(BodyBytesMax(*FindRpcForm("application/json")), 1 << 20);
  EXPECT_EQ(BodyBytesMax(*FindRpcForm("application/proto")), 4 << 20);
  EXPECT_EQ(BodyBytesMax(*FindRpcForm("application/connect+json")),
            (1 << 20) + 5);
  EXPECT_GE(BodyBytesMax(*FindRpcForm("application/grpc-web-text")),
            absl::Base64Escape(std::string((4 << 20) + 5, 'x')).size());
}

TEST_F(MessageTest, IsReadFromTheQueryOfAGet) {
  EXPECT_EQ(*NameInQuery("connect=v1&encoding=json&message=%7B%22name%22%3A"
                         "%22emma%22%7D"),
            "emma");
  EXPECT_EQ(form_.codec, Codec::kJson);
  EXPECT_EQ(*NameInQuery("message=CgRlbW1h&base64=1&encoding=proto&x=y"),
            "emma");
  EXPECT_EQ(form_.media_type, "application/proto");
  EXPECT_EQ(*NameInQuery("encoding=proto&message="), "");
  // 0x0a 0x03 "~~~": both alphabets, padded and not.
  for (absl::string_view text :
       {"CgN-fn4", "CgN-fn4%3D", "CgN%2Bfn4=", "CgN+fn4"}) {
    EXPECT_EQ(
        *NameInQuery(absl::StrCat("encoding=proto&base64=1&message=", text)),
        "~~~")
        << text;
  }
}

TEST_F(MessageTest, IsRefusedInQueriesOfOtherKinds) {
  EXPECT_THAT(NameInQuery("connect=v2&encoding=json&message={}"),
              FailsWith(Reason::URL_INVALID));
  EXPECT_THAT(NameInQuery("encoding=json"), FailsWith(Reason::URL_INVALID));
  EXPECT_THAT(NameInQuery("encoding=json&message=%7"),
              FailsWith(Reason::URL_INVALID));
  EXPECT_THAT(NameInQuery("encoding=json&message={}&message={}"),
              FailsWith(Reason::URL_INVALID));
  EXPECT_THAT(NameInQuery("encoding=proto&base64=1&message=***"),
              FailsWith(Reason::URL_INVALID));
  EXPECT_THAT(NameInQuery("encoding=json&message=["),
              FailsWith(Reason::BODY_INVALID));
  for (absl::string_view encoding : {"", "encoding=xml&", "encoding=grpc-web&",
                                     "encoding=connect%2Bjson&"}) {
    EXPECT_THAT(NameInQuery(absl::StrCat(encoding, "message={}")),
                FailsWith(Reason::MEDIA_TYPE_UNSUPPORTED))
        << encoding;
  }
  EXPECT_THAT(NameInQuery("encoding=json&message={}&compression=gzip"),
              FailsWith(Reason::COMPRESSION_UNSUPPORTED));
}

TEST_F(MessageTest, IsWrittenInEveryForm) {
  EXPECT_EQ(Written("application/json", kWire), R"({"name":"emma"})");
  EXPECT_EQ(Written("application/proto", kWire), kWire);
  EXPECT_EQ(Written("application/grpc-web", kWire), Frame());
  EXPECT_EQ(Written("application/grpc-web-text", kWire),
            absl::Base64Escape(Frame()));
  EXPECT_EQ(Written("application/connect+json", kWire),
            std::string("\0\0\0\0\x0f{\"name\":\"emma\"}", 20));
  std::string body;
  EXPECT_THAT(
      WriteMessage(*FindRpcForm("application/json"), get_, "\xff", &body),
      FailsWith(Reason::INTERNAL));
}

}  // namespace
}  // namespace praxis::gateway
