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

// A thread that sweeps the store every hour. An upload that took the place of
// another leaves a blob behind, as does a crash between a blob and its row.
// Each replica has its own; they do not disturb each other. Nothing is removed
// from a folder that is not the one whose blobs the database names: over an
// empty or another database everything would seem to have no name.
class Sweeper {
 public:
  // What the database says; asked on the sweeper's thread.
  struct Names {
    // The id of the folder whose blobs are named; empty when there is none.
    std::function<absl::StatusOr<std::string>()> folder;
    std::function<absl::StatusOr<bool>(absl::string_view sha256)> is_named;
  };

  Sweeper(BlobStore& blobs, Names names, absl::Duration interval = kInterval);
  ~Sweeper();

  // A blob younger than this may be on its way into a row.
  static constexpr absl::Duration kAge = absl::Hours(1);
  static constexpr absl::Duration kInterval = absl::Hours(1);

 private:
  void Run();
  bool IsStopping();
  // Whether the folder is the database's own; says so when it is not, once.
  bool IsOurs();
  void SweepOnce();

  BlobStore& blobs_;
  const Names names_;
  const absl::Duration interval_;
  bool warned_ = false;  // the thread's own
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_BLOBS_SWEEPER_H_
