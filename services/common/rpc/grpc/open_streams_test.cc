#include "services/common/rpc/grpc/open_streams.h"

#include <memory>

#include "gtest/gtest.h"

namespace praxis::rpc {
namespace {

class CountingStream : public OpenStream {
 public:
  void End() override { ++ended; }
  int ended = 0;
};

TEST(OpenStreamsTest, EndsThoseThatAreOpen) {
  OpenStreams streams;
  const auto open = std::make_shared<CountingStream>();
  const auto closed = std::make_shared<CountingStream>();
  streams.Add(open);
  streams.Add(closed);
  streams.Remove(closed.get());
  EXPECT_EQ(streams.size(), 1);
  streams.EndAll();
  EXPECT_EQ(open->ended, 1);
  EXPECT_EQ(closed->ended, 0);
}

TEST(OpenStreamsTest, EndsWhoComesLater) {
  OpenStreams streams;
  streams.EndAll();
  const auto late = std::make_shared<CountingStream>();
  streams.Add(late);
  EXPECT_EQ(late->ended, 1);
}

TEST(OpenStreamsTest, HoldsAStreamWhileItIsOpen) {
  OpenStreams streams;
  auto stream = std::make_shared<CountingStream>();
  const std::weak_ptr<CountingStream> weak = stream;
  streams.Add(stream);
  stream.reset();
  EXPECT_FALSE(weak.expired());
  streams.Remove(weak.lock().get());
  EXPECT_TRUE(weak.expired());
}

}  // namespace
}  // namespace praxis::rpc
