#include "gateway/call/operation.h"

#include <memory>
#include <string>

#include "gateway/testing/fake_call.h"
#include "google/api/http.pb.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;

class OperationTest : public FakeCallTest {
 protected:
  // The operation of the first route of a method.
  const Operation& Of(const std::string& method) {
    for (const auto& route : routes_.routes()) {
      if (route->method->name() != method) continue;
      auto made = Operation::Make(
          *route, std::make_unique<FakeEndpoint>(service_), registry_);
      EXPECT_THAT(made, testing::Succeeds());
      operation_ = *std::move(made);
      break;
    }
    return *operation_;
  }

  // The same for a rule that the contract does not have.
  absl::StatusOr<std::unique_ptr<Operation>> With(
      const std::string& method, const google::api::HttpRule& rule) {
    made_routes_ = RouteTable();
    const auto& service = *books::Book::descriptor()->file()->service(0);
    EXPECT_THAT(
        made_routes_.Add(service.FindMethodByName(method), rule, &schemas_),
        testing::Succeeds());
    return Operation::Make(*made_routes_.routes()[0],
                           std::make_unique<FakeEndpoint>(service_), registry_);
  }

  RouteTable made_routes_;
};

TEST_F(OperationTest, KnowsHowRequestsAndAnswersCross) {
  EXPECT_EQ(Of("GetBook").shape, Shape::kUnary);
  EXPECT_EQ(Of("UploadText").shape, Shape::kUpload);
  EXPECT_EQ(Of("DownloadText").shape, Shape::kDownload);
  EXPECT_EQ(Of("WatchBooks").shape, Shape::kMessages);
}

TEST_F(OperationTest, FindsTheFieldsThatHeadersFill) {
  EXPECT_EQ(Of("CreateBook").request_id->ToString(), "request_id");
  EXPECT_EQ(Of("CreateBook").etag->ToString(), "book.etag");
  EXPECT_EQ(Of("DeleteBook").etag->ToString(), "etag");
  EXPECT_EQ(Of("UploadText").etag->ToString(), "etag");
  EXPECT_EQ(Of("DownloadText").range_offset->ToString(), "range.offset");
  EXPECT_EQ(Of("DownloadText").range_limit->ToString(), "range.limit");
  EXPECT_EQ(Of("GetBook").response_etag->descriptor->name(), "etag");
}

TEST_F(OperationTest, HasNoneOfThemWhereTheContractHasNone) {
  const Operation& lend = Of("LendBook");
  EXPECT_FALSE(lend.request_id.has_value());
  EXPECT_FALSE(lend.etag.has_value());
  EXPECT_FALSE(lend.range_offset.has_value());
  EXPECT_EQ(lend.response_etag, nullptr);
}

TEST_F(OperationTest, RefusesAClientStreamThatIsNoRawBody) {
  google::api::HttpRule rule;
  rule.set_post("/v1/{name=shelves/*}:all");
  rule.set_body("filename");
  const auto made = With("UploadText", rule);
  EXPECT_EQ(made.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(made.status().message()), HasSubstr("BodyChunk"));
}

TEST_F(OperationTest, CountsUnderItsRoute) {
  Of("GetBook").metrics.Answered(200, absl::Milliseconds(1));
  EXPECT_THAT(Metrics(),
              HasSubstr("praxis_gateway_requests_total{route=\"/v1/{name="
                        "shelves/*/books/*}\",method=\"GET\",upstream=\"praxis."
                        "testing.library.v1\",code=\"2xx\"} 1"));
}

}  // namespace
}  // namespace praxis::gateway
