// Interruption: ends a wait from another thread.
#ifndef SERVICES_COMMON_REDIS_INTERRUPTION_H_
#define SERVICES_COMMON_REDIS_INTERRUPTION_H_

#include <sys/eventfd.h>
#include <unistd.h>

namespace praxis::redis {

// Once signalled it stays so: a wait that begins later ends at once.
// Thread-safe.
class Interruption {
 public:
  Interruption() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Interruption() { close(fd_); }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  void Signal() const { eventfd_write(fd_, 1); }
  // Can be read once signalled.
  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace praxis::redis

#endif  // SERVICES_COMMON_REDIS_INTERRUPTION_H_
