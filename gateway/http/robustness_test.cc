// What anyone may send: nothing of it stops the server or makes it slow.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/http/framing.h"
#include "gateway/http/head.h"
#include "gateway/testing/http_fixture.h"

namespace praxis::gateway {
namespace {

using testing::RawClient;

const char* const kRequests[] = {
    "GET /echo?x HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n",
    "HEAD http://h/echo HTTP/1.1\r\nHost: h\r\nConnection: close, x\r\n\r\n",
    "POST /count HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n"
    "\r\na",
};

// A request with a few bytes changed, taken out, doubled or cut off.
std::string Mutated(std::mt19937& random, std::string bytes) {
  static constexpr char kBytes[] = "\0\r\n\t :;,/?%0Fa\x7f\x80\xff";
  const int changes = 1 + random() % 4;
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    const size_t at = random() % bytes.size();
    switch (random() % 5) {
      case 0:
        bytes[at] = kBytes[random() % (sizeof(kBytes) - 1)];
        break;
      case 1:
        bytes.erase(at, 1 + random() % 5);
        break;
      case 2:
        bytes.insert(at, bytes.substr(random() % bytes.size(), 20));
        break;
      case 3:
        bytes.insert(at, 1, kBytes[random() % (sizeof(kBytes) - 1)]);
        break;
      default:
        bytes.resize(at);
    }
  }
  return bytes;
}

// Reads a head and its body as a connection does, in steps.
void ReadAll(const std::string& bytes, size_t step) {
  HeadReader reader({});
  RequestHead head;
  size_t head_bytes = 0;
  size_t given = 0;
  while (head_bytes == 0 && given < bytes.size()) {
    given = std::min(given + step, bytes.size());
    const auto read =
        reader.Read(absl::string_view(bytes).substr(0, given), &head);
    if (!read.ok()) return;
    head_bytes = *read;
  }
  if (head_bytes == 0) return;
  ASSERT_LE(head_bytes, given);
  BodyFraming framing(head);
  std::string unread = bytes.substr(head_bytes, given - head_bytes);
  while (!framing.done()) {
    const auto next = framing.Next(unread);
    if (!next.ok()) return;
    ASSERT_LE(next->consumed, unread.size());
    unread.erase(0, next->consumed);
    if (next->consumed > 0) continue;
    if (given == bytes.size()) return;
    const size_t more = std::min(step, bytes.size() - given);
    unread += bytes.substr(given, more);
    given += more;
  }
}

TEST(RobustnessTest, ReadsWhateverComes) {
  for (uint32_t seed = 0; seed < 20'000; ++seed) {
    std::mt19937 random(seed);
    const std::string request =
        Mutated(random, kRequests[random() % std::size(kRequests)]);
    ReadAll(request, 1 + random() % 40);
    if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
  }
}

TEST_F(HttpServerTest, ServesOnWhateverCame) {
  const int port = Start();
  for (uint32_t seed = 0; seed < 600; ++seed) {
    std::mt19937 random(seed);
    RawClient client(port);
    for (int i = 0; i < 4; ++i) {
      if (!client.Send(
              Mutated(random, kRequests[random() % std::size(kRequests)]))) {
        break;
      }
    }
    random() % 2 == 0 ? client.Reset() : client.Close();
  }
  EXPECT_EQ(RawClient(port).Ask(kGet).status, 200);
  EXPECT_TRUE(testing::Eventually([&] { return server_->connections() <= 1; }));
}

// Each of a connection's four requests is answered, or the connection ends: a
// client never waits for an answer that does not come.
TEST_F(HttpServerTest, AnswersOrCloses) {
  const int port = Start();
  for (uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed + 1'000'000);
    RawClient client(port);
    client.Send(Mutated(random, kRequests[random() % std::size(kRequests)]));
    client.ShutDown();
    int answers = 0;
    while (client.Receive().status != 0) ++answers;
    EXPECT_LE(answers, 2) << seed;
    EXPECT_TRUE(client.AtEnd()) << seed;
  }
}

}  // namespace
}  // namespace praxis::gateway
