#include "services/common/testing/caller.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/echo.h"
#include "services/common/testing/echo.pb.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::testing {
namespace {

using ::testing::SizeIs;

class CallerTest : public ::testing::Test {
 protected:
  TestHost host_;
  EchoServer server_{host_};
  Caller caller_{host_, server_.pipeline()};
};

TEST_F(CallerTest, CallsTheMethodThatTakesTheRequest) {
  v1::EchoRequest request;
  request.set_payload("hello");
  const auto response = caller_.Call<v1::EchoResponse>("", request);
  ASSERT_THAT(response, Succeeds());
  EXPECT_EQ(response->payload(), "hello");
}

TEST_F(CallerTest, CallsAsThePrincipalItIsGiven) {
  const auto ada =
      caller_.Call<v1::WhoAmIResponse>("members/ada", v1::WhoAmIRequest());
  ASSERT_THAT(ada, Succeeds());
  EXPECT_EQ(ada->name(), "members/ada");
  EXPECT_THAT(caller_.Call<v1::WhoAmIResponse>("", v1::WhoAmIRequest()),
              FailsWith(errors::v1::TOKEN_MISSING));
}

TEST_F(CallerTest, GoesThroughPolicyAndFieldRules) {
  v1::GetNoteRequest request;
  request.set_name("communities/secret/notes/1");
  EXPECT_THAT(caller_.Call<v1::Note>("members/ada", request), Succeeds());
  EXPECT_THAT(caller_.Call<v1::Note>("members/eve", request),
              FailsWith(errors::v1::RESOURCE_NOT_FOUND));
  v1::EchoRequest wrong;
  wrong.set_title("much longer than twenty letters");
  EXPECT_THAT(caller_.Call<v1::EchoResponse>("", wrong),
              FailsWith(errors::v1::FIELD_INVALID));
}

TEST_F(CallerTest, ShowsAStatusAsItCrossesTheWire) {
  v1::FailRequest request;
  request.set_reason(errors::v1::LAST_OWNER);
  request.set_message("Name another owner first.");
  const auto response = caller_.Call<v1::FailResponse>("", request);
  EXPECT_THAT(response, FailsWith(errors::v1::LAST_OWNER));
  EXPECT_EQ(response.status().message(), "Name another owner first.");
}

TEST_F(CallerTest, ReadsAServerStreamToItsEnd) {
  v1::CountRequest request;
  request.set_to(3);
  EXPECT_THAT(*caller_.ServerStream("", request), SizeIs(3));
  request.set_fail_at(2);
  EXPECT_THAT(caller_.ServerStream("", request),
              FailsWith(errors::v1::RESOURCE_NOT_FOUND));
  // The stream goes after its last status has been heard.
  EXPECT_TRUE(Eventually([&] { return server_.state().counts_open == 0; }));
}

TEST_F(CallerTest, PushesAClientStreamAndTakesItsReply) {
  std::vector<v1::SumRequest> numbers(2);
  numbers[0].set_number(3);
  numbers[1].set_number(4);
  const auto sum = caller_.ClientStream<v1::SumResponse>("", numbers);
  ASSERT_THAT(sum, Succeeds());
  EXPECT_EQ(sum->sum(), 7);
  EXPECT_EQ(sum->messages(), 2);
  numbers[1].set_number(-1);
  EXPECT_THAT(caller_.ClientStream<v1::SumResponse>("", numbers),
              FailsWith(errors::v1::FIELD_INVALID));
  EXPECT_TRUE(Eventually([&] { return server_.state().sums_open == 0; }));
  EXPECT_EQ(server_.state().sums_finished, 1);
}

TEST_F(CallerTest, SaysSoWhenNoMethodTakesTheRequest) {
  EXPECT_THAT(caller_.Call<v1::EchoResponse>("", v1::EchoResponse()),
              FailsWith(errors::v1::METHOD_UNKNOWN));
}

}  // namespace
}  // namespace praxis::testing
