// Clients that are slow by malice, and everyone else meanwhile.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/raw_socket.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

// How slow clients wait for the gateway to wait for them. Each comes from one
// of eight addresses, none of which is 127.0.0.1.
class SlowCrowd {
 public:
  SlowCrowd(int port, size_t size) : port_(port), size_(size) {}

  // A third each with a head that does not end, with a body that does not, and
  // with answers that they do not read. Then all send a byte, but the last.
  // Those that were cut off come again.
  void Press() {
    while (sockets_.size() < size_) {
      sockets_.push_back(Open(sockets_.size()));
    }
    for (size_t i = 0; i < sockets_.size(); ++i) {
      if (i % 3 == 2 || sockets_[i]->Send("a")) continue;
      ++cut_off_;
      sockets_[i] = Open(i);
    }
  }

  size_t cut_off() const { return cut_off_; }

 private:
  std::unique_ptr<RawSocket> Open(size_t i) const {
    auto socket =
        std::make_unique<RawSocket>(port_, absl::StrCat("127.0.0.", 2 + i % 8));
    if (i % 3 == 0) {
      socket->Send("GET /version HTTP/1.1\r\nHost: h\r\nX-Slow: a");
    } else if (i % 3 == 1) {
      socket->Send(
          "POST /v1/sessions HTTP/1.1\r\nHost: h\r\n"
          "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{");
    } else {
      socket->ShrinkWindow();
      for (int n = 0; n < 10; ++n) {
        socket->Send("GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n");
      }
    }
    return socket;
  }

  const int port_;
  const size_t size_;
  std::vector<std::unique_ptr<RawSocket>> sockets_;
  size_t cut_off_ = 0;
};

class SlowClientsTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(suite_.Start());
    ada_ = std::make_unique<Person>(Register(suite_, Transport::kHttp, "ada"));
  }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  // Ada asks until `enough`; every time must be answered. Answers the latencies
  // in milliseconds, the shortest first.
  std::vector<double> Ask(const std::function<bool()>& enough) const {
    const HttpClient client(suite_.http_port());
    std::vector<double> took_ms;
    while (!enough() && !::testing::Test::HasFailure()) {
      const absl::Time begun = absl::Now();
      const HttpResponse me =
          client.Get("/v1/members/me", ada_->caller.token());
      took_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - begun));
      EXPECT_EQ(me.status, 200) << me.body << me.error;
      const HttpResponse health = client.Get("/readyz");
      EXPECT_EQ(health.status, 200);
    }
    std::sort(took_ms.begin(), took_ms.end());
    return took_ms;
  }

  // Latency is told, for people to look at; it is not asserted.
  void Withstand(size_t size, absl::Duration time) {
    const Process& front = suite_.process("gateway");
    const std::vector<double> before = Ask(
        [end = absl::Now() + absl::Seconds(1)] { return absl::Now() > end; });
    const int64_t kib = front.memory().now_kib;
    SlowCrowd crowd(suite_.http_port(), size);
    crowd.Press();
    EXPECT_TRUE(Eventually([&] { return Connections() >= size * 9 / 10; }));
    absl::Notification over;
    std::thread press([&] {
      while (!over.WaitForNotificationWithTimeout(absl::Milliseconds(500))) {
        crowd.Press();
      }
    });
    const std::vector<double> during =
        Ask([end = absl::Now() + time] { return absl::Now() > end; });
    const int64_t grown_kib = front.memory().now_kib - kib;
    over.Notify();
    press.join();
    const auto percentile = [](const std::vector<double>& sorted, int percent) {
      return sorted.empty() ? 0 : sorted[sorted.size() * percent / 100];
    };
    std::cout << size << " slow clients: p50/p99 " << percentile(before, 50)
              << "/" << percentile(before, 99) << " ms before, "
              << percentile(during, 50) << "/" << percentile(during, 99)
              << " ms during; " << during.size() << " answered, "
              << crowd.cut_off() << " cut off, " << grown_kib << " KiB more\n";
    EXPECT_LT(grown_kib, static_cast<int64_t>(64 * size + 32 * 1024));
  }

  size_t Connections() const {
    const std::string metrics =
        HttpClient(suite_.http_port()).Get("/metrics").body;
    const std::string name = "\npraxis_gateway_connections ";
    const size_t at = metrics.find(name);
    return at == std::string::npos
               ? 0
               : std::strtoul(metrics.c_str() + at + name.size(), nullptr, 10);
  }

  Suite suite_{GetParam()};
  std::unique_ptr<Person> ada_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, SlowClientsTest, BothShapes(), NameOfShape);

TEST_P(SlowClientsTest, KeepNobodyWaiting) { Withstand(300, absl::Seconds(2)); }

// Long enough that all limits have cut some of them off.
TEST_P(SlowClientsTest, SlowKeepNobodyWaitingByTheThousand) {
  if (std::getenv("PRAXIS_SLOW") == nullptr) GTEST_SKIP();
  Withstand(2000, absl::Seconds(30));
}

}  // namespace
}  // namespace praxis::system
