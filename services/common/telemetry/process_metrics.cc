#include "services/common/telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace praxis::telemetry {
namespace {

std::string ReadAll(const char* path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

double NumberAt(const std::vector<absl::string_view>& words, size_t index) {
  double number = 0;
  if (index < words.size()) (void)absl::SimpleAtod(words[index], &number);
  return number;
}

double CpuSeconds() {
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return absl::ToDoubleSeconds(absl::DurationFromTimeval(usage.ru_utime) +
                               absl::DurationFromTimeval(usage.ru_stime));
}

// proc(5), /proc/[pid]/statm: sizes in pages, first all, then what is resident.
double MemoryBytes(size_t field) {
  const std::string statm = ReadAll("/proc/self/statm");
  return NumberAt(absl::StrSplit(statm, ' '), field) *
         static_cast<double>(sysconf(_SC_PAGESIZE));
}

double OpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  // Without ".", ".." and the folder itself.
  double count = -3;
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

double FilesMax() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<double>(limit.rlim_cur);
}

// Seconds since 1970.
double StartTime() {
  // proc(5), /proc/[pid]/stat: the 22nd field is the start in clock ticks since
  // boot. The second, in brackets, may hold spaces.
  const std::string stat = ReadAll("/proc/self/stat");
  const size_t bracket = stat.rfind(')');
  if (bracket == std::string::npos) return 0;
  const absl::string_view rest = absl::string_view(stat).substr(bracket + 1);
  constexpr size_t kStart = 20;  // The rest begins with the space before 3.
  const double since_boot = NumberAt(absl::StrSplit(rest, ' '), kStart) /
                            static_cast<double>(sysconf(_SC_CLK_TCK));
  timespec now_since_boot;
  if (clock_gettime(CLOCK_BOOTTIME, &now_since_boot) != 0) return 0;
  const absl::Duration age =
      absl::DurationFromTimespec(now_since_boot) - absl::Seconds(since_boot);
  return absl::ToDoubleSeconds(absl::Now() - age - absl::UnixEpoch());
}

}  // namespace

void AddProcessMetrics(Registry& registry) {
  registry.ReadCounter("process_cpu_seconds_total",
                       "CPU time used, user and system, in seconds.", {},
                       CpuSeconds);
  registry.ReadGauge("process_virtual_memory_bytes", "Address space in bytes.",
                     {}, [] { return MemoryBytes(0); });
  registry.ReadGauge("process_resident_memory_bytes",
                     "Memory that is resident, in bytes.", {},
                     [] { return MemoryBytes(1); });
  registry.ReadGauge("process_open_fds", "Open file descriptors.", {},
                     OpenFiles);
  registry.ReadGauge("process_max_fds", "Most file descriptors allowed.", {},
                     FilesMax);
  // Read once: it would waver with every adjustment of the clock.
  registry.ReadGauge("process_start_time_seconds",
                     "Start of the process in seconds since 1970.", {},
                     [start = StartTime()] { return start; });
}

}  // namespace praxis::telemetry
