#ifndef GATEWAY_TRANSCODE_TESTING_HOSTILE_INPUT_H_
#define GATEWAY_TRANSCODE_TESTING_HOSTILE_INPUT_H_

#include <cstddef>
#include <string>
#include <vector>

namespace praxis::gateway::testing {

// Input of some size that asks for more work than most: what is done for each
// of its parts again would show here.
struct HostileInput {
  const char* name;
  bool is_json;       // of an Everything, or else its wire bytes
  std::string bytes;  // about as many as were asked for
};

std::vector<HostileInput> HostileInputs(size_t size);

}  // namespace praxis::gateway::testing

#endif  // GATEWAY_TRANSCODE_TESTING_HOSTILE_INPUT_H_
