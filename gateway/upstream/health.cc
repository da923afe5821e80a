#include "gateway/upstream/health.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using google::protobuf::util::TimeUtil;

}  // namespace

std::vector<Health> HealthOf(absl::string_view name,
                             const ops::v1::ServiceStatus& status) {
  std::vector<Health> lines = {{.name = std::string(name),
                                .status = absl::OkStatus(),
                                .version = status.version()}};
  for (const ops::v1::Check& check : status.checks()) {
    Health& line = lines.emplace_back();
    line.name = absl::StrCat(name, "/", check.name());
    if (!check.ok()) {
      line.status = Error(Reason::BACKEND_UNAVAILABLE, check.message());
    }
    line.since =
        absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(check.since()));
    line.latency =
        absl::Microseconds(TimeUtil::DurationToMicroseconds(check.latency()));
    line.numbers.assign(check.numbers().begin(), check.numbers().end());
    std::sort(line.numbers.begin(), line.numbers.end());
  }
  return lines;
}

}  // namespace praxis::gateway
