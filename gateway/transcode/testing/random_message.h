#ifndef GATEWAY_TRANSCODE_TESTING_RANDOM_MESSAGE_H_
#define GATEWAY_TRANSCODE_TESTING_RANDOM_MESSAGE_H_

#include <cstdint>
#include <random>
#include <string>

#include "google/protobuf/message.h"

namespace praxis::gateway::testing {

// Fills messages of any type with random values that have a JSON form: texts
// that need escaping, extreme numbers, times in range, Anys of known types.
class RandomMessage {
 public:
  // Messages lie at most `depth` deep in each other.
  explicit RandomMessage(uint64_t seed, int depth = 4)
      : depth_(depth), random_(seed) {}

  void Fill(google::protobuf::Message* message) { FillTo(depth_, message); }

  // A text of 0 to 40 characters, some of them in need of escapes.
  std::string Text();
  // 0 to n - 1.
  int Below(int n) { return static_cast<int>(random_() % n); }

 private:
  void FillTo(int depth, google::protobuf::Message* message);
  void FillField(int depth, const google::protobuf::FieldDescriptor& field,
                 google::protobuf::Message* message);
  void SetScalar(const google::protobuf::FieldDescriptor& field,
                 google::protobuf::Message* message);
  bool FillWellKnown(int depth, google::protobuf::Message* message);
  void FillAny(int depth, google::protobuf::Message* message);

  // Any number; small, extreme and round ones are frequent.
  uint64_t Number();
  // A double that %.15g writes in full, as protobuf does.
  double Real();

  const int depth_;
  std::mt19937_64 random_;
};

}  // namespace praxis::gateway::testing

#endif  // GATEWAY_TRANSCODE_TESTING_RANDOM_MESSAGE_H_
