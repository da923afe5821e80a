// The suite answers as its own OpenAPI document says, and shows it to people.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/client_script.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using ::testing::Optional;

class ConformanceTest : public SuiteTest {};

INSTANTIATE_TEST_SUITE_P(Shapes, ConformanceTest, BothShapes(), NameOfShape);

TEST_P(ConformanceTest, AnswersEveryOperationAsDocumented) {
  const ScriptRun run =
      RunClientScript(suite(), "conformance.mjs",
                      {absl::StrCat(suite().http_port()), Unique("c"),
                       suite().Secret("service_credential")});
  EXPECT_THAT(run.exit_code, Optional(0)) << run.said;
}

TEST_P(ConformanceTest, ShowsAReferenceInWhichTheApiCanBeTried) {
  const ScriptRun run =
      RunClientScript(suite(), "docs_page.mjs",
                      {absl::StrCat(suite().http_port()), Unique("docs")});
  EXPECT_THAT(run.exit_code, Optional(0)) << run.said;
}

}  // namespace
}  // namespace praxis::system
