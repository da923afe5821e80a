#include "services/common/redis/client.h"

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/redis.h"

namespace praxis::redis {
namespace {

using errors::v1::BACKEND_UNAVAILABLE;
using errors::v1::CANCELLED;
using testing::Eventually;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::RedisServer;
using testing::Succeeds;
using testing::TemporaryFolder;

constexpr absl::Duration kLong = absl::Seconds(20);

class ClientTest : public ::testing::Test {
 protected:
  // What Call answers, as text.
  static std::string Ask(Client& client, Command command) {
    const absl::StatusOr<Reply> reply = client.Call(command);
    EXPECT_THAT(reply, Succeeds());
    if (!reply.ok()) return "failed";
    return reply->kind == Reply::Kind::kInteger ? std::to_string(reply->integer)
                                                : reply->text;
  }

  std::unique_ptr<Client> Connected(const Client::Options& options) {
    return std::make_unique<Client>(options, registry_);
  }
  std::unique_ptr<Client> Connected(const RedisServer& server) {
    return Connected(server.ClientOptions("cache"));
  }
  std::unique_ptr<Client> Connected(Server server) {
    server.connect_timeout = kLong;
    return Connected({.server = server, .role = "cache", .timeout = kLong});
  }
  // Has the limits that the programs have, and a connection.
  std::unique_ptr<Client> Hasty(const RedisServer& server) {
    auto client =
        Connected(server.ClientOptions("cache", absl::Milliseconds(50)));
    EXPECT_TRUE(Eventually([&] { return Answers(*client); }));
    return client;
  }

  static bool Answers(Client& client) { return client.Call({"PING"}).ok(); }

  telemetry::Registry registry_;
};

TEST_F(ClientTest, TellsKindsOfRepliesApart) {
  RedisServer server;
  const auto client = Connected(server);
  EXPECT_EQ(Ask(*client, {"SET", "a", absl::string_view("x\0\r\n", 4)}), "OK");
  EXPECT_EQ(Ask(*client, {"GET", "a"}), std::string("x\0\r\n", 4));
  EXPECT_EQ(Ask(*client, {"INCRBY", "n", "-9007199254740993"}),
            "-9007199254740993");
  EXPECT_EQ(client->Call({"GET", "none"})->kind, Reply::Kind::kNil);
  const absl::StatusOr<Reply> wrong = client->Call({"INCR", "a"});
  EXPECT_EQ(wrong->ErrorCode(), "ERR");
  EXPECT_THAT(ErrorOf(*wrong), FailsWith(BACKEND_UNAVAILABLE));
  const absl::StatusOr<Reply> nested =
      client->Call({"EVAL", "return {1, {'b', false}}", "0"});
  ASSERT_EQ(nested->items.size(), 2u);
  EXPECT_EQ(nested->items[1].items[0].text, "b");
  EXPECT_EQ(nested->items[1].items[1].kind, Reply::Kind::kNil);
}

TEST_F(ClientTest, AnswersABatchInItsOrderThoughItIsLargerThanASocketTakes) {
  RedisServer server;
  const auto client = Connected(server);
  const std::string large(1 << 20, 'x');
  Commands commands;
  for (int i = 0; i < 16; ++i) {
    commands.Add({"ECHO", large});
    commands.Add({"ECHO", std::to_string(i)});
  }
  const absl::StatusOr<std::vector<Reply>> replies = client->Batch(commands);
  ASSERT_THAT(replies, Succeeds());
  ASSERT_EQ(replies->size(), 32u);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ((*replies)[2 * i].text, large);
    EXPECT_EQ((*replies)[2 * i + 1].text, std::to_string(i));
  }
  EXPECT_TRUE(client->Batch(Commands())->empty());
}

TEST_F(ClientTest, RunsAScriptByItsTextWhereTheServerDoesNotKnowIt) {
  RedisServer server;
  const auto client = Connected(server);
  const Script script("return {KEYS[1], ARGV[1]}");
  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<Reply> reply = client->Eval(script, {"k"}, {"v"});
    ASSERT_THAT(reply, Succeeds());
    ASSERT_EQ(reply->items.size(), 2u);
    EXPECT_EQ(reply->items[0].text + reply->items[1].text, "kv");
    EXPECT_EQ(Ask(*client, {"SCRIPT", "FLUSH"}), "OK");
  }
}

TEST_F(ClientTest, GivesUpOnAServerThatHangsAndComesBackToIt) {
  RedisServer server;
  const auto client = Hasty(server);
  server.Pause();
  for (int i = 0; i < Breaker::kFailures; ++i) {
    EXPECT_THAT(client->Call({"PING"}), FailsWith(BACKEND_UNAVAILABLE));
  }
  EXPECT_TRUE(client->is_open());
  EXPECT_THAT(registry_.Text(),
              HasSubstr("praxis_redis_breaker_open{role=\"cache\"} 1"));
  server.Resume();
  EXPECT_TRUE(Eventually([&] { return Answers(*client); }));
  EXPECT_FALSE(client->is_open());
  EXPECT_THAT(registry_.Text(),
              HasSubstr("praxis_redis_breaker_open{role=\"cache\"} 0"));
}

TEST_F(ClientTest, RefusesWithoutAskingWhileTheBreakerIsOpen) {
  RedisServer server;
  const auto client = Hasty(server);
  server.Pause();
  while (!client->is_open()) Answers(*client);
  telemetry::Counter& refusals = registry_.FindCounter(
      "praxis_redis_refusals_total",
      "Calls to Redis that were not made while it does not answer.",
      {{"role", "cache"}});
  EXPECT_TRUE(Eventually([&] {
    EXPECT_THAT(client->Call({"PING"}), FailsWith(BACKEND_UNAVAILABLE));
    return refusals.value() > 0;
  }));
}

TEST_F(ClientTest, LosesNoCallThatBeginsAfterARestart) {
  RedisServer server;
  const auto client = Connected(server);
  ASSERT_TRUE(Answers(*client));
  server.Restart();
  EXPECT_TRUE(Answers(*client));
  server.Stop();
  EXPECT_FALSE(Answers(*client));
  server.Restart();
  EXPECT_TRUE(Eventually([&] { return Answers(*client); }));
}

TEST_F(ClientTest, LogsInAsAUserAndReadsThePasswordAnew) {
  RedisServer server({"user ada on >first ~a* +@all"});
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/password";
  std::ofstream(path) << "first\n";
  const auto client = Connected(Server{.addresses = {server.address()},
                                       .username = "ada",
                                       .password_file = path});
  EXPECT_EQ(Ask(*client, {"SET", "a", "1"}), "OK");
  EXPECT_EQ(client->Call({"SET", "b", "1"})->ErrorCode(), "NOPERM");

  server.Run({"ACL", "SETUSER", "ada", "resetpass", ">second"});
  server.Run({"CLIENT", "KILL", "USER", "ada"});
  EXPECT_THAT(client->Call({"GET", "a"}), FailsWith(BACKEND_UNAVAILABLE));
  std::ofstream(path) << "second\n";
  EXPECT_TRUE(Eventually([&] { return Answers(*client); }));
  EXPECT_EQ(Ask(*client, {"GET", "a"}), "1");
}

TEST_F(ClientTest, FailsWhereAPasswordIsMissing) {
  RedisServer server;
  server.Run({"CONFIG", "SET", "requirepass", "secret"});
  EXPECT_FALSE(Answers(*Connected(server)));
  EXPECT_FALSE(Answers(*Connected(
      Server{.addresses = {server.address()}, .password_file = "none"})));
}

TEST_F(ClientTest, TakesAServerThatIsNoMasterAnyMoreForUnavailable) {
  RedisServer server;
  const auto client = Connected(server);
  server.Run({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_THAT(client->Call({"SET", "a", "1"}), FailsWith(BACKEND_UNAVAILABLE));
  server.Run({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(Ask(*client, {"SET", "a", "1"}), "OK");
}

// There are two of them: one waits for what the other brings.
TEST_F(ClientTest, LeavesAServerThatIsNoMasterAnyMoreWithEveryConnection) {
  RedisServer server;
  const auto client = Connected(server);
  const auto clients = [&](int count) {
    return Eventually([&] {
      return server.Run({"INFO", "clients"})
                 .find("connected_clients:" + std::to_string(count) + "\r") !=
             std::string::npos;
    });
  };
  std::thread waiting([&] {
    EXPECT_THAT(client->Call({"BLPOP", "list", "0"}), Succeeds());
  });
  EXPECT_TRUE(clients(2));
  EXPECT_EQ(Ask(*client, {"RPUSH", "list", "a"}), "1");
  waiting.join();
  EXPECT_TRUE(clients(3));
  server.Run({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_THAT(client->Call({"SET", "a", "1"}), FailsWith(BACKEND_UNAVAILABLE));
  EXPECT_TRUE(clients(1));
}

TEST_F(ClientTest, TellsOutOfMemoryAsAReply) {
  RedisServer server({"maxmemory 4mb", "maxmemory-policy noeviction"});
  const auto client = Connected(server);
  const std::string large(1 << 20, 'x');
  Reply reply;
  for (int i = 0; i < 8 && !reply.is_error(); ++i) {
    reply = client->Call({"SET", std::to_string(i), large}).value();
  }
  EXPECT_EQ(reply.ErrorCode(), "OOM");
  EXPECT_THAT(ErrorOf(reply), FailsWith(BACKEND_UNAVAILABLE));
  EXPECT_TRUE(Answers(*client));
}

TEST_F(ClientTest, SharesFewConnectionsAmongManyCallers) {
  RedisServer server;
  Client::Options options = server.ClientOptions("cache");
  options.connections_max = 3;
  Client client(options, registry_);
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) Ask(client, {"INCR", "n"});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Ask(client, {"GET", "n"}), "3200");
  EXPECT_THAT(server.Run({"INFO", "stats"}),
              HasSubstr("rejected_connections:0"));
  // Ours, and the one that asks.
  EXPECT_THAT(server.Run({"INFO", "clients"}),
              HasSubstr("connected_clients:4"));
}

TEST_F(ClientTest, WaitsOnTheServerLongerThanACallMayTake) {
  RedisServer server;
  const auto client = Connected(server);
  const Interruption interruption;
  absl::StatusOr<Reply> popped;
  std::thread waiting([&] {
    popped = client->Await({"BLPOP", "list", "20"}, kLong, interruption);
  });
  EXPECT_TRUE(Eventually([&] {
    return server.Run({"INFO", "clients"}).find("blocked_clients:1") !=
           std::string::npos;
  }));
  EXPECT_EQ(Ask(*client, {"RPUSH", "list", "a"}), "1");
  waiting.join();
  ASSERT_THAT(popped, Succeeds());
  EXPECT_EQ(popped->items[1].text, "a");
}

TEST_F(ClientTest, EndsAWaitThatIsInterrupted) {
  RedisServer server;
  const auto client = Connected(server);
  const Interruption interruption;
  std::thread waiting([&] {
    EXPECT_THAT(
        client->Await({"BLPOP", "list", "0"}, absl::Hours(1), interruption),
        FailsWith(CANCELLED));
  });
  interruption.Signal();
  waiting.join();
  EXPECT_THAT(
      client->Await({"BLPOP", "list", "0"}, absl::Hours(1), interruption),
      FailsWith(CANCELLED));
  EXPECT_FALSE(client->is_open());
}

TEST_F(ClientTest, GivesUpAWaitOnAServerThatHangs) {
  RedisServer server;
  const auto client = Hasty(server);
  server.Pause();
  EXPECT_THAT(client->Await({"BLPOP", "list", "0.01"}, absl::Milliseconds(10),
                            Interruption()),
              FailsWith(BACKEND_UNAVAILABLE));
}

TEST_F(ClientTest, FollowsAFailoverThatASentinelTellsOf) {
  RedisServer first;
  RedisServer second({"replicaof 127.0.0.1 " + std::to_string(first.port())});
  RedisServer sentinel(
      {"sentinel monitor main 127.0.0.1 " + std::to_string(first.port()) + " 1",
       "sentinel down-after-milliseconds main 300"},
      RedisServer::Kind::kSentinel);
  // The first sentinel is away.
  const auto client = Connected(Server{
      .addresses = {"127.0.0.1:1", sentinel.address()}, .master = "main"});
  EXPECT_EQ(Ask(*client, {"SET", "a", "1"}), "OK");
  ASSERT_TRUE(Eventually([&] { return second.Run({"GET", "a"}) == "1"; }));
  ASSERT_TRUE(Eventually([&] {
    return sentinel.Run({"SENTINEL", "FAILOVER", "main"}) == "OK";
  }));
  EXPECT_TRUE(Eventually([&] {
    return client->Call({"SET", "b", "2"}).ok() &&
           second.Run({"ROLE"}).rfind("master", 0) == 0 &&
           second.Run({"GET", "b"}) == "2";
  }));
  EXPECT_FALSE(Answers(*Connected(
      Server{.addresses = {sentinel.address()}, .master = "other"})));
}

}  // namespace
}  // namespace praxis::redis
