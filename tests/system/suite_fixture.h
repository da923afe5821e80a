// The fixture of tests that share one running suite of each shape.
#ifndef TESTS_SYSTEM_SUITE_FIXTURE_H_
#define TESTS_SYSTEM_SUITE_FIXTURE_H_

#include <ostream>
#include <string>

#include "gtest/gtest.h"
#include "tests/system/suite.h"

namespace praxis::system {

// Runs its tests once in each shape, against a suite that is started with the
// first test that needs it and that no test may stop. So a test leaves alone
// what others have made, and gives what it makes names of its own. The logs are
// shown when a test fails.
class SuiteTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override;
  void TearDown() override;

  const Suite& suite() const { return *suite_; }

 private:
  const Suite* suite_ = nullptr;
};

// How a failure names the shape.
void PrintTo(Shape shape, std::ostream* out);

// For INSTANTIATE_TEST_SUITE_P.
inline auto BothShapes() {
  return ::testing::Values(Shape::kOneProcess, Shape::kFourProcesses);
}
inline std::string NameOfShape(const ::testing::TestParamInfo<Shape>& info) {
  return ShapeName(info.param);
}

// The end of every log of a suite, if the running test has failed.
void ShowLogsOnFailure(const Suite& suite);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_SUITE_FIXTURE_H_
