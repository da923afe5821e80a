// GatewayTest: the gateway with the test library behind it, over either
// adapter. Header only: whoever includes it links the gateway.
#ifndef GATEWAY_TESTING_GATEWAY_FIXTURE_H_
#define GATEWAY_TESTING_GATEWAY_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/server.h"
#include "gateway/testing/library.h"
#include "gateway/testing/raw_client.h"
#include "gateway/upstream/in_process.h"
#include "gateway/upstream/remote/remote.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/common/ops/server/server.h"
#include "services/common/ops/status_board.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/rpc/host.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {

enum class Adapter { kInProcess, kRemote };

// What an error answer says.
struct ErrorBody {
  int code = 0;
  std::string status;
  std::string message;
  // Of the ErrorInfo.
  std::string reason;
  std::vector<std::string> detail_types;
};

inline google::protobuf::Struct ParseJson(const std::string& json) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &parsed).ok())
      << json;
  return parsed;
}

inline ErrorBody ErrorOf(const testing::RawAnswer& answer) {
  google::protobuf::Struct parsed = ParseJson(answer.body);
  auto& error = *(*parsed.mutable_fields())["error"].mutable_struct_value();
  auto& fields = *error.mutable_fields();
  ErrorBody body;
  body.code = static_cast<int>(fields["code"].number_value());
  body.status = fields["status"].string_value();
  body.message = fields["message"].string_value();
  for (auto& detail :
       *fields["details"].mutable_list_value()->mutable_values()) {
    auto& in = *detail.mutable_struct_value()->mutable_fields();
    body.detail_types.push_back(in["@type"].string_value());
    if (!in["reason"].string_value().empty()) {
      body.reason = in["reason"].string_value();
    }
  }
  return body;
}

// A gateway before the library, reached by the adapter under test.
class GatewayTest : public ::testing::TestWithParam<Adapter> {
 protected:
  GatewayTest() { Add("shelves/a/books/emma", "Emma", {"It was so."}); }

  // Called once by a test that wants other options.
  int Start(GatewayServer::Options options = {}) {
    options.backends.push_back(
        {MakeUpstream(),
         {testing::library::v1::Book::descriptor()->file()->service(0)}});
    auto started = GatewayServer::Start(std::move(options),
                                        host_.host().registry, nullptr);
    EXPECT_THAT(started, testing::Succeeds());
    server_ = *std::move(started);
    return server_->port();
  }
  int port() { return server_ == nullptr ? Start() : server_->port(); }

  testing::RawAnswer Ask(absl::string_view method, absl::string_view target,
                         absl::string_view fields = "",
                         absl::string_view body = "") {
    return testing::Fetch(port(), method, target, fields, body);
  }

  void Add(const std::string& name, const std::string& title,
           testing::Library::Text text) {
    testing::library::v1::Book book;
    book.set_name(name);
    book.set_title(title);
    book.set_author("Jane");
    library().Add(book, std::move(text));
  }

  testing::Library& library() { return served_.library(); }

  // A client that reads no more of a body of 100 MB holds the service back:
  // whatever fits into the buffers of sockets has been given, and no more; the
  // number stands still far from the end. When it leaves, that ends too.
  void ExpectHeldBackBy(testing::RawClient& client) {
    int64_t before = -1;
    EXPECT_TRUE(testing::Eventually([&] {
      const int64_t now = library().bytes_given;
      const bool still = now == before;
      before = now;
      return still && now > 0;
    }));
    EXPECT_LT(library().bytes_given, 50'000'000);
    client.Close();
    EXPECT_TRUE(
        testing::Eventually([&] { return library().downloads_open == 0; }));
  }

  testing::TestHost host_;
  std::atomic<bool> healthy_{true};
  testing::LibraryServer served_{host_};
  const ops::StatusBoard board_{
      {{"library",
        {{"database",
          [this](ops::Numbers*) {
            return healthy_ ? absl::OkStatus()
                            : Error(Reason::STORAGE_UNAVAILABLE,
                                    "The database is away.");
          }}}}},
      "4.5.6",
      absl::Milliseconds(10)};
  ops::StatusServer status_{board_, host_.host()};
  std::unique_ptr<rpc::GrpcServer> rim_;
  std::unique_ptr<GatewayServer> server_;

 private:
  std::unique_ptr<Upstream> MakeUpstream() {
    if (GetParam() == Adapter::kInProcess) {
      return std::make_unique<InProcess>(
          "library", std::vector<rpc::Pipeline*>{&served_.pipeline()},
          [this] { return board_.Of("library"); });
    }
    auto rim = rpc::GrpcServer::Start(
        {.address = "127.0.0.1:0",
         .served = {{&served_.pipeline()}, {&status_.pipeline()}}});
    EXPECT_THAT(rim, testing::Succeeds());
    rim_ = *std::move(rim);
    return std::make_unique<Remote>("library",
                                    absl::StrCat("127.0.0.1:", rim_->port()),
                                    host_.host().registry);
  }
};

// For INSTANTIATE_TEST_SUITE_P: each test runs with both adapters.
inline auto EveryAdapter() {
  return ::testing::Values(Adapter::kInProcess, Adapter::kRemote);
}
inline std::string AdapterName(const ::testing::TestParamInfo<Adapter>& info) {
  return info.param == Adapter::kRemote ? "Remote" : "InProcess";
}

}  // namespace praxis::gateway

#endif  // GATEWAY_TESTING_GATEWAY_FIXTURE_H_
