// FakeCallTest: one operation of the test library between a FakeExchange and a
// FakeEndpoint. Header only.
#ifndef GATEWAY_TESTING_FAKE_CALL_H_
#define GATEWAY_TESTING_FAKE_CALL_H_

#include <memory>
#include <string>
#include <utility>

#include "gateway/call/http_call.h"
#include "gateway/call/operation.h"
#include "gateway/routes/route_table.h"
#include "gateway/testing/fake_exchange.h"
#include "gateway/testing/library.pb.h"
#include "gateway/transcode/message_schema.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {

namespace books = ::praxis::testing::library::v1;

// One exchange and one upstream call, both in the hands of the test.
class FakeCallTest : public ::testing::Test {
 protected:
  FakeCallTest() {
    auto routes = RouteTable::Build(
        {books::Book::descriptor()->file()->service(0)}, &schemas_);
    EXPECT_THAT(routes, testing::Succeeds());
    routes_ = *std::move(routes);
  }
  ~FakeCallTest() override {
    exchange_->LetGo();
    service_->LetGo();
  }

  // Another client.
  void BeginAnother() {
    exchange_->LetGo();
    service_->LetGo();
    exchange_ = std::make_shared<FakeExchange>();
  }

  // The request that the exchange is about. `target` stays where it is.
  void Request(absl::string_view method, absl::string_view target) {
    exchange_->request.method = method;
    const size_t mark = target.find('?');
    exchange_->request.path = target.substr(0, mark);
    exchange_->request.query =
        mark == target.npos ? "" : target.substr(mark + 1);
  }
  void SetHeader(Header header, absl::string_view value) {
    exchange_->request.values[static_cast<size_t>(header)] = value;
  }

  // Runs a call of type T for the request.
  template <typename T>
  void Run() {
    auto match =
        routes_.Find(exchange_->request.method, exchange_->request.path);
    ASSERT_THAT(match, testing::Succeeds());
    ASSERT_NE(match->route, nullptr);
    auto made = Operation::Make(
        *match->route, std::make_unique<FakeEndpoint>(service_), registry_);
    ASSERT_THAT(made, testing::Succeeds());
    operation_ = *std::move(made);
    std::make_shared<T>(exchange_, *operation_, context_, *std::move(match))
        ->Run();
  }

  // The count of answers of a class of status.
  std::string Metrics() { return registry_.Text(); }

  template <typename Message>
  Message Received() {
    Message message;
    EXPECT_TRUE(message.ParseFromString(service_->message));
    return message;
  }

  telemetry::Registry registry_;
  const Cors cors_{{}};
  CallContext context_{.cors = cors_};
  SchemaSet schemas_;
  RouteTable routes_;
  std::unique_ptr<Operation> operation_;
  std::shared_ptr<FakeExchange> exchange_ = std::make_shared<FakeExchange>();
  std::shared_ptr<FakeEndpoint::State> service_ =
      std::make_shared<FakeEndpoint::State>();
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TESTING_FAKE_CALL_H_
