#include "gateway/cache/response_cache.h"

#include <limits>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
#include "services/common/testing/door.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using events::v1::Event;
using testing::Door;
using testing::Eventually;
using testing::Succeeds;

constexpr char kLean[] = "communities/lean";
constexpr char kAgile[] = "communities/agile";
constexpr int64_t kAuthority = std::numeric_limits<int64_t>::max();

// The log of one service, behind a door.
struct Service {
  explicit Service(const std::string& name) {
    EXPECT_THAT(sql::Migrate(*db, {events::LogSchema()}), Succeeds());
    log = std::make_unique<events::Log>(
        *db, name,
        events::LogOptions{.acks = {.lease = absl::Milliseconds(300)}});
    door = std::make_unique<Door>(*log);
  }
  void Commit(const Event& event) {
    ASSERT_THAT(db->Write([&](sql::Tx& tx) { return events::Emit(tx, event); }),
                Succeeds());
  }
  // Waits for every lease, as a call does that takes access away.
  void AwaitApplied() {
    ASSERT_THAT(
        log->AwaitApplied({.deadline = absl::Now() + absl::Seconds(20)}),
        Succeeds());
  }

  std::unique_ptr<sql::Database> db = *sql::OpenSqlite({});
  std::unique_ptr<events::Log> log;
  std::unique_ptr<Door> door;
};

Event Named(const std::string& name) {
  Event event;
  event.set_name(name);
  return event;
}
Event Shown(const std::string& scope, events::v1::Visibility visibility) {
  Event event = Named(scope);
  event.mutable_access()->set_scope(scope);
  event.mutable_access()->set_visibility(visibility);
  return event;
}

class ResponseCacheTest : public ::testing::Test {
 protected:
  void SetUp() override { Open({.age_max = absl::InfiniteDuration()}); }
  void Open(ResponseCache::Options options) {
    cache_ = nullptr;
    cache_ = std::make_unique<ResponseCache>(
        options,
        std::vector<events::Source*>{members_.door.get(),
                                     discussions_.door.get()},
        registry_);
    ASSERT_TRUE(Eventually([&] { return cache_->IsCurrent(); }));
  }

  void Keep(const std::string& key, absl::string_view scope = kLean,
            const std::string& body = "body") {
    cache_->Keep(key, {{.body = body}, cache_->Begin(scope), kAuthority});
  }
  bool Has(const std::string& key) { return cache_->Find(key).has_value(); }
  // Until it is there: a busy machine may be late with a lease.
  void KeepSoon(const std::string& key, absl::string_view scope = kLean) {
    ASSERT_TRUE(Eventually([&] {
      Keep(key, scope);
      return Has(key);
    }));
  }
  // It may be without a lease for a moment, on a machine that is busy.
  bool HasSoon(const std::string& key) {
    return Eventually([&] { return Has(key); });
  }

  telemetry::Registry registry_;
  telemetry::Gauge& bytes_ = registry_.FindGauge(
      "praxis_gateway_cache_bytes", "What is kept, with its keys.");
  Service members_{"services/members"};
  Service discussions_{"services/discussions"};
  std::unique_ptr<ResponseCache> cache_;
};

TEST_F(ResponseCacheTest, GivesWhatWasKept) {
  EXPECT_FALSE(Has("/a"));
  KeepSoon("/a");
  Keep("/a", kLean, "another");
  std::optional<ResponseCache::Kept> found;
  ASSERT_TRUE(Eventually([&] {
    found = cache_->Find("/a");
    return found.has_value();
  }));
  EXPECT_EQ(found->response.content(), "another");
  EXPECT_FALSE(Has("/b"));
}

TEST_F(ResponseCacheTest, ForgetsAScopeByTheEventsOfEveryService) {
  KeepSoon("/agile", kAgile);
  for (Service* service : {&members_, &discussions_}) {
    KeepSoon("/lean");
    service->Commit(Named(absl::StrCat(kLean, "/threads/t/posts/p")));
    EXPECT_TRUE(Eventually([&] { return !Has("/lean"); }));
    service->AwaitApplied();
    EXPECT_FALSE(Has("/lean"));
    EXPECT_TRUE(HasSoon("/agile"));
  }
}

TEST_F(ResponseCacheTest, HasForgottenWhenItAcknowledges) {
  for (int i = 0; i < 20; ++i) {
    Keep("/lean");
    members_.Commit(Shown(kLean, events::v1::PRIVATE));
    members_.AwaitApplied();
    EXPECT_FALSE(Has("/lean"));
  }
}

TEST_F(ResponseCacheTest, KeepsNothingThatWasReadBeforeAChange) {
  const ResponseCache::Ticket ticket = cache_->Begin(kLean);
  members_.Commit(Shown(kLean, events::v1::PRIVATE));
  members_.AwaitApplied();
  cache_->Keep("/lean", {{.body = "of before"}, ticket, kAuthority});
  EXPECT_FALSE(Has("/lean"));
  const ResponseCache::Ticket again = cache_->Begin(kLean);
  cache_->Changed(kLean);
  cache_->Keep("/lean", {{.body = "of before"}, again, kAuthority});
  EXPECT_FALSE(Has("/lean"));
}

// The event is known here, and the service goes by what it knew: it answers
// as before, and the call that made the change still waits for it.
TEST_F(ResponseCacheTest, KeepsNothingOfAServiceThatIsBehindInAccess) {
  members_.Commit(Named("members/ada"));
  members_.Commit(Shown(kLean, events::v1::PRIVATE));
  members_.AwaitApplied();
  for (const int64_t behind : {int64_t{0}, int64_t{1}}) {
    cache_->Keep("/lean", {{.body = "b"}, cache_->Begin(kLean), behind});
    EXPECT_FALSE(Has("/lean"));
  }
  EXPECT_TRUE(Eventually([&] {
    cache_->Keep("/lean", {{.body = "b"}, cache_->Begin(kLean), 2});
    return Has("/lean");
  }));
}

// It begins behind the event, whose call may still wait for the service.
TEST_F(ResponseCacheTest, KeepsNothingOfAServiceThatIsBehindWhereItBegan) {
  members_.Commit(Named("members/ada"));
  members_.Commit(Shown(kLean, events::v1::PRIVATE));
  Open({.age_max = absl::InfiniteDuration()});
  cache_->Keep("/lean", {{.body = "b"}, cache_->Begin(kLean), 1});
  EXPECT_FALSE(Has("/lean"));
  EXPECT_TRUE(Eventually([&] {
    cache_->Keep("/lean", {{.body = "b"}, cache_->Begin(kLean), 2});
    return Has("/lean");
  }));
}

TEST_F(ResponseCacheTest, GivesNothingWithoutALeaseAtEachSource) {
  for (Service* service : {&members_, &discussions_}) {
    KeepSoon("/lean");
    service->door->shut = true;
    EXPECT_TRUE(Eventually([&] { return !cache_->IsCurrent(); }));
    EXPECT_FALSE(Has("/lean"));
    Keep("/lean");
    EXPECT_FALSE(Has("/lean"));
    // What was kept before is good again once all that happened is known.
    service->door->shut = false;
    EXPECT_TRUE(HasSoon("/lean"));
  }
}

TEST_F(ResponseCacheTest, HearsOfWhatHappenedWithoutIt) {
  KeepSoon("/lean");
  KeepSoon("/agile", kAgile);
  members_.door->shut = true;
  ASSERT_TRUE(Eventually([&] { return !cache_->IsCurrent(); }));
  members_.Commit(Shown(kLean, events::v1::PRIVATE));
  // Its lease is over, so nobody waits for it.
  members_.AwaitApplied();
  EXPECT_FALSE(Has("/lean"));
  members_.door->shut = false;
  ASSERT_TRUE(HasSoon("/agile"));
  EXPECT_FALSE(Has("/lean"));
}

TEST_F(ResponseCacheTest, ForgetsAllWhenASourceHasGoneBack) {
  members_.Commit(Shown(kLean, events::v1::PUBLIC));
  testing::GoingBack source(*members_.log, /*more=*/10);
  cache_ = std::make_unique<ResponseCache>(
      ResponseCache::Options{.age_max = absl::InfiniteDuration()},
      std::vector<events::Source*>{&source}, registry_);
  KeepSoon("/lean");
  source.GoBack();
  EXPECT_TRUE(Eventually([&] { return !Has("/lean"); }));
  KeepSoon("/lean");
  cache_ = nullptr;
}

// A role is one person's, and what is kept is what anyone may have.
TEST_F(ResponseCacheTest, IsNotHeldBackByRoles) {
  Event event = Named("communities/other/memberships/bob");
  event.mutable_access()->set_scope("communities/other");
  event.mutable_access()->mutable_grant()->set_principal("members/bob");
  members_.Commit(event);
  members_.AwaitApplied();
  EXPECT_EQ(cache_->Begin(kLean).mark.access, 0);
}

TEST_F(ResponseCacheTest, KeepsNothingForLong) {
  Open({.age_max = absl::Milliseconds(20)});
  Keep("/lean");
  EXPECT_TRUE(Eventually([&] { return !Has("/lean"); }));
}

TEST_F(ResponseCacheTest, HasRoomForSoMuch) {
  Open({.bytes_max = 16 * 10'000, .age_max = absl::InfiniteDuration()});
  Keep("/too large", kLean, std::string(10'000, 'x'));
  EXPECT_FALSE(Has("/too large"));
  for (int i = 0; i < 1000; ++i) {
    Keep(absl::StrCat("/", i), kLean, std::string(1000, 'x'));
  }
  EXPECT_TRUE(HasSoon("/999"));
  EXPECT_FALSE(Has("/0"));
  int left = 0;
  for (int i = 0; i < 1000; ++i) left += Has(absl::StrCat("/", i)) ? 1 : 0;
  EXPECT_LE(left, 16 * 10);
  EXPECT_GE(left, 16);
  EXPECT_LE(bytes_.value(), 16 * 10'000);
}

TEST_F(ResponseCacheTest, HoldsNoRoomForWhatIsTooOld) {
  Open({.age_max = absl::Milliseconds(20)});
  EXPECT_TRUE(Eventually([&] {
    for (int i = 0; i < 100; ++i) Keep(absl::StrCat("/old/", i));
    return bytes_.value() > 100 * 300;
  }));
  EXPECT_TRUE(Eventually([&] {
    // One or more in each shard.
    for (int i = 0; i < 60; ++i) Keep(absl::StrCat("/new/", i));
    return bytes_.value() < 100 * 300;
  }));
}

}  // namespace
}  // namespace praxis::gateway
