#include "gateway/upstream/remote/retry.h"

#include <string>

#include "gateway/testing/library.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

namespace v1 = testing::library::v1;

constexpr absl::Duration kLong = absl::Seconds(20);

absl::Status Away() {
  return Error(Reason::BACKEND_UNAVAILABLE, "The backend is away.");
}

TEST(PauseBeforeTest, TriesTwiceMoreWhatIsUnavailable) {
  EXPECT_TRUE(PauseBefore(1, Away(), "", kLong).has_value());
  EXPECT_TRUE(PauseBefore(2, Away(), "", kLong).has_value());
  EXPECT_FALSE(PauseBefore(3, Away(), "", kLong).has_value());
}

TEST(PauseBeforeTest, LeavesEverythingElseAsItIs) {
  for (const Reason reason :
       {Reason::OVERLOADED, Reason::RATE_LIMITED, Reason::DEADLINE_EXCEEDED,
        Reason::CANCELLED, Reason::INTERNAL, Reason::RESOURCE_NOT_FOUND,
        Reason::ETAG_MISMATCH}) {
    EXPECT_FALSE(PauseBefore(1, Error(reason, "x"), "", kLong).has_value())
        << reason;
  }
}

TEST(PauseBeforeTest, WaitsRandomlyAndNotForLong) {
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration pause = *PauseBefore(1, Away(), "", kLong);
    least = std::min(least, pause);
    most = std::max(most, pause);
    EXPECT_LE(*PauseBefore(2, Away(), "", kLong), absl::Milliseconds(200));
  }
  EXPECT_LT(least, absl::Milliseconds(5));
  EXPECT_GT(most, absl::Milliseconds(45));
  EXPECT_LE(most, absl::Milliseconds(50));
}

TEST(PauseBeforeTest, WaitsAsLongAsTheBackendAsksFor) {
  const absl::Status later = RetryAfter(Away(), absl::Seconds(2));
  EXPECT_GE(*PauseBefore(1, later, "", kLong), absl::Seconds(2));
  EXPECT_GE(*PauseBefore(1, Away(), "700", kLong), absl::Milliseconds(700));
  // What says more of this attempt goes first.
  EXPECT_LT(*PauseBefore(1, later, "0", kLong), absl::Seconds(1));
}

TEST(PauseBeforeTest, DoesNotTryWhatTheBackendForbids) {
  EXPECT_FALSE(PauseBefore(1, Away(), "-1", kLong).has_value());
  EXPECT_FALSE(PauseBefore(1, Away(), "soon", kLong).has_value());
}

TEST(PauseBeforeTest, DoesNotTryWhenThereIsNoTime) {
  const absl::Status later = RetryAfter(Away(), absl::Seconds(2));
  EXPECT_FALSE(PauseBefore(1, later, "", absl::Seconds(2)).has_value());
  EXPECT_FALSE(PauseBefore(1, Away(), "", absl::ZeroDuration()).has_value());
  EXPECT_TRUE(PauseBefore(1, Away(), "", absl::InfiniteDuration()).has_value());
}

const google::protobuf::MethodDescriptor& MethodNamed(const char* name) {
  return *v1::Book::descriptor()->file()->service(0)->FindMethodByName(name);
}

TEST(RepeatableTest, IsWhatChangesNothing) {
  EXPECT_TRUE(Repeatable(MethodNamed("GetBook")).Is(""));
  EXPECT_FALSE(Repeatable(MethodNamed("UploadText")).Is(""));
}

TEST(RepeatableTest, IsWhatHasARequestId) {
  const Repeatable create(MethodNamed("CreateBook"));
  v1::CreateBookRequest request;
  request.mutable_book()->set_title("Emma");
  EXPECT_FALSE(create.Is(request.SerializeAsString()));
  request.set_request_id("once");
  EXPECT_TRUE(create.Is(request.SerializeAsString()));
  EXPECT_FALSE(create.Is("\xff not a message"));
  // A number in its place, behind other bytes, is not seen by the service.
  request.clear_request_id();
  std::string wire = request.SerializeAsString();
  wire.push_back(
      static_cast<char>(v1::CreateBookRequest::kRequestIdFieldNumber << 3));
  wire.push_back(1);
  EXPECT_FALSE(create.Is(wire));
}

TEST(RetryBudgetTest, IsATenthOfTheCalls) {
  RetryBudget budget;
  int retries = 0;
  // A hundred at once.
  while (budget.Withdraw()) ++retries;
  EXPECT_EQ(retries, 100);
  for (int i = 0; i < 1000; ++i) {
    budget.Deposit();
    if (budget.Withdraw()) ++retries;
  }
  EXPECT_EQ(retries, 200);
}

TEST(RetryBudgetTest, IsNotSavedWithoutEnd) {
  RetryBudget budget;
  for (int i = 0; i < 100'000; ++i) budget.Deposit();
  int retries = 0;
  while (budget.Withdraw()) ++retries;
  EXPECT_EQ(retries, 100);
}

}  // namespace
}  // namespace praxis::gateway
