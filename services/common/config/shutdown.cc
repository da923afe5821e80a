#include "services/common/config/shutdown.h"

#include <unistd.h>

namespace praxis::config {
namespace {

// Runs within a signal: _exit() is one of the few calls that may be made.
extern "C" void EndAtOnce(int signal) { _exit(128 + signal); }

}  // namespace

Shutdown::Shutdown() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int Shutdown::Wait() {
  int received = 0;
  while (sigwait(&signals_, &received) != 0) {
  }
  // A second signal is let through to this thread, which is always there.
  struct sigaction action = {};
  action.sa_handler = &EndAtOnce;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  return received;
}

void Shutdown::Request() { kill(getpid(), SIGTERM); }

}  // namespace praxis::config
