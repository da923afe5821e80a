#include "gateway/http/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gateway/http/connection.h"
#include "gateway/http/loop.h"
#include "gateway/http/response.h"
#include "gateway/http/tls.h"
#include "services/common/limits/local_limiter.h"
#include "services/common/rpc/id.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// Before accepting is tried again when the process has no more files.
constexpr std::chrono::milliseconds kAcceptPause{100};

// The open connections, counted by the client's network.
class Census {
 public:
  Census(const HttpLimits& limits, telemetry::Gauge* shown)
      : limits_(limits), shown_(shown) {}

  // False when there are too many already. Those of a proxy are of many
  // clients and have no limit of their own.
  bool Enter(const std::string& network, bool is_proxy) {
    absl::MutexLock lock(&mutex_);
    if (all_ >= limits_.connections_max) return false;
    int& here = by_network_[network];
    if (here >= limits_.connections_per_address_max && !is_proxy) return false;
    ++here;
    ++all_;
    if (shown_ != nullptr) shown_->Add(1);
    return true;
  }

  void Leave(const std::string& network) {
    absl::MutexLock lock(&mutex_);
    --all_;
    if (shown_ != nullptr) shown_->Add(-1);
    const auto here = by_network_.find(network);
    if (--here->second == 0) by_network_.erase(here);
  }

  int all() const {
    absl::MutexLock lock(&mutex_);
    return all_;
  }

  // Waits until none is left; false when `limit` was over first.
  bool AwaitNone(absl::Duration limit) {
    absl::MutexLock lock(&mutex_);
    const auto none = [this] { return all_ == 0; };
    return mutex_.AwaitWithTimeout(absl::Condition(&none), limit);
  }

 private:
  const HttpLimits limits_;
  telemetry::Gauge* const shown_;
  mutable absl::Mutex mutex_;
  int all_ = 0;
  absl::flat_hash_map<std::string, int> by_network_;
};

absl::Status CannotListen(const HttpServer::Options& options,
                          const error_code& error) {
  return Error(Reason::BACKEND_UNAVAILABLE,
               absl::StrCat("Cannot listen on ", options.address, ":",
                            options.port, ": ", error.message(), "."));
}

}  // namespace

// Accepts on the first loop's thread.
class HttpServer::Listener {
 public:
  Listener(const Options& options, Handler& handler)
      : handshake_rate_{.per_second = 1.0 * options.handshake_rate,
                        .burst = 2.0 * options.handshake_rate},
        census_(std::make_shared<Census>(options.limits, options.connections)),
        shared_(std::make_shared<Shared>(handler, options.limits,
                                         options.proxies, options.tls)) {
    shared_->waiting_shown = options.requests_waiting;
    shared_->closed = [census = census_](absl::string_view address) {
      census->Leave(NetworkOf(address));
    };
    for (int i = 0; i < options.threads; ++i) {
      loops_.push_back(std::make_shared<Loop>());
    }
    acceptor_.emplace(loops_[0]->context());
    pause_.emplace(loops_[0]->context());
  }

  absl::Status Open(const Options& options) {
    error_code error;
    const auto address = boost::asio::ip::make_address(options.address, error);
    if (error) return CannotListen(options, error);
    const tcp::endpoint endpoint(address, options.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error)
      acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(tcp::acceptor::max_listen_connections, error);
    if (error) return CannotListen(options, error);
    port_ = acceptor_->local_endpoint(error).port();
    Accept();
    for (const auto& loop : loops_) loop->Start();
    return absl::OkStatus();
  }

  void Drain() { shared_->draining = true; }

  // In this order: nothing new, then the idle, then those under way.
  void Stop(absl::Duration limit) {
    Drain();
    shared_->closing = true;
    loops_[0]->Post([this] {
      error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
    });
    for (const auto& loop : loops_) {
      loop->Post([raw = loop.get()] { raw->CloseIdle(); });
    }
    census_->AwaitNone(limit);
    for (const auto& loop : loops_) loop->Stop();
  }

  int port() const { return port_; }
  int connections() const { return census_->all(); }

 private:
  // Connections go to the loops in turn. The socket is made for its loop, so
  // that from the first byte no other thread touches it.
  void Accept() {
    const std::shared_ptr<Loop>& loop = loops_[next_++ % loops_.size()];
    acceptor_->async_accept(
        loop->context(),
        [this, loop](const error_code& error, tcp::socket socket) {
          if (!acceptor_->is_open()) return;
          if (error) return Pause();
          Admit(loop, std::move(socket));
          Accept();
        });
  }

  void Admit(const std::shared_ptr<Loop>& loop, tcp::socket socket) {
    error_code error;
    std::string address =
        CanonicalAddress(socket.remote_endpoint(error).address().to_string());
    if (error) return;  // gone already
    const std::string network = NetworkOf(address);
    const bool is_proxy = shared_->proxies.Include(address);
    if (!is_proxy && !MayShakeHands(network)) return;
    if (!census_->Enter(network, is_proxy)) return TurnAway(std::move(socket));
    auto connection = std::make_shared<Connection>(
        std::move(socket), std::move(address), loop, shared_);
    loop->Dispatch([connection] { connection->Open(); });
  }

  bool MayShakeHands(const std::string& network) {
    if (shared_->tls == nullptr || handshake_rate_.per_second == 0) return true;
    const bool may = handshakes_.Take(network, handshake_rate_).ok();
    if (!may) shared_->tls->CountRefused();
    return may;
  }

  // Without reading what it wants. It may be gone before it sees why: then it
  // sees a connection that closed, which is as true. By TLS that is all that
  // can be said without a handshake.
  void TurnAway(tcp::socket socket) {
    if (shared_->tls != nullptr) return;
    const std::string request_id = rpc::NewId(absl::Now());
    const Response response = shared_->handler.Refuse(
        RequestHead(), request_id,
        RetryAfter(Error(Reason::OVERLOADED, "There are too many connections."),
                   absl::Seconds(1)),
        503);
    std::string answer;
    AppendHead(response,
               {.date = loops_[0]->date(),
                .request_id = request_id,
                .length = response.body.size(),
                .keep_alive = false},
               &answer);
    answer += response.body;
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(boost::asio::buffer(answer), ignored);
  }

  // Out of files, most likely: the connection waits in the kernel.
  void Pause() {
    pause_->expires_after(kAcceptPause);
    pause_->async_wait([this](const error_code& error) {
      if (!error) Accept();
    });
  }

  const limits::Rate handshake_rate_;
  limits::LocalLimiter handshakes_;
  const std::shared_ptr<Census> census_;
  const std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::optional<tcp::acceptor> acceptor_;
  std::optional<boost::asio::steady_timer> pause_;
  size_t next_ = 0;
  int port_ = 0;
};

HttpServer::HttpServer(std::unique_ptr<Listener> listener)
    : listener_(std::move(listener)) {}

HttpServer::~HttpServer() { Stop(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const Options& options, Handler& handler) {
  auto listener = std::make_unique<Listener>(options, handler);
  RETURN_IF_ERROR(listener->Open(options));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(listener)));
}

int HttpServer::port() const { return listener_->port(); }
int HttpServer::connections() const { return listener_->connections(); }
void HttpServer::Drain() { listener_->Drain(); }
void HttpServer::Stop(absl::Duration limit) { listener_->Stop(limit); }

}  // namespace praxis::gateway
