#include "gateway/forms/form.h"

#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

RequestHead With(Header header, absl::string_view value) {
  RequestHead head;
  head.values[static_cast<size_t>(header)] = value;
  return head;
}

absl::string_view AcceptedError(absl::string_view accept) {
  return ErrorFormOf(With(Header::kAccept, accept)).media_type;
}

TEST(FormTest, KnowsTheMediaTypesOfTheProtocols) {
  EXPECT_EQ(FindRpcForm("application/json")->protocol, Protocol::kConnect);
  EXPECT_EQ(FindRpcForm("Application/Proto ; x=y")->codec, Codec::kProto);
  EXPECT_EQ(FindRpcForm("application/connect+json")->protocol,
            Protocol::kConnectStream);
  EXPECT_EQ(FindRpcForm("application/grpc-web")->protocol, Protocol::kGrpcWeb);
  EXPECT_EQ(FindRpcForm("application/grpc-web-text+proto")->protocol,
            Protocol::kGrpcWebText);
  for (const char* other : {"", "json", "application/grpc", "text/json",
                            "application/connect", "application/grpc-web+x"}) {
    EXPECT_EQ(FindRpcForm(other), nullptr) << other;
  }
}

TEST(FormTest, TellsErrorsAsProblemsToThoseWhoPreferThem) {
  EXPECT_EQ(AcceptedError(""), "application/json");
  EXPECT_EQ(AcceptedError("*/*"), "application/json");
  EXPECT_EQ(AcceptedError("application/problem+json"),
            "application/problem+json");
  EXPECT_EQ(AcceptedError("application/json, application/problem+json"),
            "application/problem+json");
  EXPECT_EQ(AcceptedError("application/json, application/problem+json;q=0.9"),
            "application/json");
  EXPECT_EQ(AcceptedError("application/problem+json;q=0"), "application/json");
}

TEST(FormTest, TellsErrorsOfAnRpcInTheProtocolThatTheClientSpeaks) {
  const auto by_type = [](absl::string_view type) {
    RequestHead head = With(Header::kContentType, type);
    head.path = "/praxis.testing.library.v1.LibraryService/GetBook";
    return ErrorFormOf(head);
  };
  EXPECT_EQ(by_type("").protocol, Protocol::kConnect);
  EXPECT_EQ(by_type("text/plain").protocol, Protocol::kConnect);
  EXPECT_EQ(by_type("application/json").protocol, Protocol::kConnect);
  EXPECT_EQ(by_type("application/connect+proto").protocol,
            Protocol::kConnectStream);
  EXPECT_EQ(by_type("application/grpc-web-text").protocol,
            Protocol::kGrpcWebText);
  // Errors of Connect are JSON whatever the messages are.
  EXPECT_EQ(by_type("application/proto").media_type, "application/json");
}

TEST(FormTest, TellsErrorsOfOtherPathsAsHttpDoes) {
  for (const char* path : {"", "*", "/", "/v1/shelves", "/v1/shelves/a.b/books",
                           "/a.b", "/.well-known/x", "//x", "/a.b/c/d"}) {
    RequestHead head = With(Header::kContentType, "application/grpc-web");
    head.path = path;
    EXPECT_EQ(ErrorFormOf(head).protocol, Protocol::kHttp) << path;
  }
}

}  // namespace
}  // namespace praxis::gateway
