// Caller: somebody who calls the suite, over one of its transports.
#ifndef TESTS_SYSTEM_CALLER_H_
#define TESTS_SYSTEM_CALLER_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/system/answer.h"
#include "tests/system/grpc_client.h"
#include "tests/system/http_client.h"
#include "tests/system/suite.h"

namespace praxis::system {

enum class Transport { kHttp, kGrpc };

std::string TransportName(Transport transport);

// Every method of the contract that this test was built with.
std::vector<const google::protobuf::MethodDescriptor*> ContractMethods();
// The method that takes this request; every method of ours has a request type
// of its own.
const google::protobuf::MethodDescriptor& MethodOf(
    const google::protobuf::Message& request);

// Bytes that are uploaded, and what is said of them.
struct FileToSend {
  std::string filename;
  std::string content_type;
  std::string bytes;
};

// A person, a service or nobody: whoever holds the token. The same call means
// the same over both transports. A method without an HTTP rule goes by gRPC.
class Caller {
 public:
  // `suite` outlives it and runs.
  Caller(const Suite& suite, Transport transport, std::string token = "");

  const std::string& token() const { return token_; }
  Transport transport() const { return transport_; }
  // The same with another token.
  Caller With(std::string token) const;

  // A unary call that may fail.
  Answer Try(const google::protobuf::Message& request);
  // One that must not: else the test has failed and the response is empty.
  template <typename Response>
  Response Call(const google::protobuf::Message& request) {
    const Answer answer = Try(request);
    EXPECT_THAT(answer, Answered()) << MethodOf(request).full_name();
    Response response;
    EXPECT_TRUE(response.ParseFromString(answer.bytes));
    return response;
  }

  // Uploads the content of a resource; `etag` is sent unless it is empty.
  Answer Upload(const std::string& resource, const FileToSend& file,
                const std::string& etag = "");
  // All bytes of a resource.
  Answer Download(const std::string& resource);

 private:
  Answer TryHttp(const google::protobuf::MethodDescriptor& method,
                 const google::protobuf::Message& request);
  Answer UploadByGrpc(const std::string& resource, const FileToSend& file,
                      const std::string& etag);
  Answer DownloadByGrpc(const std::string& resource);

  const Suite* suite_;
  Transport transport_;
  std::string token_;
  HttpClient http_;
  GrpcClient grpc_;
};

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_CALLER_H_
