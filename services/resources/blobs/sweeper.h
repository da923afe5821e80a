// Sweeper: removes blobs that nothing names, as time goes by.
#ifndef SERVICES_RESOURCES_BLOBS_SWEEPER_H_
#define SERVICES_RESOURCES_BLOBS_SWEEPER_H_

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/resources/blobs/blob_store.h"

namespace praxis::resources {

// A thread that sweeps the store when it begins and every hour from then on. An
// upload that took the place of another leaves a blob behind, as does a crash
// between a blob and its row. Each replica has its own; they do not disturb
// each other.
class Sweeper {
 public:
  // What `is_named` says of a digest is asked on the sweeper's thread.
  Sweeper(BlobStore& blobs,
          std::function<absl::StatusOr<bool>(absl::string_view)> is_named);
  ~Sweeper();

  // A blob younger than this may be on its way into a row.
  static constexpr absl::Duration kAge = absl::Hours(1);
  static constexpr absl::Duration kInterval = absl::Hours(1);

 private:
  void Run();
  void SweepOnce();

  BlobStore& blobs_;
  const std::function<absl::StatusOr<bool>(absl::string_view)> is_named_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_BLOBS_SWEEPER_H_
