#include "gateway/http/client_socket.h"

#include <string>

#include "absl/time/time.h"
#include "gateway/http/buffer.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Loop::Time kStart{};

TEST(PatienceTest, IsEmptiedByWaitingAndFilledByBytes) {
  Patience patience(absl::Seconds(10), /*bytes_per_second_min=*/1000);
  EXPECT_EQ(patience.late(), Loop::Time::max());
  patience.Wait(kStart);
  EXPECT_EQ(patience.late(), kStart + seconds(10));
  // Six seconds waited, two seconds' worth of bytes.
  patience.Moved(2000, kStart + seconds(6));
  EXPECT_EQ(patience.late(), Loop::Time::max());
  patience.Wait(kStart + seconds(100));
  EXPECT_EQ(patience.late(), kStart + seconds(106));
  patience.Moved(1, kStart + seconds(106));
  patience.Wait(kStart + seconds(200));
  EXPECT_EQ(patience.late(), kStart + seconds(200) + milliseconds(1));
}

TEST(PatienceTest, NeverHasMoreThanItBeganWith) {
  Patience patience(absl::Seconds(10), 1000);
  patience.Wait(kStart);
  patience.Moved(1'000'000'000, kStart + seconds(1));
  patience.Wait(kStart);
  EXPECT_EQ(patience.late(), kStart + seconds(10));
  patience.Moved(0, kStart + seconds(9));
  patience.Reset();
  patience.Wait(kStart);
  EXPECT_EQ(patience.late(), kStart + seconds(10));
}

TEST(BufferTest, KeepsWhatIsUnreadAsItGrows) {
  Buffer buffer;
  EXPECT_FALSE(buffer.has_memory());
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    buffer.Prepare(7);
    ASSERT_GE(buffer.space_size(), 7);
    std::string bytes = "b" + std::to_string(1000 + i);
    bytes.copy(buffer.space(), bytes.size());
    buffer.Commit(bytes.size());
    expected += bytes;
    if (i % 3 == 0) {
      buffer.Consume(4);
      expected.erase(0, 4);
    }
    ASSERT_EQ(buffer.unread(), expected);
  }
}

TEST(BufferTest, UsesItsMemoryAgainOnceAllIsRead) {
  Buffer buffer;
  buffer.Prepare(100);
  const char* const memory = buffer.space();
  buffer.Commit(100);
  buffer.Consume(100);
  buffer.Prepare(100);
  EXPECT_EQ(buffer.space(), memory);
  EXPECT_EQ(buffer.space_size(), 100);
}

TEST(BufferTest, MovesWhatIsUnreadToAnother) {
  Buffer from;
  Buffer to;
  from.Prepare(5);
  std::string("hello").copy(from.space(), 5);
  from.Commit(5);
  from.Consume(2);
  from.MoveTo(to);
  EXPECT_EQ(to.unread(), "llo");
  EXPECT_EQ(from.unread(), "");
  from.Release();
  EXPECT_FALSE(from.has_memory());
}

}  // namespace
}  // namespace praxis::gateway
