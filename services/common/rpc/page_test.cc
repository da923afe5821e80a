#include "services/common/rpc/page.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/auth/secrets.h"
#include "services/common/status/status.h"
#include "services/common/testing/echo.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using praxis::testing::FailsWith;
using testing::v1::ListRecordsRequest;

// Ada lists records; any method stands for the list.
class PageTest : public ::testing::Test {
 protected:
  PageTest() {
    call_.method =
        testing::v1::EchoRequest::descriptor()->file()->service(0)->method(0);
    call_.caller.name = "members/ada";
    call_.sealer = &sealer_;
    request_.set_parent("communities/a");
  }

  const auth::Sealer sealer_ = auth::Sealer::Random();
  Call call_;
  ListRecordsRequest request_;
};

TEST_F(PageTest, CoercesTheSize) {
  EXPECT_EQ(PageOf(call_, request_)->size, 50);
  request_.set_page_size(7);
  EXPECT_EQ(PageOf(call_, request_)->size, 7);
  request_.set_page_size(100000);
  EXPECT_EQ(PageOf(call_, request_)->size, 200);
  request_.set_page_size(-1);
  EXPECT_THAT(PageOf(call_, request_), FailsWith(Reason::FIELD_INVALID));
}

TEST_F(PageTest, GoesOnWhereTheTokenSays) {
  EXPECT_EQ(PageOf(call_, request_)->after, "");
  request_.set_page_token(NextPageToken(call_, request_, "row 50"));
  request_.set_page_size(3);  // May change between pages (AIP-158).
  EXPECT_EQ(PageOf(call_, request_)->after, "row 50");
}

TEST_F(PageTest, RefusesATokenOfAnotherCaller) {
  request_.set_page_token(NextPageToken(call_, request_, "row"));
  call_.caller.name = "members/bob";
  EXPECT_THAT(PageOf(call_, request_), FailsWith(Reason::PAGE_TOKEN_INVALID));
}

TEST_F(PageTest, RefusesATokenOfAnotherQuery) {
  request_.set_page_token(NextPageToken(call_, request_, "row"));
  request_.set_parent("communities/b");
  EXPECT_THAT(PageOf(call_, request_), FailsWith(Reason::PAGE_TOKEN_INVALID));
}

TEST_F(PageTest, RefusesATokenOfAnotherMethod) {
  request_.set_page_token(NextPageToken(call_, request_, "row"));
  call_.method = call_.method->service()->method(1);
  EXPECT_THAT(PageOf(call_, request_), FailsWith(Reason::PAGE_TOKEN_INVALID));
}

TEST_F(PageTest, RefusesWhatItDidNotMake) {
  const std::string good = NextPageToken(call_, request_, "row");
  std::string flipped = good;
  flipped[5] = flipped[5] == 'A' ? 'B' : 'A';
  for (const std::string& token :
       {std::string("x"), std::string("row"), flipped, good + good,
        std::string(5000, 'A')}) {
    request_.set_page_token(token);
    EXPECT_THAT(PageOf(call_, request_), FailsWith(Reason::PAGE_TOKEN_INVALID))
        << token;
  }
}

}  // namespace
}  // namespace praxis::rpc
