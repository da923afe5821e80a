// StaticAccess: who may do what, as a test lays it down.
#ifndef SERVICES_COMMON_TESTING_ACCESS_H_
#define SERVICES_COMMON_TESTING_ACCESS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/common/access/access.h"

namespace praxis::testing {

// An Access that is told instead of following events. Thread-safe.
class StaticAccess : public access::Access {
 public:
  void SetVisibility(const std::string& scope, access::Visibility visibility) {
    absl::MutexLock lock(&mutex_);
    visibilities_[scope] = visibility;
  }
  void SetRole(const std::string& scope, const std::string& principal,
               access::Role role) {
    absl::MutexLock lock(&mutex_);
    roles_[{scope, principal}] = role;
  }

  absl::StatusOr<access::Standing> StandingOf(
      absl::string_view principal, absl::string_view scope) override {
    absl::MutexLock lock(&mutex_);
    access::Standing standing;
    auto visibility = visibilities_.find(std::string(scope));
    if (visibility != visibilities_.end()) {
      standing.visibility = visibility->second;
    }
    auto role = roles_.find({std::string(scope), std::string(principal)});
    if (role != roles_.end()) standing.role = role->second;
    return standing;
  }

  absl::Status CatchUp() override { return absl::OkStatus(); }

 private:
  absl::Mutex mutex_;
  std::map<std::string, access::Visibility> visibilities_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, access::Role> roles_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_ACCESS_H_
