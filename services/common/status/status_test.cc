#include "services/common/status/status.h"

#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace praxis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <typename Detail>
Detail DetailOf(const google::rpc::Status& status) {
  Detail found;
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&found)) return found;
  }
  ADD_FAILURE() << "no " << found.GetTypeName();
  return found;
}

TEST(ErrorTest, TakesItsCodeFromTheContract) {
  const absl::Status status = Error(errors::v1::LAST_OWNER, "Name another.");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "Name another.");
  EXPECT_EQ(ReasonOf(status), errors::v1::LAST_OWNER);
}

TEST(ErrorTest, IsNeverOkWhateverTheReason) {
  const auto* reasons = errors::v1::Reason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<Reason>(reasons->value(i)->number());
    EXPECT_FALSE(Error(reason, "x").ok()) << reasons->value(i)->name();
  }
}

// What a new reason forgets most easily.
TEST(ReasonsTest, EachDeclaresACode) {
  const auto* reasons = errors::v1::Reason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    EXPECT_TRUE(reasons->value(i)->options().HasExtension(errors::v1::error))
        << reasons->value(i)->name();
  }
}

TEST(ReasonOfTest, IsUnspecifiedForWhatDidNotComeFromOurCode) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), errors::v1::REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("x")), errors::v1::REASON_UNSPECIFIED);

  google::rpc::ErrorInfo info;
  info.set_reason("LAST_OWNER");
  info.set_domain("example.com");
  absl::Status foreign = absl::NotFoundError("x");
  foreign.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                     absl::Cord(info.SerializeAsString()));
  EXPECT_EQ(ReasonOf(foreign), errors::v1::REASON_UNSPECIFIED);

  foreign.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                     absl::Cord("\xff\xff"));
  EXPECT_EQ(ReasonOf(foreign), errors::v1::REASON_UNSPECIFIED);
}

TEST(HttpStatusOfTest, IsTheReasonsOwnElseTheCodes) {
  EXPECT_EQ(HttpStatusOf(absl::OkStatus()), 200);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::TOO_LARGE, "x")), 413);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::METHOD_NOT_ALLOWED, "x")), 405);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::PRECONDITION_FAILED, "x")), 412);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::FIELD_INVALID, "x")), 400);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::TOKEN_INVALID, "x")), 401);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::ROLE_INSUFFICIENT, "x")), 403);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::RESOURCE_NOT_FOUND, "x")), 404);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::ETAG_MISMATCH, "x")), 409);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::RATE_LIMITED, "x")), 429);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::CANCELLED, "x")), 499);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::METHOD_UNKNOWN, "x")), 501);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::BACKEND_UNAVAILABLE, "x")), 503);
  EXPECT_EQ(HttpStatusOf(Error(errors::v1::DEADLINE_EXCEEDED, "x")), 504);
}

TEST(HttpStatusOfTest, Is500ForWhatIsShownAsInternal) {
  EXPECT_EQ(HttpStatusOf(absl::NotFoundError("no such table")), 500);
}

TEST(FieldErrorsTest, NamesEveryField) {
  const absl::Status status = FieldErrors(
      {{"thread.title", "must be set"}, {"thread.kind", "is not declared"}});
  EXPECT_EQ(ReasonOf(status), errors::v1::FIELD_INVALID);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const auto details = DetailOf<google::rpc::BadRequest>(ToRpcStatus(status));
  ASSERT_EQ(details.field_violations_size(), 2);
  EXPECT_EQ(details.field_violations(0).field(), "thread.title");
  EXPECT_EQ(details.field_violations(0).description(), "must be set");
  EXPECT_EQ(details.field_violations(1).field(), "thread.kind");
}

TEST(FieldErrorsTest, SaysItInTheMessageWhenThereIsOnlyOne) {
  const absl::Status status = FieldErrors({{"thread.title", "must be set"}});
  EXPECT_EQ(status.message(),
            "The field thread.title cannot be used: must be set");
}

TEST(RetryAfterTest, TellsHowLongToWait) {
  const absl::Status status =
      RetryAfter(Error(errors::v1::OVERLOADED, "Too many requests at once."),
                 absl::Milliseconds(1500));
  EXPECT_EQ(ReasonOf(status), errors::v1::OVERLOADED);
  const auto info = DetailOf<google::rpc::RetryInfo>(ToRpcStatus(status));
  EXPECT_EQ(info.retry_delay().seconds(), 1);
  EXPECT_EQ(info.retry_delay().nanos(), 500'000'000);
}

TEST(RetryAfterTest, LeavesSuccessAlone) {
  EXPECT_EQ(RetryAfter(absl::OkStatus(), absl::Seconds(1)), absl::OkStatus());
}

TEST(ToRpcStatusTest, AlwaysShowsAReasonAndShowsItFirst) {
  const auto status = ToRpcStatus(RetryAfter(
      FieldErrors({{"page_size", "is negative"}}), absl::Seconds(1)));
  ASSERT_EQ(status.details_size(), 3);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(status.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "FIELD_INVALID");
  EXPECT_EQ(info.domain(), "praxis");
  EXPECT_EQ(status.code(), 3);
}

TEST(ToRpcStatusTest, WithholdsTheTextOfWhatDidNotComeFromOurCode) {
  const auto status = ToRpcStatus(absl::NotFoundError("table threads"));
  EXPECT_EQ(status.code(), static_cast<int>(absl::StatusCode::kInternal));
  EXPECT_THAT(status.message(), Not(HasSubstr("threads")));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).reason(), "INTERNAL");
}

TEST(ToRpcStatusTest, IsEmptyForSuccess) {
  const auto status = ToRpcStatus(absl::OkStatus());
  EXPECT_EQ(status.code(), 0);
  EXPECT_EQ(status.details_size(), 0);
}

TEST(FromRpcStatusTest, IsTheWayBack) {
  const absl::Status sent = RetryAfter(
      FieldErrors({{"thread.title", "must be set"}}), absl::Seconds(3));
  EXPECT_EQ(FromRpcStatus(ToRpcStatus(sent)), sent);
  EXPECT_TRUE(FromRpcStatus(google::rpc::Status()).ok());
}

TEST(FromRpcStatusTest, DropsDetailsOfTypesItDoesNotKnow) {
  auto sent = ToRpcStatus(Error(errors::v1::NAME_TAKEN, "Taken."));
  auto* unknown = sent.add_details();
  unknown->set_type_url("type.googleapis.com/acme.Unknown");
  unknown->set_value("x");
  auto* torn = sent.add_details();
  torn->set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  torn->set_value("\xff");
  EXPECT_EQ(FromRpcStatus(sent), Error(errors::v1::NAME_TAKEN, "Taken."));
}

absl::Status ReturnsIfError(const absl::Status& status, bool* went_on) {
  RETURN_IF_ERROR(status);
  *went_on = true;
  return absl::OkStatus();
}

TEST(ReturnIfErrorTest, StopsAtAFailureOnly) {
  bool went_on = false;
  EXPECT_EQ(ReturnsIfError(absl::AbortedError("x"), &went_on),
            absl::AbortedError("x"));
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(ReturnsIfError(absl::OkStatus(), &went_on).ok());
  EXPECT_TRUE(went_on);
}

absl::StatusOr<int> Sum(absl::StatusOr<int> a, absl::StatusOr<int> b) {
  ASSIGN_OR_RETURN(const int first, a);
  int second = 0;
  ASSIGN_OR_RETURN(second, b);
  return first + second;
}

TEST(AssignOrReturnTest, AssignsOrReturns) {
  EXPECT_EQ(*Sum(1, 2), 3);
  EXPECT_EQ(Sum(1, absl::AbortedError("x")).status(), absl::AbortedError("x"));
}

absl::StatusOr<std::unique_ptr<int>> Passed(
    absl::StatusOr<std::unique_ptr<int>> value) {
  ASSIGN_OR_RETURN(std::unique_ptr<int> moved, std::move(value));
  return moved;
}

TEST(AssignOrReturnTest, MovesWhatCannotBeCopied) {
  EXPECT_EQ(**Passed(std::make_unique<int>(7)), 7);
  EXPECT_EQ(Passed(absl::AbortedError("x")).status(), absl::AbortedError("x"));
}

// What a failure goes through between two services.
TEST(FromRpcStatusTest, KeepsReasonAndHttpStatusOfEveryReasonThroughTheWire) {
  const auto* reasons = errors::v1::Reason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<Reason>(reasons->value(i)->number());
    const absl::Status sent = Error(reason, "Do this.");
    google::rpc::Status received;
    ASSERT_TRUE(
        received.ParseFromString(ToRpcStatus(sent).SerializeAsString()));
    const absl::Status status = FromRpcStatus(received);
    EXPECT_EQ(status, sent) << reasons->value(i)->name();
    EXPECT_EQ(ReasonOf(status), reason);
    EXPECT_EQ(HttpStatusOf(status), HttpStatusOf(sent));
    EXPECT_GE(HttpStatusOf(status), 400);
  }
}

TEST(FromRpcStatusTest, TakesACodeItDoesNotKnowAsUnknown) {
  google::rpc::Status sent;
  sent.set_code(99);
  EXPECT_EQ(FromRpcStatus(sent).code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(HttpStatusOf(FromRpcStatus(sent)), 500);
}

TEST(RetryAfterTest, TellsTheLastDelayOnly) {
  const absl::Status status = RetryAfter(
      RetryAfter(Error(errors::v1::RATE_LIMITED, "x"), absl::Seconds(1)),
      absl::Seconds(9));
  const auto rpc_status = ToRpcStatus(status);
  EXPECT_EQ(rpc_status.details_size(), 2);
  EXPECT_EQ(
      DetailOf<google::rpc::RetryInfo>(rpc_status).retry_delay().seconds(), 9);
}

}  // namespace
}  // namespace praxis
