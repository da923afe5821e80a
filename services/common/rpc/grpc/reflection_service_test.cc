#include "services/common/rpc/grpc/reflection_service.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "gtest/gtest.h"
#include "services/common/rpc/grpc/testing/client.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::GrpcCall;
using testing::Succeeds;

// One of the two versions, by its path and its own message types.
template <typename RequestType, typename ResponseType>
struct Version {
  using Request = RequestType;
  using Response = ResponseType;
};
using V1 = Version<grpc::reflection::v1::ServerReflectionRequest,
                   grpc::reflection::v1::ServerReflectionResponse>;
using V1Alpha = Version<grpc::reflection::v1alpha::ServerReflectionRequest,
                        grpc::reflection::v1alpha::ServerReflectionResponse>;

template <typename T>
class ReflectionServiceTest : public ::testing::Test {
 protected:
  using Request = typename T::Request;
  using Response = typename T::Response;

  ReflectionServiceTest()
      : call_(rim_.channel(), "/" + Request::descriptor()->file()->package() +
                                  ".ServerReflection/ServerReflectionInfo") {}

  Response Ask(const Request& request) {
    Response response;
    EXPECT_TRUE(call_.Write(request.SerializeAsString()));
    EXPECT_TRUE(response.ParseFromString(call_.Read().value_or("nothing")));
    return response;
  }

  testing::EchoRim rim_;
  GrpcCall call_;
};

using Versions = ::testing::Types<V1, V1Alpha>;
TYPED_TEST_SUITE(ReflectionServiceTest, Versions);

TYPED_TEST(ReflectionServiceTest, ListsTheServedServices) {
  typename TypeParam::Request request;
  request.set_list_services("");
  const auto response = this->Ask(request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, ElementsAre("grpc.health.v1.Health",
                                 "grpc.reflection.v1.ServerReflection",
                                 "grpc.reflection.v1alpha.ServerReflection",
                                 "praxis.testing.v1.EchoService"));
}

// What a tool such as grpcurl does: from a name to a type it can use.
TYPED_TEST(ReflectionServiceTest, GivesWhatAClientNeedsToCall) {
  typename TypeParam::Request request;
  request.set_file_containing_symbol("praxis.testing.v1.EchoService");
  const auto response = this->Ask(request);
  std::vector<FileDescriptorProto> files;
  for (const std::string& bytes :
       response.file_descriptor_response().file_descriptor_proto()) {
    ASSERT_TRUE(files.emplace_back().ParseFromString(bytes));
  }
  // Files come before what they import.
  DescriptorPool pool;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    ASSERT_NE(pool.BuildFile(*file), nullptr) << file->name();
  }
  const auto* service = pool.FindServiceByName("praxis.testing.v1.EchoService");
  ASSERT_NE(service, nullptr);
  EXPECT_NE(service->FindMethodByName("Count"), nullptr);
}

TYPED_TEST(ReflectionServiceTest, AnswersQuestionAfterQuestion) {
  for (int i = 0; i < 3; ++i) {
    typename TypeParam::Request request;
    request.set_file_by_filename("no such file");
    EXPECT_EQ(this->Ask(request).error_response().error_code(), 5);
    request.set_list_services("");
    EXPECT_EQ(this->Ask(request).list_services_response().service_size(), 4);
  }
  this->call_.WritesDone();
  EXPECT_THAT(this->call_.Status(), Succeeds());
}

TYPED_TEST(ReflectionServiceTest, RefusesWhatIsNoQuestion) {
  this->call_.Write("\x1a\xff");
  EXPECT_THAT(this->call_.Status(), FailsWith(errors::v1::MESSAGE_INVALID));
}

}  // namespace
}  // namespace praxis::rpc
