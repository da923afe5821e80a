#include "gateway/http/loop.h"

#include <signal.h>

#include <boost/asio/post.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gateway/http/connection.h"
#include "gateway/http/response.h"

namespace praxis::gateway {

Loop::Loop() { date_ = HttpDate(absl::Now()); }

void Loop::Start() {
  Tick();
  thread_ = std::thread([this] {
    // TLS writes by calls that would raise it when the client is gone.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    context_.run();
  });
}

void Loop::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    stopped_ = true;
  }
  boost::asio::post(context_, [this] {
    ending_ = true;
    timer_.cancel();
    CutOff();
  });
  // Without a timer and connections the queue runs empty and the thread ends.
  if (thread_.joinable()) thread_.join();
}

// Most callers are on the thread already: no lock and no turn of the queue.
void Loop::Dispatch(absl::AnyInvocable<void()> work) {
  if (context_.get_executor().running_in_this_thread()) return work();
  Post(std::move(work));
}

void Loop::Post(absl::AnyInvocable<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  boost::asio::post(context_, std::move(work));
}

// Walks over all connections, which for 10,000 of them takes 50 us.
void Loop::Tick() {
  if (ending_) return;
  now_ = std::chrono::steady_clock::now();
  const absl::Time wall = absl::Now();
  if (absl::ToUnixSeconds(wall) != date_seconds_) {
    date_seconds_ = absl::ToUnixSeconds(wall);
    date_ = HttpDate(wall);
  }
  // A connection whose time is up may leave the set.
  std::vector<std::shared_ptr<Connection>> late;
  for (const auto& connection : connections_) {
    if (connection->IsLate(now_)) late.push_back(connection);
  }
  for (const auto& connection : late) connection->OnLate(now_);

  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

void Loop::CloseIdle() {
  const auto all = connections_;
  for (const auto& connection : all) connection->CloseIfIdle();
}

void Loop::CutOff() {
  const auto all = connections_;
  for (const auto& connection : all) connection->CutOff();
}

}  // namespace praxis::gateway
