#include "services/common/telemetry/process_metrics.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace praxis::telemetry {
namespace {

// The value of a metric without labels.
double ValueOf(const Registry& registry, absl::string_view name) {
  const std::string text = registry.Text();
  const std::string start = absl::StrCat("\n", name, " ");
  const size_t found = text.find(start);
  if (found == std::string::npos) return -1;
  const size_t from = found + start.size();
  double value = -1;
  EXPECT_TRUE(absl::SimpleAtod(text.substr(from, text.find('\n', from) - from),
                               &value));
  return value;
}

TEST(ProcessMetricsTest, TellsHowTheProcessIsDoing) {
  Registry registry;
  AddProcessMetrics(registry);
  EXPECT_GT(ValueOf(registry, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(ValueOf(registry, "process_virtual_memory_bytes"),
            ValueOf(registry, "process_resident_memory_bytes"));
  EXPECT_GE(ValueOf(registry, "process_max_fds"),
            ValueOf(registry, "process_open_fds"));
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_GT(ValueOf(registry, "process_start_time_seconds"), now - 3600);
  EXPECT_LT(ValueOf(registry, "process_start_time_seconds"), now + 1);
}

TEST(ProcessMetricsTest, CountsOpenFiles) {
  Registry registry;
  AddProcessMetrics(registry);
  const double before = ValueOf(registry, "process_open_fds");
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(ValueOf(registry, "process_open_fds"), before + 1);
  close(fd);
}

TEST(ProcessMetricsTest, CountsCpuTime) {
  Registry registry;
  AddProcessMetrics(registry);
  const double before = ValueOf(registry, "process_cpu_seconds_total");
  double now = before;
  for (int i = 0; i < 1'000'000 && now <= before; ++i) {
    now = ValueOf(registry, "process_cpu_seconds_total");
  }
  EXPECT_GT(now, before);
}

}  // namespace
}  // namespace praxis::telemetry
