// OpenStreams: what must end before the server can.
#ifndef SERVICES_COMMON_RPC_GRPC_OPEN_STREAMS_H_
#define SERVICES_COMMON_RPC_GRPC_OPEN_STREAMS_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace praxis::rpc {

// A stream that can be told to end.
class OpenStream {
 public:
  virtual ~OpenStream() = default;

  // The server stops: ends the stream soon, with BACKEND_UNAVAILABLE, so that
  // the caller goes elsewhere. From any thread, at any time; does not block.
  virtual void End() = 0;
};

// The streams that are open. One that nobody ends, be it a mere health Watch,
// holds gRPC's Shutdown until its deadline. Thread-safe.
class OpenStreams {
 public:
  // Ends the stream at once if EndAll was called before.
  void Add(const std::shared_ptr<OpenStream>& stream) {
    bool ending;
    {
      absl::MutexLock lock(&mutex_);
      ending = ending_;
      streams_.emplace(stream.get(), stream);
    }
    if (ending) stream->End();
  }

  void Remove(OpenStream* stream) {
    absl::MutexLock lock(&mutex_);
    streams_.erase(stream);
  }

  // Ends every stream, now and from here on.
  void EndAll() {
    std::vector<std::shared_ptr<OpenStream>> streams;
    {
      absl::MutexLock lock(&mutex_);
      ending_ = true;
      for (const auto& [key, stream] : streams_) streams.push_back(stream);
    }
    for (const std::shared_ptr<OpenStream>& stream : streams) stream->End();
  }

  int size() const {
    absl::MutexLock lock(&mutex_);
    return static_cast<int>(streams_.size());
  }

 private:
  mutable absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<OpenStream*, std::shared_ptr<OpenStream>> streams_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_OPEN_STREAMS_H_
