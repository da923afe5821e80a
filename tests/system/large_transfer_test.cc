// Large files pass through every process without staying in any.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "praxis/http/v1/body.pb.h"
#include "tests/system/documents.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

constexpr int64_t kMib = 1 << 20;
constexpr int64_t kChunkBytes = 256 << 10;
// More than buffers on the way need, less than any of the files.
constexpr int64_t kGrowthMaxMib = 64;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMemoryIsReal = false;  // it keeps what is freed
#else
constexpr bool kMemoryIsReal = true;
#endif

class LargeTransferTest : public SuiteTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kHttp, "ada"));
    const std::string community =
        Found(ada_->caller, "archive", events::v1::PUBLIC);
    name_ = AddFile(ada_->caller, community, "A film").name();
  }

  void UploadByHttp(uint64_t seed, int64_t size, Sha256* sha256) {
    ByteStream stream(seed);
    int64_t left = size;
    const HttpResponse response =
        HttpClient(suite().http_port())
            .Upload({.method = "POST",
                     .target = absl::StrCat("/v1/", name_, ":upload"),
                     .token = ada_->caller.token(),
                     .content_type = "video/mp4"},
                    size, [&](char* into, size_t room) {
                      const size_t n = std::min<int64_t>(room, left);
                      stream.Fill(into, n);
                      sha256->Add(absl::string_view(into, n));
                      left -= static_cast<int64_t>(n);
                      return n;
                    });
    EXPECT_EQ(response.status, 200) << response.error << response.body;
  }

  void UploadByGrpc(uint64_t seed, int64_t size, Sha256* sha256) {
    ByteStream stream(seed);
    resources::v1::UploadResourceRequest message;
    message.set_name(name_);
    message.mutable_body()->mutable_info()->set_size_bytes(size);
    const std::unique_ptr<GrpcCall> call = Open(message);
    EXPECT_TRUE(call->Write(message.SerializeAsString()));
    for (int64_t left = size; left > 0; left -= kChunkBytes) {
      message.Clear();
      message.mutable_body()->set_data(
          stream.Take(std::min(left, kChunkBytes)));
      sha256->Add(message.body().data());
      ASSERT_TRUE(call->Write(message.SerializeAsString()));
    }
    call->WritesDone();
    EXPECT_TRUE(call->Read().has_value());
    EXPECT_THAT(call->Finish(), Answered());
  }

  int64_t DownloadByHttp(Sha256* sha256) {
    int64_t size = 0;
    const HttpResponse response =
        HttpClient(suite().http_port())
            .Download({.target = absl::StrCat("/v1/", name_, ":download")},
                      [&](absl::string_view piece) {
                        sha256->Add(piece);
                        size += static_cast<int64_t>(piece.size());
                      });
    EXPECT_EQ(response.status, 200) << response.error;
    EXPECT_EQ(response.error, "");
    return size;
  }

  int64_t DownloadByGrpc(Sha256* sha256) {
    const auto request = Of<resources::v1::DownloadResourceRequest>(name_);
    const std::unique_ptr<GrpcCall> call = Open(request);
    call->Write(request.SerializeAsString());
    call->WritesDone();
    int64_t size = 0;
    http::v1::BodyChunk chunk;
    while (const std::optional<std::string> message = call->Read()) {
      EXPECT_TRUE(chunk.ParseFromString(*message));
      sha256->Add(chunk.data());
      size += static_cast<int64_t>(chunk.data().size());
    }
    EXPECT_THAT(call->Finish(), Answered());
    return size;
  }

  std::unique_ptr<GrpcCall> Open(const google::protobuf::Message& request) {
    const auto& method = MethodOf(request);
    return grpc_.Open(suite().GrpcAddressOf(method.service()->full_name()),
                      PathOf(method), BearerOf(ada_->caller.token()));
  }

  // Up and down once, over both transports.
  void Carry(int64_t size) {
    for (const Transport transport : {Transport::kHttp, Transport::kGrpc}) {
      Sha256 sent, by_http, by_grpc;
      const uint64_t seed = transport == Transport::kHttp ? 29 : 31;
      transport == Transport::kHttp ? UploadByHttp(seed, size, &sent)
                                    : UploadByGrpc(seed, size, &sent);
      EXPECT_EQ(DownloadByHttp(&by_http), size);
      EXPECT_EQ(DownloadByGrpc(&by_grpc), size);
      const std::string hex = sent.Hex();
      EXPECT_EQ(by_http.Hex(), hex);
      EXPECT_EQ(by_grpc.Hex(), hex);
      EXPECT_EQ(ada_->caller
                    .Call<resources::v1::Resource>(
                        Of<resources::v1::GetResourceRequest>(name_))
                    .content()
                    .sha256(),
                hex);
    }
  }

  void ExpectLittleMemoryFor(int64_t size_mib) {
    Carry(4 * kMib);  // so that buffers and threads are there
    std::map<std::string, Memory> before;
    for (Process* process : suite().processes()) {
      process->ForgetPeakMemory();
      before[process->name()] = process->memory();
    }
    Carry(size_mib * kMib);
    for (const Process* process : suite().processes()) {
      const Memory after = process->memory();
      const int64_t base_kib = before[process->name()].now_kib;
      std::cout << ShapeName(GetParam()) << " " << process->name() << ": "
                << base_kib / 1024 << " MiB before, at most "
                << after.peak_kib / 1024 << " MiB while " << size_mib
                << " MiB passed, " << after.now_kib / 1024 << " MiB after\n";
      EXPECT_GT(base_kib, 0);
      if (kMemoryIsReal) {
        EXPECT_LE(after.peak_kib - base_kib, kGrowthMaxMib * 1024)
            << process->name();
      }
    }
  }

  std::unique_ptr<Person> ada_;
  std::string name_;
  GrpcClient grpc_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, LargeTransferTest, BothShapes(), NameOfShape);

TEST_P(LargeTransferTest, CarriesALargeFileInLittleMemory) {
  ExpectLittleMemoryFor(128);
}

TEST_P(LargeTransferTest, SlowlyCarriesAGibibyteInLittleMemory) {
  const char* slow = std::getenv("PRAXIS_SLOW");
  if (slow == nullptr || std::string(slow) != "1") {
    GTEST_SKIP() << "takes minutes; ./dev test --full runs it";
  }
  ExpectLittleMemoryFor(1024);
}

}  // namespace
}  // namespace praxis::system
