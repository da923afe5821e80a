// Task: a step of a simulated process, written as a coroutine.
#ifndef TESTS_SIMULATION_TASK_H_
#define TESTS_SIMULATION_TASK_H_

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

namespace praxis::simulation {

// Begins when it is awaited, and resumes who awaited it when it ends. It owns
// its frame: destroying it, as the crash of a node does, destroys what the
// frame holds and all it awaits.
template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  // Goes on where somebody waits.
  struct Final {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle handle) noexcept {
      return handle.promise().waiting;
    }
    void await_resume() noexcept {}
  };

  // What the compiler asks for.
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> waiting = std::noop_coroutine();

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value.emplace(std::move(result)); }
    void unhandled_exception() { std::abort(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) {
    handle_.promise().waiting = waiting;
    return handle_;
  }
  T await_resume() { return *std::move(handle_.promise().value); }

  // For one that nobody awaits.
  void Begin() { handle_.resume(); }
  bool done() const { return handle_.done(); }

 private:
  explicit Task(Handle handle) : handle_(handle) {}

  Handle handle_;
};

// A process has no result.
struct Done {};
using Process = Task<Done>;

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_TASK_H_
