#include "services/common/rpc/grpc/status.h"

#include <string>
#include <vector>

#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using testing::FailsWith;
using testing::Succeeds;

TEST(GrpcStatusTest, GoesThereAndBack) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_THAT(FromGrpcStatus(grpc::Status::OK), Succeeds());
  const absl::Status status = RetryAfter(
      Error(errors::v1::RATE_LIMITED, "Slow down."), absl::Milliseconds(1500));
  const grpc::Status sent = ToGrpcStatus(status);
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(sent.error_message(), "Slow down.");
  EXPECT_EQ(FromGrpcStatus(sent), status);
}

TEST(GrpcStatusTest, HidesWhatIsNotOurs) {
  const grpc::Status sent =
      ToGrpcStatus(absl::DataLossError("/var/lib/secret: no such table"));
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(sent.error_message().find("secret"), std::string::npos);
  EXPECT_THAT(FromGrpcStatus(sent), FailsWith(errors::v1::INTERNAL));
}

TEST(GrpcStatusTest, CutsALongMessageBetweenCharacters) {
  for (size_t before = 0; before < 4; ++before) {
    std::string message(before, 'x');
    while (message.size() < 5000) message += "\xE2\x82\xAC";
    const grpc::Status sent =
        ToGrpcStatus(Error(errors::v1::LAST_OWNER, message));
    EXPECT_LE(sent.error_message().size(), 1024u);
    const std::string kept =
        sent.error_message().substr(0, sent.error_message().size() - 3);
    EXPECT_EQ(kept, message.substr(0, kept.size()));
    EXPECT_EQ((kept.size() - before) % 3, 0u);
    EXPECT_THAT(FromGrpcStatus(sent), FailsWith(errors::v1::LAST_OWNER));
  }
}

TEST(GrpcStatusTest, KeepsErrorInfoWhenDetailsDoNotFit) {
  std::vector<FieldViolation> violations(
      200, {"thread.title", "must have at least three characters"});
  const grpc::Status sent = ToGrpcStatus(FieldErrors(violations));
  EXPECT_LT(sent.error_details().size(), 4096u);
  EXPECT_THAT(FromGrpcStatus(sent), FailsWith(errors::v1::FIELD_INVALID));
  violations.resize(10);
  const absl::Status whole = FieldErrors(violations);
  EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(whole)), whole);
}

TEST(GrpcStatusTest, NamesFailuresOfGrpcItself) {
  const auto from = [](grpc::StatusCode code) {
    return FromGrpcStatus(grpc::Status(code, "ipv4:10.0.0.1:8081: refused"));
  };
  EXPECT_THAT(from(grpc::StatusCode::UNAVAILABLE),
              FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  EXPECT_THAT(from(grpc::StatusCode::DEADLINE_EXCEEDED),
              FailsWith(errors::v1::DEADLINE_EXCEEDED));
  EXPECT_THAT(from(grpc::StatusCode::CANCELLED),
              FailsWith(errors::v1::CANCELLED));
  EXPECT_THAT(from(grpc::StatusCode::UNIMPLEMENTED),
              FailsWith(errors::v1::METHOD_UNKNOWN));
  EXPECT_THAT(from(grpc::StatusCode::RESOURCE_EXHAUSTED),
              FailsWith(errors::v1::TOO_LARGE));
  EXPECT_THAT(from(grpc::StatusCode::UNKNOWN), FailsWith(errors::v1::INTERNAL));
  EXPECT_EQ(from(grpc::StatusCode::UNAVAILABLE).message().find("10.0"),
            absl::string_view::npos);
}

TEST(GrpcStatusTest, KnowsWhoCancelled) {
  const grpc::Status own(grpc::StatusCode::CANCELLED, "CANCELLED");
  EXPECT_THAT(FromGrpcStatus(own, /*may_be_cancelled=*/false),
              FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  // One that a handler of ours has answered stays what it is.
  const absl::Status answered = Error(errors::v1::CANCELLED, "Given up.");
  EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(answered), false), answered);
}

TEST(GrpcStatusTest, IsNotMisledByDetailsThatAreNoneOfOurs) {
  google::rpc::Status foreign;
  foreign.set_code(5);
  foreign.set_message("not ours");
  for (const std::string& details :
       {std::string("\xff\xff"), foreign.SerializeAsString()}) {
    EXPECT_THAT(FromGrpcStatus(
                    grpc::Status(grpc::StatusCode::UNAVAILABLE, "", details)),
                FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  }
}

}  // namespace
}  // namespace praxis::rpc
