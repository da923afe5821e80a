#include "services/common/rpc/id.h"

#include <algorithm>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/numeric/int128.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"

namespace praxis::rpc {
namespace {

constexpr char kDigits[] = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr int kIdLength = 26;

// The 74 random bits: 12 above the version's place, 62 below the variant's.
constexpr int kLowBits = 62;
constexpr absl::uint128 kTailEnd = absl::uint128(1) << 74;
constexpr absl::uint128 kLowMask = (absl::uint128(1) << kLowBits) - 1;

constexpr int64_t kLastMillisecond = (int64_t{1} << 48) - 1;
constexpr int64_t kStepBackMaxMs = 10'000;

// Gives out pairs (millisecond, random tail) that only grow.
class Sequence {
 public:
  absl::uint128 Next(int64_t now_ms) {
    absl::MutexLock lock(&mutex_);
    if (now_ms > last_ms_ || now_ms < last_ms_ - kStepBackMaxMs) {
      last_ms_ = now_ms;
      tail_ = Fresh();
    } else {
      // RFC 9562, 6.2, method 2: a random step keeps the next id unguessable.
      tail_ += 1 + absl::Uniform<uint32_t>(random_);
      if (tail_ >= kTailEnd) {
        ++last_ms_;
        tail_ = Fresh();
      }
    }
    constexpr uint64_t kVersion = 7;
    constexpr uint64_t kVariant = 2;
    const uint64_t high = static_cast<uint64_t>(last_ms_) << 16 |
                          kVersion << 12 |
                          static_cast<uint64_t>(tail_ >> kLowBits);
    const uint64_t low =
        kVariant << kLowBits | static_cast<uint64_t>(tail_ & kLowMask);
    return absl::MakeUint128(high, low);
  }

 private:
  // The top bit is clear, so that there is room to step.
  absl::uint128 Fresh() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return absl::MakeUint128(absl::Uniform<uint64_t>(random_),
                             absl::Uniform<uint64_t>(random_)) >>
           55;
  }

  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  int64_t last_ms_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::uint128 tail_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::string NewId(absl::Time now) {
  static auto* sequence = new Sequence;
  absl::uint128 bits = sequence->Next(
      std::clamp<int64_t>(absl::ToUnixMillis(now), 0, kLastMillisecond));
  std::string id(kIdLength, '0');
  for (int i = kIdLength - 1; i >= 0; --i) {
    id[i] = kDigits[static_cast<uint64_t>(bits) & 31];
    bits >>= 5;
  }
  return id;
}

}  // namespace praxis::rpc
