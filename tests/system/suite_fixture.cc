#include "tests/system/suite_fixture.h"

#include <iostream>
#include <map>
#include <memory>

namespace praxis::system {
namespace {

constexpr size_t kLogBytesShown = 16 << 10;

const Suite& Shared(Shape shape) {
  static std::map<Shape, std::unique_ptr<Suite>> suites;
  std::unique_ptr<Suite>& suite = suites[shape];
  if (suite == nullptr) {
    suite = std::make_unique<Suite>(
        shape, Suite::Options{.log_requests = true, .service_metrics = true});
    suite->Start();
  }
  return *suite;
}

}  // namespace

void PrintTo(Shape shape, std::ostream* out) { *out << ShapeName(shape); }

void ShowLogsOnFailure(const Suite& suite) {
  if (!::testing::Test::HasFailure()) return;
  const std::string logs = suite.Logs();
  const size_t skipped =
      logs.size() > kLogBytesShown ? logs.size() - kLogBytesShown : 0;
  std::cerr << "The end of the logs of the suite:\n" << logs.substr(skipped);
}

void SuiteTest::SetUp() {
  suite_ = &Shared(GetParam());
  for (const Process* process : suite_->processes()) {
    ASSERT_TRUE(process->running()) << process->name() << " does not run";
  }
}

void SuiteTest::TearDown() { ShowLogsOnFailure(*suite_); }

}  // namespace praxis::system
