// HTTPS as clients that others wrote see it.
#include <csignal>
#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/process.h"
#include "tests/system/servers.h"
#include "tests/system/suite.h"
#include "tests/system/waiting.h"

namespace praxis::system {
namespace {

using ::testing::HasSubstr;

// `praxis` with a certificate for "localhost" that an authority of the test has
// signed. The file names are relative to the folder that holds all of it.
class EdgeTlsTest : public ::testing::Test {
 protected:
  EdgeTlsTest()
      : folder_(OutputOf("mktemp -d")),
        process_("praxis",
                 Suite(Shape::kOneProcess).process("praxis").program(),
                 folder_ + "/log") {
    In("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
       "-keyout ca.key -out ca.crt -days 2 -subj /CN=authority");
    Issue("tls");
  }
  ~EdgeTlsTest() override {
    process_.Kill();
    std::filesystem::remove_all(folder_);
  }

  std::string In(const std::string& command) const {
    return OutputOf(absl::StrCat("cd ", folder_, " && ", command, " 2>&1"));
  }

  // Makes NAME.crt, the chain, and NAME.key.
  void Issue(const std::string& name) const {
    In(
        absl::StrCat("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
                     "-nodes -keyout ",
                     name, ".key -out ", name, ".csr -subj /CN=localhost"));
    In("echo subjectAltName=DNS:localhost > names");
    In(absl::StrCat("openssl x509 -req -in ", name,
                    ".csr -CA ca.crt -CAkey "
                    "ca.key -CAcreateserial -days 1 -extfile names -out ",
                    name, ".crt"));
  }
  std::string SerialOf(const std::string& file) const {
    return In(absl::StrCat("openssl x509 -noout -serial -in ", file));
  }

  void Start() {
    process_.Start(Flags());
    port_ = process_.ServingPort("port").value_or(0);
    ASSERT_NE(port_, 0) << process_.Log();
  }
  std::vector<std::string> Flags() const {
    return {absl::StrCat("--data=", folder_, "/data"), "--port=0",
            "--grpc_port=0", absl::StrCat("--tls_cert=", folder_, "/tls.crt"),
            absl::StrCat("--tls_key=", folder_, "/tls.key")};
  }

  std::string Curl(const std::string& rest) const {
    return In(absl::StrCat("curl -sS --cacert ca.crt https://localhost:", port_,
                           rest));
  }
  // Of the certificate that a new connection is shown.
  std::string SerialNow() const {
    return In(absl::StrCat("openssl s_client -connect 127.0.0.1:", port_,
                           " </dev/null 2>/dev/null | openssl x509 -noout "
                           "-serial"));
  }

  const std::string folder_;
  Process process_;
  int port_ = 0;
};

TEST_F(EdgeTlsTest, ServesCurl) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_THAT(Curl("/version"), HasSubstr("\"version\""));
  // Offered HTTP/2, it agrees on HTTP/1.1.
  EXPECT_EQ(Curl("/livez --http2 -w ' %{http_version}'"), "ok 1.1");
  EXPECT_EQ(Curl("/livez --tls-max 1.2"), "ok");
  EXPECT_EQ(Curl("/livez --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 "
                 "-o /dev/null -w '%{http_code}' 2>/dev/null || true"),
            "000");
  EXPECT_THAT(In(absl::StrCat("curl -s http://localhost:", port_, "/livez")),
              HasSubstr("HTTPS"));
  EXPECT_THAT(Curl("/metrics"),
              HasSubstr("praxis_gateway_tls_handshakes_total{result=\"ok\"}"));
  // A body in both directions, and a failure.
  EXPECT_THAT(Curl("/v1/members:register -H 'content-type: application/json' "
                   "-d '{\"handle\": \"ada\", \"email\": \"ada@example.org\", "
                   "\"password\": \"a long enough one\"}'"),
              HasSubstr("accessToken"));
  EXPECT_THAT(Curl("/v1/members/me"), HasSubstr("TOKEN_MISSING"));
  process_.Signal(SIGTERM);
  EXPECT_EQ(process_.AwaitExit(), 0);
}

TEST_F(EdgeTlsTest, TakesANewCertificateWithoutARestart) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(SerialNow(), SerialOf("tls.crt"));
  Issue("next");
  EXPECT_NE(SerialOf("next.crt"), SerialOf("tls.crt"));
  // One file after the other: between them the pair does not fit.
  In("mv next.crt tls.crt");
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(process_.Log(), "the certificate is not replaced");
  }));
  EXPECT_THAT(Curl("/livez"), "ok");
  EXPECT_NE(SerialNow(), SerialOf("tls.crt"));
  In("mv next.key tls.key");
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(process_.Log(), "a new certificate is in use");
  }));
  EXPECT_EQ(SerialNow(), SerialOf("tls.crt"));
  EXPECT_THAT(Curl("/livez"), "ok");
}

TEST_F(EdgeTlsTest, DoesNotStartOnAPairThatDoesNotFit) {
  Issue("other");
  In("mv other.key tls.key");
  process_.Start(Flags());
  EXPECT_EQ(process_.AwaitExit(), 1);
  EXPECT_THAT(process_.Log(), HasSubstr("tls.key"));
  // Nor on one of the two, nor on a network that is none.
  const std::string data = absl::StrCat("--data=", folder_, "/data");
  process_.Start({data, "--port=0", "--grpc_port=0",
                  absl::StrCat("--tls_cert=", folder_, "/tls.crt")});
  EXPECT_EQ(process_.AwaitExit(), 1);
  process_.Start(
      {data, "--port=0", "--grpc_port=0", "--trusted_proxies=10.0.0.0/99"});
  EXPECT_EQ(process_.AwaitExit(), 1);
  EXPECT_THAT(process_.Log(), HasSubstr("10.0.0.0/99"));
}

}  // namespace
}  // namespace praxis::system
