// Runs inputs once, in programs without libFuzzer: each argument is a file or a
// folder of files. Tells how many there were and which took longest.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/target.h"

namespace praxis::fuzz {
namespace {

namespace fs = std::filesystem;

struct Summary {
  int inputs = 0;
  double slowest_ms = 0;
  std::string slowest;
};

void Run(const fs::path& file, Summary* summary) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)),
                          std::istreambuf_iterator<char>());
  // Told before: an input that stops the program is the last one named.
  std::printf("%s\n", file.c_str());
  const auto start = std::chrono::steady_clock::now();
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()),
                         bytes.size());
  const std::chrono::duration<double, std::milli> took =
      std::chrono::steady_clock::now() - start;
  ++summary->inputs;
  if (took.count() > summary->slowest_ms) {
    summary->slowest_ms = took.count();
    summary->slowest = file.filename();
  }
}

}  // namespace
}  // namespace praxis::fuzz

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  praxis::fuzz::Summary summary;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      praxis::fuzz::Run(argv[i], &summary);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      praxis::fuzz::Run(entry.path(), &summary);
    }
  }
  std::printf("%d inputs; %s took longest, %.2f ms\n", summary.inputs,
              summary.slowest.c_str(), summary.slowest_ms);
  // A folder without inputs is a wrong one.
  return summary.inputs > 0 ? 0 : 1;
}
