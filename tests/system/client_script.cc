#include "tests/system/client_script.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/system/process.h"

namespace praxis::system {

ScriptRun RunClient(const Suite& suite, const std::string& name,
                    const std::vector<std::string>& command) {
  const std::string log = absl::StrCat(suite.folder(), "/", name, ".log");
  Process client(name, "/usr/bin/env", log);
  client.Start(command);
  ScriptRun run;
  run.exit_code = client.AwaitExit(absl::Minutes(2));
  run.said = client.Log();
  run.wrote = ReadFile(absl::StrCat(log, ".out"));
  return run;
}

ScriptRun RunClientScript(const Suite& suite, const std::string& script,
                          const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {
      "node", absl::StrCat("tests/system/clients/", script)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return RunClient(suite, script, command);
}

}  // namespace praxis::system
