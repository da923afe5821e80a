// Stream: what Redis holds, and the publisher's way to it.
#ifndef TESTS_SIMULATION_STREAM_H_
#define TESTS_SIMULATION_STREAM_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "services/common/events/publisher.h"
#include "tests/simulation/bug.h"
#include "tests/simulation/kernel.h"

namespace praxis::simulation {

// A Redis stream with explicit ids: it takes no number that is not above its
// last. It may be away, be flushed, be trimmed, and lose its newest entries by
// a failover.
class Stream {
 public:
  struct Entry {
    int64_t number = 0;
    // Of the event, as the publisher had it.
    int64_t id = 0;
  };

  Stream(Kernel& kernel, Bug bug) : kernel_(kernel), bug_(bug) {}

  int64_t last() const { return last_; }
  void Add(const Entry& entry);
  // Entries above `after`, oldest first.
  std::vector<Entry> Read(int64_t after, size_t limit) const;

  void Flush();
  void LoseNewest(size_t count);

  bool down = false;
  size_t entries_max = 1000;
  Signal added;

 private:
  Kernel& kernel_;
  const Bug bug_;
  std::deque<Entry> entries_;
  int64_t last_ = 0;
};

// What stream::StreamPublisher does, for one life of one node: it fails while
// the stream is away, and may fail half way.
class StreamedPublisher : public events::Publisher {
 public:
  StreamedPublisher(Kernel& kernel, Stream& stream, const Node& node)
      : kernel_(kernel), stream_(stream), node_(node), life_(node.life()) {}

  absl::StatusOr<int64_t> Last() override;
  absl::Status Publish(absl::Span<const events::v1::Event> events) override;

 private:
  absl::Status Step();

  Kernel& kernel_;
  Stream& stream_;
  const Node& node_;
  const int life_;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_STREAM_H_
