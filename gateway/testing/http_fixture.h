// HttpServerTest: an HTTP server that answers as a test says. Header only:
// whoever includes it links the server.
#ifndef GATEWAY_TESTING_HTTP_FIXTURE_H_
#define GATEWAY_TESTING_HTTP_FIXTURE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gateway/http/server.h"
#include "gateway/testing/raw_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {

inline Response TextResponse(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Answers by what a test says of each path.
class App : public Handler {
 public:
  using Served = std::function<void(std::shared_ptr<Exchange>)>;

  void On(const std::string& path, Served served) {
    served_[path] = std::move(served);
  }
  void Handle(std::shared_ptr<Exchange> exchange) override {
    const auto served = served_.find(std::string(exchange->head().path));
    if (served == served_.end()) {
      exchange->Respond(Refuse(exchange->head(), exchange->request_id(),
                               Error(Reason::ROUTE_NOT_FOUND, "No."), 0));
    } else {
      served->second(std::move(exchange));
    }
  }
  Response Refuse(const RequestHead&, absl::string_view,
                  const absl::Status& status, int http_status) override {
    Response response = TextResponse(std::string(status.message()));
    response.status = http_status != 0 ? http_status : HttpStatusOf(status);
    response.body.append(refusal_bytes, '.');
    return response;
  }

  // What is added to each refusal.
  size_t refusal_bytes = 0;

 private:
  std::map<std::string, Served> served_;
};

// What a watcher was told.
struct Watched : Watcher {
  void OnGone() override { gone = true; }
  void OnBadBody(const absl::Status& status, int http_status) override {
    bad = true;
    bad_body(status, http_status);
  }
  void OnDeadline() override { late = true; }
  std::function<void(const absl::Status&, int)> bad_body;
  std::atomic<bool> gone{false};
  std::atomic<bool> bad{false};
  std::atomic<bool> late{false};
};

// An HTTP server with a handler of the test's own.
class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    app_.On("/echo", [](std::shared_ptr<Exchange> exchange) {
      exchange->ReadBody(1000, [exchange](absl::string_view body) {
        exchange->Respond(TextResponse(absl::StrCat(
            exchange->head().method, " ", exchange->head().query, body)));
      });
    });
    // Takes the body in pieces and answers how long it was.
    app_.On("/count", [this](std::shared_ptr<Exchange> exchange) {
      CountFor(absl::InfiniteDuration(), std::move(exchange));
    });
    // Answers when the test lets it.
    app_.On("/wait", [this](std::shared_ptr<Exchange> exchange) {
      exchange->Watch(watched_, absl::InfiniteDuration());
      absl::MutexLock lock(&mutex_);
      waiting_.push_back(std::move(exchange));
    });
  }

  int Start(HttpServer::Options options = {}) {
    auto server = HttpServer::Start(options, app_);
    EXPECT_THAT(server, testing::Succeeds());
    server_ = *std::move(server);
    return server_->port();
  }

  void CountFor(absl::Duration time, std::shared_ptr<Exchange> exchange) {
    watched_->bad_body = [this, weak = std::weak_ptr<Exchange>(exchange)](
                             const absl::Status& status, int http_status) {
      const std::shared_ptr<Exchange> at = weak.lock();
      at->Respond(
          app_.Refuse(at->head(), at->request_id(), status, http_status));
    };
    exchange->Watch(watched_, time);
    Count(std::move(exchange), 0);
  }
  static void Count(std::shared_ptr<Exchange> exchange, size_t before) {
    auto piece = std::make_shared<std::string>(64 * 1024, '\0');
    Exchange& at = *exchange;
    at.ReadSome(
        piece->data(), piece->size(),
        [exchange = std::move(exchange), piece, before](size_t size) mutable {
          if (size > 0) return Count(std::move(exchange), before + size);
          exchange->Respond(TextResponse(absl::StrCat(before)));
        });
  }

  // Sends `pieces` pieces, each after the last was taken, then ends.
  static void SendPieces(std::shared_ptr<Exchange> exchange, int pieces,
                         size_t size) {
    if (pieces == 0) return exchange->End();
    Exchange& at = *exchange;
    at.Write({.piece = std::string(size + 2, 'b'), .begin = 1, .size = size},
             [exchange = std::move(exchange), pieces, size]() mutable {
               SendPieces(std::move(exchange), pieces - 1, size);
             });
  }

  // The n-th exchange that waits.
  std::shared_ptr<Exchange> Waiting(size_t n = 0) {
    EXPECT_TRUE(testing::Eventually([&] {
      absl::MutexLock lock(&mutex_);
      return waiting_.size() > n;
    }));
    absl::MutexLock lock(&mutex_);
    return waiting_[n];
  }
  void Answer(size_t n, std::string text) {
    auto exchange = Waiting(n);
    exchange->Dispatch([exchange, text = std::move(text)]() mutable {
      exchange->Respond(TextResponse(std::move(text)));
    });
  }

  static constexpr char kGet[] = "GET /echo?x HTTP/1.1\r\nHost: h\r\n\r\n";
  static constexpr char kWait[] = "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n";

  App app_;
  std::shared_ptr<Watched> watched_ = std::make_shared<Watched>();
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Exchange>> waiting_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TESTING_HTTP_FIXTURE_H_
