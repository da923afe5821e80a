#include "services/common/rpc/write.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/echo.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using praxis::testing::FailsWith;
using praxis::testing::Succeeds;
using testing::v1::EchoResponse;

// A database with a table of notes; each write adds one.
class WriteTest : public ::testing::Test {
 protected:
  WriteTest() : db_(*praxis::testing::OpenTestDatabase()) {
    EXPECT_THAT(sql::Migrate(*db_, {WriteSchema()}), Succeeds());
    EXPECT_THAT(db_->Script("CREATE TABLE notes (text TEXT NOT NULL);"),
                Succeeds());
    call_.method =
        testing::v1::EchoRequest::descriptor()->file()->service(0)->method(0);
    call_.caller.name = "members/ada";
    call_.digest = "digest of this message";
    call_.time = absl::FromUnixSeconds(1'000'000);
    call_.deadline = absl::InfiniteFuture();
  }

  absl::StatusOr<EchoResponse> AddNote(const Call& call,
                                       absl::string_view request_id) {
    return Write(call, *db_, request_id,
                 [&](sql::Tx& tx) -> absl::StatusOr<EchoResponse> {
                   EchoResponse response;
                   response.set_title("note");
                   response.set_time_left_ms(++bodies_);
                   absl::StatusOr<int64_t> rows =
                       tx.Execute("INSERT INTO notes (text) VALUES ($1)",
                                  {response.title()});
                   if (!rows.ok()) return rows.status();
                   return response;
                 });
  }

  int64_t Count(const char* sql) {
    int64_t count = -1;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) {
      return reader.Query(sql, {}, [&](const sql::Row& row) {
        count = row.Int(0);
        return absl::OkStatus();
      });
    }),
                Succeeds());
    return count;
  }
  int64_t Notes() { return Count("SELECT COUNT(*) FROM notes"); }
  int64_t Kept() { return Count("SELECT COUNT(*) FROM request_answers"); }

  std::unique_ptr<sql::Database> db_;
  Call call_;
  std::atomic<int> bodies_ = 0;
};

TEST_F(WriteTest, ActsOnceForOneRequestId) {
  absl::StatusOr<EchoResponse> first = AddNote(call_, "r1");
  absl::StatusOr<EchoResponse> again = AddNote(call_, "r1");
  ASSERT_THAT(first, Succeeds());
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(Notes(), 1);
}

TEST_F(WriteTest, ActsEachTimeWithoutOne) {
  EXPECT_THAT(AddNote(call_, ""), Succeeds());
  EXPECT_THAT(AddNote(call_, ""), Succeeds());
  EXPECT_EQ(Notes(), 2);
  EXPECT_EQ(Kept(), 0);
}

TEST_F(WriteTest, RefusesTheIdOfAnotherMessage) {
  EXPECT_THAT(AddNote(call_, "r1"), Succeeds());
  call_.digest = "digest of another message";
  EXPECT_THAT(AddNote(call_, "r1"), FailsWith(Reason::REQUEST_ID_REUSED));
  EXPECT_EQ(Notes(), 1);
}

TEST_F(WriteTest, KeepsCallersAndMethodsApart) {
  EXPECT_THAT(AddNote(call_, "r1"), Succeeds());
  call_.caller.name = "members/bob";
  EXPECT_THAT(AddNote(call_, "r1"), Succeeds());
  call_.method = call_.method->service()->method(1);
  EXPECT_THAT(AddNote(call_, "r1"), Succeeds());
  EXPECT_EQ(Notes(), 3);
}

TEST_F(WriteTest, ActsOnceForManyAtTheSameTime) {
  std::vector<std::thread> threads;
  std::vector<std::string> answers(16);
  for (std::string& answer : answers) {
    threads.emplace_back([this, &answer] {
      absl::StatusOr<EchoResponse> response = AddNote(call_, "r1");
      answer = response.ok() ? response->SerializeAsString()
                             : response.status().ToString();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Notes(), 1);
  EXPECT_THAT(answers, ::testing::Each(answers[0]));
}

TEST_F(WriteTest, KeepsNothingOfAFailure) {
  const auto fail = [&](bool failing) {
    return Write(call_, *db_, "r1",
                 [&](sql::Tx&) -> absl::StatusOr<EchoResponse> {
                   if (failing) return Error(Reason::LAST_OWNER, "No.");
                   return EchoResponse();
                 });
  };
  EXPECT_THAT(fail(true), FailsWith(Reason::LAST_OWNER));
  EXPECT_EQ(Kept(), 0);
  EXPECT_THAT(fail(false), Succeeds());
}

TEST_F(WriteTest, ForgetsAfterADay) {
  constexpr int kDay = 300;
  for (int i = 0; i < kDay; ++i) {
    EXPECT_THAT(AddNote(call_, absl::StrCat("r", i)), Succeeds());
  }
  EXPECT_EQ(Kept(), kDay);
  call_.time += absl::Hours(25);
  EXPECT_THAT(AddNote(call_, "r3"), Succeeds());
  EXPECT_EQ(Notes(), kDay + 1);
  for (int i = 0; i < kDay; ++i) {
    EXPECT_THAT(AddNote(call_, absl::StrCat("s", i)), Succeeds());
  }
  // "r3" and those of today.
  EXPECT_EQ(Kept(), 1 + kDay);
}

}  // namespace
}  // namespace praxis::rpc
