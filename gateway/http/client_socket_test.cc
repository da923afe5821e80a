#include "gateway/http/client_socket.h"

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/time/time.h"
#include "gateway/http/buffer.h"
#include "gateway/testing/raw_client.h"
#include "gtest/gtest.h"
#include "services/common/testing/eventually.h"

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

// The event queue, which does not run here, would not tell of it either.
TEST(ClientSocketTest, SeesThatALateClientHasTakenSome) {
  using boost::asio::ip::tcp;
  Loop loop;
  tcp::acceptor acceptor(
      loop.context(),
      tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  testing::RawClient client(acceptor.local_endpoint().port());
  // A byte earns a second: it has the whole measure again.
  ClientSocket socket(acceptor.accept(), loop, Patience(absl::Seconds(10), 1),
                      /*tls=*/nullptr);
  const std::string answer(50'000'000, 'a');
  ASSERT_EQ(socket.Write(answer, "", [](bool) {}),
            ClientSocket::Written::kLater);
  // What the client's kernel takes by itself has an end.
  const auto late = [&] { return socket.writes().late(); };
  EXPECT_TRUE(testing::Eventually([&] { return !socket.HasTaken(late()); }));

  const Loop::Time before = late();
  EXPECT_TRUE(testing::Eventually([&] {
    client.ReadSome(1'000'000);
    return socket.HasTaken(before);
  }));
  EXPECT_EQ(late(), before + seconds(10));
  EXPECT_TRUE(testing::Eventually([&] { return !socket.HasTaken(late()); }));
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
