#include "gateway/admission/admission.h"

#include <string>
#include <vector>

#include "gateway/testing/fake_exchange.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::FailsWith;
using testing::Succeeds;

class AdmissionTest : public ::testing::Test {
 protected:
  static std::unique_ptr<FakeExchange> From(const std::string& address,
                                            absl::string_view path = "/v1/x") {
    auto exchange = std::make_unique<FakeExchange>();
    exchange->address = address;
    exchange->request.path = path;
    return exchange;
  }
  // How many of `count` requests of an address are let in.
  static int LetIn(Admission& admission, const std::string& address,
                   int count) {
    int let_in = 0;
    for (int i = 0; i < count; ++i) {
      const auto exchange = From(address);
      if (admission.Admit(*exchange).ok()) ++let_in;
    }
    return let_in;
  }
  uint64_t turned_away(const std::string& reason) {
    return registry_
        .FindCounter("praxis_gateway_turned_away_total",
                     "Requests refused before anything was done.",
                     {{"reason", reason}})
        .value();
  }

  telemetry::Registry registry_;
};

// One a second would be too slow a test to see a second token come.
TEST_F(AdmissionTest, TurnsAwayAddressesThatAskTooOften) {
  Admission admission({.address_rate = 1}, registry_);
  EXPECT_EQ(LetIn(admission, "192.0.2.1", 2), 2);
  const absl::Status status = admission.Admit(*From("192.0.2.1"));
  EXPECT_THAT(status, FailsWith(Reason::RATE_LIMITED));
  EXPECT_EQ(turned_away("address_rate"), 1);
  EXPECT_EQ(LetIn(admission, "192.0.2.2", 2), 2);
  // All of a /64 are one, and no other.
  EXPECT_EQ(LetIn(admission, "2001:db8::1", 1), 1);
  EXPECT_EQ(LetIn(admission, "2001:db8::2:3", 1), 1);
  EXPECT_EQ(LetIn(admission, "2001:db8::4", 1), 0);
  EXPECT_EQ(LetIn(admission, "2001:db8:0:1::4", 1), 1);
}

TEST_F(AdmissionTest, HasNoRateUnlessTold) {
  Admission admission({}, registry_);
  EXPECT_EQ(LetIn(admission, "192.0.2.1", 10'000), 10'000);
}

TEST_F(AdmissionTest, BoundsTheRequestsThatAreWorkedOn) {
  Admission admission({.requests_max = 2}, registry_);
  const auto exchange = From("192.0.2.1");
  exchange->waiting = 2;  // itself among them
  EXPECT_THAT(admission.Admit(*exchange), Succeeds());
  exchange->waiting = 3;
  EXPECT_THAT(admission.Admit(*exchange), FailsWith(Reason::OVERLOADED));
  EXPECT_EQ(turned_away("requests_max"), 1);
}

TEST_F(AdmissionTest, LetsProbesInHoweverManyCome) {
  Admission admission({.address_rate = 1, .requests_max = 1}, registry_);
  for (int i = 0; i < 100; ++i) {
    for (const char* path : {"/livez", "/readyz", "/healthz"}) {
      const auto probe = From("192.0.2.1", path);
      probe->waiting = 1000;
      EXPECT_THAT(admission.Admit(*probe), Succeeds());
    }
  }
  const auto other = From("192.0.2.2", "/livezz");
  other->waiting = 1000;
  EXPECT_THAT(admission.Admit(*other), FailsWith(Reason::OVERLOADED));
  const auto metrics = From("192.0.2.3", "/metrics");
  metrics->waiting = 1000;
  EXPECT_THAT(admission.Admit(*metrics), Succeeds());
}

}  // namespace
}  // namespace praxis::gateway
