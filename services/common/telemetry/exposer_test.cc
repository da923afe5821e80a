#include "services/common/telemetry/exposer.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::telemetry {
namespace {

using ::testing::HasSubstr;

// The answer to one request on loopback, whole.
std::string Get(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
      0) {
    const std::string request =
        absl::StrCat("GET ", path, " HTTP/1.0\r\nHost: x\r\n\r\n");
    EXPECT_EQ(send(fd, request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    char buffer[4096];
    for (ssize_t got; (got = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, got);
    }
  }
  close(fd);
  return answer;
}

TEST(ExposerTest, ServesWhatIsCounted) {
  Registry registry;
  registry.FindCounter("praxis_things_total", "Things.", {{"kind", "a"}})
      .Add(3);
  auto exposer = Exposer::Start("127.0.0.1:0", registry);
  ASSERT_TRUE(exposer.ok()) << exposer.status();
  EXPECT_THAT(Get((*exposer)->port(), "/metrics"),
              HasSubstr("praxis_things_total{kind=\"a\"} 3"));
}

TEST(ExposerTest, SaysWhenItsAddressIsTaken) {
  Registry registry;
  auto first = Exposer::Start("127.0.0.1:0", registry);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(
      Exposer::Start(absl::StrCat("127.0.0.1:", (*first)->port()), registry)
          .ok());
}

}  // namespace
}  // namespace praxis::telemetry
