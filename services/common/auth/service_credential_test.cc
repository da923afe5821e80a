#include "services/common/auth/service_credential.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace praxis::auth {
namespace {

class ServiceCredentialTest : public ::testing::Test {
 protected:
  ServiceCredentialTest() {
    std::string folder = ::testing::TempDir() + "credential.XXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  ~ServiceCredentialTest() override { std::filesystem::remove_all(folder_); }

  ServiceCredential Open(const std::string& name) {
    return ServiceCredential::Open((folder_ / name).string()).value();
  }

  std::filesystem::path folder_;
};

TEST_F(ServiceCredentialTest, LetsServicesOfOneInstallationKnowEachOther) {
  const std::string token = Open("one").SubjectToken("services/discussions");
  EXPECT_EQ(Open("one").ServiceOf(token), "services/discussions");
}

TEST_F(ServiceCredentialTest, RefusesAnotherInstallation) {
  const std::string token = Open("one").SubjectToken("services/discussions");
  EXPECT_EQ(Open("other").ServiceOf(token), std::nullopt);
}

TEST_F(ServiceCredentialTest, NeverNamesAPerson) {
  const ServiceCredential credential = Open("one");
  EXPECT_EQ(credential.ServiceOf(credential.SubjectToken("members/ada")),
            std::nullopt);
  EXPECT_EQ(credential.ServiceOf(credential.SubjectToken("services/a/b")),
            std::nullopt);
  EXPECT_EQ(credential.ServiceOf(credential.SubjectToken("")), std::nullopt);
}

TEST_F(ServiceCredentialTest, RefusesWhatIsNoSubjectToken) {
  const ServiceCredential credential = Open("one");
  const std::string token = credential.SubjectToken("services/members");
  const std::string secret = token.substr(token.rfind(':') + 1);
  for (const std::string& wrong :
       {std::string(), std::string(":"), std::string("services/members"),
        std::string("services/members:"), secret, token + "0",
        token.substr(0, token.size() - 1),
        absl::StrCat(secret, ":services/members")}) {
    EXPECT_EQ(credential.ServiceOf(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace praxis::auth
