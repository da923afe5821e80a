// How a program is told to end.
#ifndef SERVICES_COMMON_CONFIG_SHUTDOWN_H_
#define SERVICES_COMMON_CONFIG_SHUTDOWN_H_

#include <signal.h>

namespace praxis::config {

// Turns SIGTERM and SIGINT into something main waits for. Made first in main,
// before any thread: threads inherit that the signals are held back. SIGPIPE is
// ignored for good: a peer that has gone is an error of write().
//
//   Shutdown shutdown;
//   ... start ...
//   shutdown.Wait();
//   ... drain ...
class Shutdown {
 public:
  Shutdown();

  // Returns the first signal. From then on another one ends the process at
  // once, with 128 plus its number as a shell would have it: whoever sends it
  // does not want to wait for the drain.
  int Wait();

  // As if a SIGTERM had come: the process cannot go on.
  static void Request();

 private:
  sigset_t signals_;
};

}  // namespace praxis::config

#endif  // SERVICES_COMMON_CONFIG_SHUTDOWN_H_
