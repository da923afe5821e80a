#include "gateway/call/request.h"

#include <string>

#include "gateway/testing/fake_call.h"

namespace praxis::gateway {
namespace {

using testing::FailsWith;
using testing::Succeeds;

class RequestTest : public FakeCallTest {
 protected:
  // The request message of what Request() and SetHeader() have said.
  template <typename Message>
  absl::StatusOr<Message> Build(absl::string_view body = "") {
    auto match =
        routes_.Find(exchange_->request.method, exchange_->request.path);
    EXPECT_THAT(match, Succeeds());
    auto operation = Operation::Make(
        *match->route, std::make_unique<FakeEndpoint>(service_), registry_);
    EXPECT_THAT(operation, Succeeds());
    auto wire = BuildRequest(**operation, *match, exchange_->request, body);
    if (!wire.ok()) return wire.status();
    Message message;
    EXPECT_TRUE(message.ParseFromString(*wire));
    return message;
  }

  absl::Status Check() {
    auto match =
        routes_.Find(exchange_->request.method, exchange_->request.path);
    EXPECT_THAT(match, Succeeds());
    return CheckJsonBody(*match->route, exchange_->request);
  }

  static constexpr char kBook[] = "/v1/shelves/a/books/emma";
};

TEST_F(RequestTest, IsMadeOfPathQueryAndBody) {
  Request("POST", "/v1/shelves/a/books?request_id=r");
  const auto request =
      Build<books::CreateBookRequest>(R"({"title":"Emma","name":"x"})");
  ASSERT_THAT(request, Succeeds());
  EXPECT_EQ(request->parent(), "shelves/a");
  EXPECT_EQ(request->request_id(), "r");
  EXPECT_EQ(request->book().title(), "Emma");
}

TEST_F(RequestTest, TakesThePathsWordForWhatIsMeant) {
  Request("PATCH", kBook);
  const auto request = Build<books::UpdateBookRequest>(
      R"({"name":"shelves/b/books/other","title":"Emma"})");
  ASSERT_THAT(request, Succeeds());
  EXPECT_EQ(request->book().name(), "shelves/a/books/emma");
  EXPECT_EQ(request->update_mask().paths_size(), 1);
  EXPECT_EQ(request->update_mask().paths(0), "title");
}

TEST_F(RequestTest, PutsIfMatchWhereTheEtagBelongs) {
  Request("PATCH", kBook);
  SetHeader(Header::kIfMatch, "\"v7\"");
  const auto update =
      Build<books::UpdateBookRequest>(R"({"title":"Emma","etag":"v6"})");
  ASSERT_THAT(update, Succeeds());
  EXPECT_EQ(update->book().etag(), "v7");
  EXPECT_EQ(update->book().title(), "Emma");

  Request("DELETE", kBook);
  EXPECT_EQ(Build<books::DeleteBookRequest>()->etag(), "v7");
  // A read is not made conditional by it.
  Request("GET", kBook);
  EXPECT_THAT(Build<books::GetBookRequest>(), Succeeds());
  Request("POST", "/v1/shelves/a/books/emma:lend");
  EXPECT_THAT(Build<books::LendBookRequest>("{}"),
              FailsWith(Reason::HEADER_INVALID));
}

TEST_F(RequestTest, TakesTheIdempotencyKeyUnlessTheRequestHasItsOwn) {
  SetHeader(Header::kIdempotencyKey, "\"k\"");
  Request("POST", "/v1/shelves/a/books");
  EXPECT_EQ(Build<books::CreateBookRequest>("{}")->request_id(), "k");
  Request("POST", "/v1/shelves/a/books?requestId=r");
  EXPECT_EQ(Build<books::CreateBookRequest>("{}")->request_id(), "r");
  // A method that has no such field does without.
  Request("DELETE", kBook);
  EXPECT_THAT(Build<books::DeleteBookRequest>(), Succeeds());
  SetHeader(Header::kIdempotencyKey, "\xff");
  Request("POST", "/v1/shelves/a/books");
  EXPECT_THAT(Build<books::CreateBookRequest>("{}"),
              FailsWith(Reason::HEADER_INVALID));
}

TEST_F(RequestTest, NamesWhatIsWrong) {
  Request("GET", "/v1/shelves/a/books?page_size=many");
  EXPECT_THAT(Build<books::ListBooksRequest>(), FailsWith(Reason::URL_INVALID));
  Request("POST", "/v1/shelves/a/books");
  EXPECT_THAT(Build<books::CreateBookRequest>("{\"x\":1}"),
              FailsWith(Reason::BODY_INVALID));
}

TEST_F(RequestTest, HasABodyOnlyWhereTheRuleHasOne) {
  exchange_->request.content_length = 2;
  Request("GET", kBook);
  EXPECT_THAT(Check(), FailsWith(Reason::BODY_INVALID));
  Request("POST", "/v1/shelves/a/books");
  EXPECT_THAT(Check(), Succeeds());
  exchange_->request.content_length = 0;
  Request("GET", kBook);
  EXPECT_THAT(Check(), Succeeds());
}

TEST_F(RequestTest, HasABodyOfJson) {
  exchange_->request.chunked = true;
  Request("POST", "/v1/shelves/a/books");
  for (absl::string_view type :
       {"application/json", "Application/JSON ; charset=utf-8",
        "application/merge-patch+json"}) {
    SetHeader(Header::kContentType, type);
    EXPECT_THAT(Check(), Succeeds()) << type;
  }
  for (absl::string_view type :
       {"text/json", "application/xml", "application/", "json", "text/a+json",
        "multipart/form-data; boundary=application/json"}) {
    SetHeader(Header::kContentType, type);
    EXPECT_THAT(Check(), FailsWith(Reason::MEDIA_TYPE_UNSUPPORTED)) << type;
  }
  SetHeader(Header::kContentType, "application/json");
  SetHeader(Header::kContentEncoding, "identity");
  EXPECT_THAT(Check(), Succeeds());
  SetHeader(Header::kContentEncoding, "br");
  EXPECT_THAT(Check(), FailsWith(Reason::MEDIA_TYPE_UNSUPPORTED));
}

}  // namespace
}  // namespace praxis::gateway
