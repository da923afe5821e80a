#include "gateway/http/tls.h"

#include <openssl/err.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gateway/http/client_socket.h"
#include "gateway/testing/http_fixture.h"
#include "gateway/testing/tls_client.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {
namespace {

using testing::Eventually;
using ::testing::HasSubstr;
using testing::RawClient;
using testing::TestAuthority;
using testing::TlsClient;
using testing::TlsPair;

// A server whose certificate lies in a folder as Kubernetes mounts secrets: the
// files are links into "..data", itself a link to a folder that is swapped.
class TlsTest : public HttpServerTest {
 protected:
  TlsTest() {
    std::string path =
        (std::filesystem::temp_directory_path() / "praxis-tls-XXXXXX").string();
    folder_ = mkdtemp(path.data());
    Mount(authority_.Issue("first"));
    std::filesystem::create_symlink("..data/tls.crt", folder_ / "tls.crt");
    std::filesystem::create_symlink("..data/tls.key", folder_ / "tls.key");
  }
  ~TlsTest() override {
    server_ = nullptr;
    std::filesystem::remove_all(folder_);
  }

  // Swaps both files at once.
  void Mount(const TlsPair& pair) {
    const std::string name = absl::StrCat("..", ++mounts_);
    std::filesystem::create_directory(folder_ / name);
    std::ofstream(folder_ / name / "tls.crt") << pair.certificate;
    std::ofstream(folder_ / name / "tls.key") << pair.key;
    std::filesystem::create_symlink(name, folder_ / "..new");
    std::filesystem::rename(folder_ / "..new", folder_ / "..data");
  }

  absl::StatusOr<std::unique_ptr<TlsIdentity>> Open() {
    return TlsIdentity::Open({.certificate_file = folder_ / "tls.crt",
                              .key_file = folder_ / "tls.key",
                              .interval = absl::Milliseconds(2),
                              .changed =
                                  [this](const absl::Status& status) {
                                    absl::MutexLock lock(&mutex_);
                                    changes_.push_back(status);
                                  }},
                             registry_);
  }

  int StartTls(HttpServer::Options options = {}) {
    auto identity = Open();
    EXPECT_THAT(identity, testing::Succeeds());
    identity_ = *std::move(identity);
    options.tls = identity_.get();
    return Start(options);
  }

  // How often it was told of a change, and the last that it was told.
  size_t changes() {
    absl::MutexLock lock(&mutex_);
    return changes_.size();
  }
  absl::Status last_change() {
    absl::MutexLock lock(&mutex_);
    return changes_.back();
  }
  uint64_t handshakes(const std::string& result) {
    return registry_
        .FindCounter("praxis_gateway_tls_handshakes_total",
                     "TLS handshakes, by how they ended.", {{"result", result}})
        .value();
  }

  telemetry::Registry registry_;
  TestAuthority authority_;
  std::filesystem::path folder_;
  int mounts_ = 0;
  std::vector<absl::Status> changes_;
  std::unique_ptr<TlsIdentity> identity_;
};

TEST_F(TlsTest, ServesOneRequestAfterAnother) {
  TlsClient client(StartTls(), authority_);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.version(), "TLSv1.3");
  EXPECT_EQ(client.name(), "first");
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(client.Ask(kGet), HasSubstr("\r\n\r\nGET x"));
  }
  EXPECT_THAT(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n"
                         "3\r\nabc\r\n0\r\n\r\n"),
              HasSubstr("\r\n\r\nPOST abc"));
  EXPECT_EQ(handshakes("ok"), 1);
}

TEST_F(TlsTest, BeginsSoManyHandshakesOfOneClientAndNoMore) {
  HttpServer::Options options;
  options.handshake_rate = 1;
  const int port = StartTls(options);
  TlsClient first(port, authority_);
  EXPECT_TRUE(first.connected());
  EXPECT_TRUE(TlsClient(port, authority_).connected());
  EXPECT_TRUE(Eventually([&] {
    RawClient another(port);
    return handshakes("refused") > 0;
  }));
  // What is open stays so.
  EXPECT_THAT(first.Ask(kGet), HasSubstr("\r\n\r\nGET x"));
  options.proxies = *TrustedProxies::Parse("127.0.0.1");
  server_ = nullptr;
  const int from_proxy = StartTls(options);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(TlsClient(from_proxy, authority_).connected());
  }
}

TEST_F(TlsTest, WritesToNobodyOnceItIsClosed) {
  auto identity = Open();
  ASSERT_THAT(identity, testing::Succeeds());
  Loop loop;
  namespace ip = boost::asio::ip;
  ip::tcp::acceptor acceptor(loop.context(), {ip::address_v4::loopback(), 0});
  ClientSocket::Socket client(loop.context());
  client.connect(acceptor.local_endpoint());
  ClientSocket socket(acceptor.accept(), loop, Patience(absl::Seconds(1), 1),
                      identity->get());
  socket.Close();
  EXPECT_EQ(socket.Write("a", "b", [](bool) {}), ClientSocket::Written::kNever);
}

TEST_F(TlsTest, CarriesLargeBodiesBothWays) {
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(TextResponse(""), 3'000'000);
    SendPieces(std::move(exchange), 30, 100'000);
  });
  TlsClient client(StartTls(), authority_);
  client.Send(
      "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  EXPECT_THAT(client.Ask(std::string(3'000'000, 'a')),
              HasSubstr("\r\n\r\n3000000"));
  const std::string answer =
      client.Ask("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(absl::EndsWith(answer, std::string(3'000'000, 'b')));
  EXPECT_THAT(client.Ask(kGet), HasSubstr("GET x"));
}

TEST_F(TlsTest, AnswersPipelinedRequestsAndTornOnes) {
  TlsClient client(StartTls(), authority_);
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&requests, "POST /echo?", i,
                    " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
  }
  std::string all = client.Ask(requests);
  while (!absl::StrContains(all, "POST 99ab")) {
    const std::string more = client.ReadSome();
    ASSERT_NE(more, "");
    all += more;
  }
  for (const char c : std::string(kGet)) {
    ASSERT_TRUE(client.Send(absl::string_view(&c, 1)));
  }
  EXPECT_THAT(client.Ask(""), HasSubstr("GET x"));
}

TEST_F(TlsTest, SpeaksNothingOlderThanTls12) {
  const int port = StartTls();
  TlsClient old(port, authority_, {.version = TLS1_2_VERSION});
  EXPECT_TRUE(old.connected());
  EXPECT_EQ(old.version(), "TLSv1.2");
  EXPECT_THAT(old.Ask(kGet), HasSubstr("GET x"));
  EXPECT_FALSE(
      TlsClient(port, authority_, {.version = TLS1_1_VERSION}).connected());
  EXPECT_TRUE(Eventually([&] { return handshakes("failed") == 1; }));
}

TEST_F(TlsTest, AgreesOnHttp11Alone) {
  const int port = StartTls();
  TlsClient both(port, authority_, {.alpn = "\x02h2\x08http/1.1"});
  EXPECT_EQ(both.alpn(), "http/1.1");
  EXPECT_FALSE(TlsClient(port, authority_, {.alpn = "\x02h2"}).connected());
}

TEST_F(TlsTest, TakesANewPairWhileConnectionsAreOpen) {
  const int port = StartTls();
  TlsClient before(port, authority_);
  EXPECT_THAT(before.Ask(kGet), HasSubstr("GET x"));
  Mount(authority_.Issue("second"));
  ASSERT_TRUE(Eventually([&] { return changes() == 1; }));
  EXPECT_THAT(last_change(), testing::Succeeds());
  TlsClient after(port, authority_);
  EXPECT_EQ(after.name(), "second");
  EXPECT_THAT(after.Ask(kGet), HasSubstr("GET x"));
  EXPECT_THAT(before.Ask(kGet), HasSubstr("GET x"));
}

TEST_F(TlsTest, KeepsItsPairWhileTheNewOneIsBroken) {
  const int port = StartTls();
  const TlsPair second = authority_.Issue("second");
  const TlsPair third = authority_.Issue("third");
  for (const TlsPair& broken :
       {TlsPair{second.certificate, third.key}, TlsPair{"", second.key},
        TlsPair{second.certificate, "no key"}}) {
    const size_t told = changes();
    Mount(broken);
    ASSERT_TRUE(Eventually([&] { return changes() > told; }));
    EXPECT_FALSE(last_change().ok());
    EXPECT_EQ(TlsClient(port, authority_).name(), "first");
  }
  const size_t told = changes();
  std::filesystem::remove(folder_ / "..data");
  ASSERT_TRUE(Eventually([&] { return changes() > told; }));
  EXPECT_EQ(TlsClient(port, authority_).name(), "first");
  Mount(third);
  EXPECT_TRUE(Eventually(
      [&] { return TlsClient(port, authority_).name() == "third"; }));
}

TEST_F(TlsTest, DoesNotStartWithoutAGoodPair) {
  const TlsPair first = authority_.Issue("first");
  for (const TlsPair& broken :
       {TlsPair{first.certificate, authority_.Issue("x").key},
        TlsPair{"", first.key}, TlsPair{first.certificate, ""},
        // Nobody is asked for its password.
        TlsPair{first.certificate,
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIH=\n"
                "-----END ENCRYPTED PRIVATE KEY-----\n"}}) {
    Mount(broken);
    EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
  }
  std::filesystem::remove_all(folder_ / "tls.crt");
  EXPECT_THAT(std::string(Open().status().message()), HasSubstr("tls.crt"));
}

TEST_F(TlsTest, CutsOffHandshakesThatDoNotEnd) {
  HttpServer::Options options;
  options.limits.head_time = absl::Milliseconds(300);
  const int port = StartTls(options);
  RawClient silent(port);
  RawClient torn(port);
  torn.Send(absl::string_view("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(torn.AtEnd());
  EXPECT_TRUE(silent.AtEnd());
  EXPECT_TRUE(Eventually([&] { return handshakes("failed") == 2; }));
}

TEST_F(TlsTest, TellsWhoDoesNotSpeakIt) {
  RawClient client(StartTls());
  const auto answer = client.Ask(kGet);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("HTTPS"));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(TlsTest, SeesThatItsClientIsGone) {
  const int port = StartTls();
  for (const bool by_reset : {false, true}) {
    watched_->gone = false;
    TlsClient client(port, authority_);
    client.Send(kWait);
    Waiting(by_reset ? 1 : 0);
    by_reset ? client.Reset() : client.Close();
    EXPECT_TRUE(Eventually([&] { return watched_->gone.load(); }));
  }
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
}

TEST_F(TlsTest, CutsOffAClientThatDoesNotRead) {
  HttpServer::Options options;
  options.limits.stall_time = absl::Milliseconds(300);
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(TextResponse(""), 100'000'000);
    SendPieces(std::move(exchange), 1, 100'000'000);
  });
  TlsClient client(StartTls(options), authority_);
  client.Send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(client.ReadSome(), "");
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
}

TEST_F(TlsTest, SaysGoodbye) {
  TlsClient client(StartTls(), authority_);
  EXPECT_THAT(client.Ask("GET /echo?x HTTP/1.1\r\nHost: h\r\n"
                         "Connection: close\r\n\r\n"),
              HasSubstr("GET x"));
  ERR_clear_error();
  EXPECT_EQ(client.ReadSome(), "");
  // An end without one would be an error.
  EXPECT_EQ(ERR_peek_error(), 0);
}

}  // namespace
}  // namespace praxis::gateway
