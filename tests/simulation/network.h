// Network: calls between nodes, which get lost, late and doubled.
#ifndef TESTS_SIMULATION_NETWORK_H_
#define TESTS_SIMULATION_NETWORK_H_

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "tests/simulation/kernel.h"

namespace praxis::simulation {

// Nodes may be cut off from each other, one way or both.
class Network {
 public:
  explicit Network(Kernel& kernel) : kernel_(kernel), wire_(kernel) {}

  // What `serve` answers on `to`, or nothing: the call or its answer was lost,
  // `timeout` is over, or `serve` had no answer. A call that was given up may
  // be served all the same, later, or twice.
  template <typename T>
  Task<std::optional<T>> Call(Node& from, Node& to, Micros timeout,
                              std::function<Task<std::optional<T>>()> serve);

  void Cut(const Node& from, const Node& to) { cuts_.insert({&from, &to}); }
  void Heal() { cuts_.clear(); }

  int lost_percent = 0;
  int doubled_percent = 0;
  int late_percent = 0;
  Micros delay_max = 2 * kMillisecond;

 private:
  template <typename T>
  struct Pending {
    std::optional<T> answer;
    WaitRef waiting;
  };
  template <typename T>
  using Serve = std::function<Task<std::optional<T>>()>;

  bool IsLost(const Node& from, const Node& to) {
    return cuts_.contains({&from, &to}) || kernel_.random.Chance(lost_percent);
  }
  Micros Delay() {
    if (!kernel_.random.Chance(late_percent)) {
      return kernel_.random.Between(100, delay_max);
    }
    const Micros max = kernel_.random.Chance(50) ? kSecond : 3 * kSecond;
    return kernel_.random.Between(0, max);
  }
  template <typename T>
  Process Carry(Node& from, Node& to, Serve<T> serve,
                std::shared_ptr<Pending<T>> pending);
  template <typename T>
  Process Answer(Node& from, Node& to, Serve<T> serve,
                 std::shared_ptr<Pending<T>> pending);
  template <typename T>
  Process Return(std::optional<T> answer, std::shared_ptr<Pending<T>> pending);

  Kernel& kernel_;
  // Messages under way live on no machine.
  Node wire_;
  std::set<std::pair<const Node*, const Node*>> cuts_;
};

template <typename T>
Task<std::optional<T>> Network::Call(
    Node& from, Node& to, Micros timeout,
    std::function<Task<std::optional<T>>()> serve) {
  Wait wait(kernel_);
  const auto pending = std::make_shared<Pending<T>>();
  pending->waiting = wait.ref();
  kernel_.At(kernel_.now() + timeout, wait.ref());
  const int copies = kernel_.random.Chance(doubled_percent) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (!IsLost(from, to)) wire_.Run(Carry<T>(from, to, serve, pending));
  }
  co_await wait;
  co_return std::move(pending->answer);
}

template <typename T>
Process Network::Carry(Node& from, Node& to, Serve<T> serve,
                       std::shared_ptr<Pending<T>> pending) {
  co_await Sleep(kernel_, Delay());
  if (to.up()) to.Run(Answer<T>(from, to, std::move(serve), pending));
  co_return Done();
}

template <typename T>
Process Network::Answer(Node& from, Node& to, Serve<T> serve,
                        std::shared_ptr<Pending<T>> pending) {
  std::optional<T> answer = co_await serve();
  if (answer.has_value() && !IsLost(to, from)) {
    wire_.Run(Return<T>(std::move(answer), pending));
  }
  co_return Done();
}

template <typename T>
Process Network::Return(std::optional<T> answer,
                        std::shared_ptr<Pending<T>> pending) {
  co_await Sleep(kernel_, Delay());
  if (!pending->answer.has_value()) {
    pending->answer = std::move(answer);
    kernel_.At(kernel_.now(), pending->waiting);
  }
  co_return Done();
}

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_NETWORK_H_
