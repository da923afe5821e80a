// What fuzz targets have in common.
#ifndef TESTS_FUZZ_TARGET_H_
#define TESTS_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

// One input, as libFuzzer and replay.cc call it. Always 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace praxis::fuzz {

// Stops the program where something does not hold for this input: libFuzzer
// then keeps it.
inline void Expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "it does not hold that %s\n", what);
  std::abort();
}

// Names such as "a_2b" are good in a field mask, but have no form in JSON.
inline bool HasNoJson(const absl::Status& status) {
  return absl::StrContains(status.message(), "has no JSON form");
}

// The bytes of an input, its first one apart: it chooses between things to do.
class Input {
 public:
  Input(const uint8_t* data, size_t size)
      : bytes_(reinterpret_cast<const char*>(data), size) {}

  // 0 to n - 1.
  int Choose(int n) {
    if (bytes_.empty()) return 0;
    const int choice = static_cast<uint8_t>(bytes_.front()) % n;
    bytes_.remove_prefix(1);
    return choice;
  }
  absl::string_view rest() const { return bytes_; }

 private:
  absl::string_view bytes_;
};

}  // namespace praxis::fuzz

#endif  // TESTS_FUZZ_TARGET_H_
