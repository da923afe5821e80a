#include "services/common/rpc/grpc/reflection.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/echo.pb.h"

namespace praxis::rpc {
namespace {

using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using ::testing::Contains;

constexpr char kEchoFile[] = "services/common/testing/echo.proto";
constexpr char kThreadsFile[] = "praxis/discussions/v1/threads.proto";
constexpr int kNotFound = 5;
constexpr int kInvalidArgument = 3;

class ReflectionTest : public ::testing::Test {
 protected:
  // The names of the files in `response`, in their order.
  static std::vector<std::string> Files(
      const ServerReflectionResponse& response) {
    std::vector<std::string> names;
    for (const std::string& bytes :
         response.file_descriptor_response().file_descriptor_proto()) {
      FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  std::vector<std::string> FilesOfSymbol(const std::string& symbol) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(symbol);
    return Files(reflection_.Answer(request));
  }

  testing::v1::EchoRequest linked_;
  Reflection reflection_{{"b.Second", "a.First"}};
};

TEST_F(ReflectionTest, ListsExactlyWhatIsServedInOrder) {
  ServerReflectionRequest request;
  request.set_host("example");
  request.set_list_services("*");
  const ServerReflectionResponse response = reflection_.Answer(request);
  EXPECT_EQ(response.valid_host(), "example");
  EXPECT_EQ(response.original_request().SerializeAsString(),
            request.SerializeAsString());
  ASSERT_EQ(response.list_services_response().service_size(), 2);
  EXPECT_EQ(response.list_services_response().service(0).name(), "a.First");
  EXPECT_EQ(response.list_services_response().service(1).name(), "b.Second");
}

TEST_F(ReflectionTest, GivesAFileWithAllThatItImportsOnce) {
  ServerReflectionRequest request;
  request.set_file_by_filename(kThreadsFile);
  const std::vector<std::string> files = Files(reflection_.Answer(request));
  EXPECT_EQ(files.front(), kThreadsFile);
  EXPECT_THAT(files, Contains("praxis/options/v1/options.proto"));
  EXPECT_THAT(files, Contains("google/api/http.proto"));
  // Imported by several of them.
  EXPECT_THAT(files, Contains("google/protobuf/descriptor.proto").Times(1));
}

TEST_F(ReflectionTest, FindsTheFileOfEveryKindOfSymbol) {
  for (const char* symbol :
       {"praxis.testing.v1.EchoService", "praxis.testing.v1.EchoService.Echo",
        "praxis.testing.v1.EchoRequest",
        "praxis.testing.v1.EchoRequest.title"}) {
    EXPECT_THAT(FilesOfSymbol(symbol), Contains(kEchoFile)) << symbol;
  }
  EXPECT_THAT(FilesOfSymbol("praxis.options.v1.policy"),
              Contains("praxis/options/v1/options.proto"));
}

TEST_F(ReflectionTest, FindsExtensions) {
  ServerReflectionRequest request;
  auto* extension = request.mutable_file_containing_extension();
  extension->set_containing_type("google.protobuf.MethodOptions");
  extension->set_extension_number(50001);
  EXPECT_THAT(Files(reflection_.Answer(request)),
              Contains("praxis/options/v1/options.proto"));

  request.set_all_extension_numbers_of_type("google.protobuf.MethodOptions");
  const ServerReflectionResponse response = reflection_.Answer(request);
  const auto& numbers = response.all_extension_numbers_response();
  EXPECT_EQ(numbers.base_type_name(), "google.protobuf.MethodOptions");
  EXPECT_THAT(numbers.extension_number(), Contains(50001));
}

TEST_F(ReflectionTest, SaysWhatIsNotThere) {
  std::vector<ServerReflectionRequest> requests(6);
  requests[0].set_file_by_filename("../../etc/passwd");
  requests[1].set_file_containing_symbol("nobody.Service");
  requests[2].mutable_file_containing_extension()->set_containing_type("x.Y");
  requests[3].mutable_file_containing_extension()->set_containing_type(
      "google.protobuf.MethodOptions");
  requests[4].set_all_extension_numbers_of_type("x.Y");
  requests[5].set_file_containing_symbol("");
  for (const ServerReflectionRequest& request : requests) {
    EXPECT_EQ(reflection_.Answer(request).error_response().error_code(),
              kNotFound)
        << request.ShortDebugString();
  }
  EXPECT_EQ(reflection_.Answer(ServerReflectionRequest())
                .error_response()
                .error_code(),
            kInvalidArgument);
}

}  // namespace
}  // namespace praxis::rpc
