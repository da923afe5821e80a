#include "services/common/ops/checks.h"

#include <memory>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::ops {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using testing::FailsWith;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::Succeeds;

// A source that gives events but no lease.
class NoLease : public events::Source {
 public:
  const std::string& name() const override { return name_; }
  absl::StatusOr<events::v1::ReadEventsResponse> Read(int64_t, int) override {
    return events::v1::ReadEventsResponse();
  }
  absl::StatusOr<events::v1::ReadEventsResponse> Next(int64_t, int,
                                                      absl::Duration) override {
    return events::v1::ReadEventsResponse();
  }
  absl::StatusOr<events::Grant> Ack(absl::string_view, int64_t) override {
    return Error(errors::v1::BACKEND_UNAVAILABLE, "It is away.");
  }
  absl::Status Leave(absl::string_view) override { return absl::OkStatus(); }
  void Interrupt() override {}
  void Wake() override {}

 private:
  const std::string name_ = "services/things";
};

class ChecksTest : public ::testing::Test {
 protected:
  ChecksTest() : db_(*testing::OpenTestDatabase()) {
    EXPECT_THAT(
        sql::Migrate(*db_, {events::LogSchema(), access::ProjectionSchema()}),
        Succeeds());
    log_ = std::make_unique<events::Log>(*db_, "services/things");
  }

  // The next look of `check`, and what it counted.
  absl::Status Look(const Check& check) {
    numbers_.clear();
    return check.ask(&numbers_);
  }

  const std::unique_ptr<sql::Database> db_;
  std::unique_ptr<events::Log> log_;
  Numbers numbers_;
};

TEST_F(ChecksTest, AskTheDatabase) {
  const Check check = CheckOf(*db_);
  EXPECT_EQ(check.name, "database");
  EXPECT_THAT(Look(check), Succeeds());
  EXPECT_THAT(numbers_, IsEmpty());
}

TEST_F(ChecksTest, CountTheEvents) {
  const Check check = CheckOf(*log_);
  EXPECT_EQ(check.name, "events");
  EXPECT_THAT(Look(check), Succeeds());
  // No stream is filled here.
  EXPECT_THAT(numbers_, ElementsAre(Pair("latest", 0)));
  ASSERT_THAT(db_->Write([&](sql::Tx& tx) {
    return events::Emit(tx, events::v1::Event());
  }),
              Succeeds());
  EXPECT_TRUE(Eventually([&] {
    EXPECT_THAT(Look(check), Succeeds());
    return numbers_["latest"] == 1;
  }));
}

TEST_F(ChecksTest, TellWhetherAccessMayBeReliedOn) {
  const auto projection = access::Projection::Start(*db_, *log_);
  ASSERT_THAT(projection, Succeeds());
  const Check check = CheckOf(**projection, "things");
  EXPECT_EQ(check.name, "access");
  EXPECT_TRUE(Eventually([&] { return Look(check).ok(); }));
  EXPECT_THAT(numbers_, ElementsAre(Pair("things", 0)));

  NoLease away;
  const auto left_alone = access::Projection::Start(*db_, away);
  ASSERT_THAT(left_alone, Succeeds());
  EXPECT_THAT(Look(CheckOf(**left_alone, "things")),
              FailsWith(errors::v1::ACCESS_UNKNOWN));
}

}  // namespace
}  // namespace praxis::ops
