// Matchers for statuses, and a folder that goes away.
#ifndef SERVICES_COMMON_TESTING_MATCHERS_H_
#define SERVICES_COMMON_TESTING_MATCHERS_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "praxis/errors/v1/reasons.pb.h"
#include "services/common/status/status.h"

namespace praxis::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// EXPECT_THAT(call, Succeeds());
MATCHER(Succeeds, "succeeds") {
  *result_listener << "whose status is " << StatusOf(arg);
  return StatusOf(arg).ok();
}

// EXPECT_THAT(call, FailsWith(Reason::LAST_OWNER)); the code goes with it.
MATCHER_P(FailsWith, reason, "fails with " + errors::v1::Reason_Name(reason)) {
  *result_listener << "whose status is " << StatusOf(arg) << " with reason "
                   << errors::v1::Reason_Name(ReasonOf(StatusOf(arg)));
  return ReasonOf(StatusOf(arg)) == reason;
}

// A new folder under the system's temporary one, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path =
        (std::filesystem::temp_directory_path() / "praxis-XXXXXX").string();
    path_ = mkdtemp(path.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_MATCHERS_H_
