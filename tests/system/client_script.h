// Clients that others wrote, and scripts for Node.js, in clients/, that use
// some.
#ifndef TESTS_SYSTEM_CLIENT_SCRIPT_H_
#define TESTS_SYSTEM_CLIENT_SCRIPT_H_

#include <optional>
#include <string>
#include <vector>

#include "tests/system/suite.h"

namespace praxis::system {

// How it ended.
struct ScriptRun {
  // None when it had not ended after two minutes.
  std::optional<int> exit_code;
  // What it wrote on standard error, and on standard output.
  std::string said;
  std::string wrote;
};

// Runs a command, found in PATH, to its end. `suite` runs; a copy of what the
// command writes stays in its folder under `name`, which no other run has.
ScriptRun RunClient(const Suite& suite, const std::string& name,
                    const std::vector<std::string>& command);

// Runs clients/`script` to its end. `suite` runs; a copy of what the script
// says stays in its folder.
ScriptRun RunClientScript(const Suite& suite, const std::string& script,
                          const std::vector<std::string>& arguments);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_CLIENT_SCRIPT_H_
