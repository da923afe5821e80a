// Messages compared, and their bytes in another order.
#ifndef GATEWAY_TRANSCODE_TESTING_COMPARISON_H_
#define GATEWAY_TRANSCODE_TESTING_COMPARISON_H_

#include <string>

#include "gateway/transcode/testing/random_message.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace praxis::gateway::testing {

// Equal to a parser: the bytes within an Any may differ, and NaN is NaN.
::testing::AssertionResult Same(const google::protobuf::Message& a,
                                const google::protobuf::Message& b);

// protobuf writes maps in no order: with two entries texts cannot be compared.
bool HasLargeMap(const google::protobuf::Message& message);

// The records of two messages, in any order.
std::string Shuffled(const google::protobuf::Message& a,
                     const google::protobuf::Message& b, RandomMessage* random);

}  // namespace praxis::gateway::testing

#endif  // GATEWAY_TRANSCODE_TESTING_COMPARISON_H_
