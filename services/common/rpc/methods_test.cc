#include "services/common/rpc/methods.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/echo.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = testing::v1;

// A handler whose answer is not what its method declares.
class Confused {
 public:
  absl::StatusOr<v1::WhoAmIResponse> Echo(const Call&, const v1::EchoRequest&) {
    return v1::WhoAmIResponse();
  }
  absl::StatusOr<v1::Note> Unknown(const Call&, const v1::Note&) {
    return v1::Note();
  }
};

TEST(MethodsTest, NamesEveryMethodWithoutAHandler) {
  testing::EchoState state;
  testing::Echo echo(state);
  Methods methods;
  methods.Add(&echo, &testing::Echo::EchoPayload);
  const absl::Status status = methods.Check();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("EchoService.WhoAmI has no handler"),
                    HasSubstr("EchoService.Sum has no handler"),
                    Not(HasSubstr("EchoService.Echo has"))));
}

TEST(MethodsTest, RefusesTwoHandlersOfOneMethod) {
  testing::EchoState state;
  testing::Echo echo(state);
  Methods methods;
  methods.Add(&echo, &testing::Echo::EchoPayload);
  methods.Add(&echo, &testing::Echo::EchoPayload);
  EXPECT_THAT(std::string(methods.Check().message()),
              HasSubstr("has two handlers"));
}

TEST(MethodsTest, RefusesAHandlerOfOtherTypes) {
  Confused confused;
  Methods methods;
  methods.Add(&confused, &Confused::Echo);
  methods.Add(&confused, &Confused::Unknown);
  EXPECT_THAT(std::string(methods.Check().message()),
              AllOf(HasSubstr("does not have its types"),
                    HasSubstr("is the request of 0 methods")));
}

TEST(MethodsTest, FindsByPath) {
  testing::TestHost host;
  testing::EchoServer server(host);
  const Methods& methods = server.pipeline().methods();
  EXPECT_TRUE(methods.Check().ok()) << methods.Check();
  const Handler* echo = methods.Find("/praxis.testing.v1.EchoService/Echo");
  ASSERT_NE(echo, nullptr);
  EXPECT_TRUE(echo->reads_only);
  EXPECT_EQ(methods.Find("/praxis.testing.v1.EchoService/Nothing"), nullptr);
  ASSERT_EQ(methods.Services().size(), 1);
}

}  // namespace
}  // namespace praxis::rpc
