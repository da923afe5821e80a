#include "services/common/rpc/canonical.h"

#include "gtest/gtest.h"
#include "services/common/testing/echo.pb.h"

namespace praxis::rpc {
namespace {

using testing::v1::EchoRequest;

std::string Reread(const std::string& bytes) {
  EchoRequest request;
  EXPECT_TRUE(request.ParseFromString(bytes));
  return Canonical(request);
}

TEST(CanonicalTest, DoesNotDependOnTheOrderOfFields) {
  EchoRequest payload;
  payload.set_payload("bytes");
  EchoRequest title;
  title.set_title("text");
  const std::string one = payload.SerializeAsString();
  const std::string other = title.SerializeAsString();
  EXPECT_EQ(Reread(one + other), Reread(other + one));
}

TEST(CanonicalTest, DiffersWhereMessagesDiffer) {
  EchoRequest one;
  one.set_title("text");
  EchoRequest other;
  other.set_payload("text");
  EXPECT_NE(Canonical(one), Canonical(other));
}

}  // namespace
}  // namespace praxis::rpc
