// Keeps unary gRPC calls under way for some seconds and prints what it saw as
// one line of JSON.
//
//   grpc_load --target=127.0.0.1:8081 --path=/package.Service/Method
//             --request=HEX [--token=T] [--in_flight=64] [--seconds=2]
//
// One channel, so one connection, as the gateway has to each service. A call
// that fails ends the program with 1; so does an answer of another size than
// the first.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"

namespace praxis::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Of which latencies are kept; far more than a run of some seconds makes.
constexpr int64_t kCallsMax = 8'000'000;

struct Options {
  std::string target;
  std::string path;
  std::string request;
  std::string token;
  int in_flight = 64;
  double seconds = 2;
};

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "grpc_load: %s\n", why.c_str());
  std::exit(1);
}

Options ParseFlags(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    absl::string_view value = argv[i];
    const auto is = [&value](absl::string_view flag) {
      return absl::ConsumePrefix(&value, flag);
    };
    bool good = true;
    if (is("--target=")) {
      options.target = std::string(value);
    } else if (is("--path=")) {
      options.path = std::string(value);
    } else if (is("--request=")) {
      options.request = absl::HexStringToBytes(value);
    } else if (is("--token=")) {
      options.token = std::string(value);
    } else if (is("--in_flight=")) {
      good = absl::SimpleAtoi(value, &options.in_flight);
    } else if (is("--seconds=")) {
      good = absl::SimpleAtod(value, &options.seconds);
    } else {
      good = false;
    }
    if (!good) Die(absl::StrCat("what is ", argv[i], "?"));
  }
  if (options.target.empty() || options.path.empty()) Die("see grpc_load.cc");
  return options;
}

// Calls one method over and over, each answer beginning the next call.
class Load {
 public:
  explicit Load(Options options)
      : options_(std::move(options)),
        stub_(grpc::CreateChannel(options_.target,
                                  grpc::InsecureChannelCredentials())),
        latencies_us_(kCallsMax) {
    grpc::Slice slice(options_.request);
    request_ = grpc::ByteBuffer(&slice, 1);
  }

  // Runs to the end and prints.
  void Run() {
    begin_ = Clock::now();
    end_ = begin_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(options_.seconds));
    running_ = options_.in_flight;
    for (int i = 0; i < options_.in_flight; ++i) Next();
    all_done_.WaitForNotification();
    Print();
  }

 private:
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer response;
    Clock::time_point begin;
  };

  void Next() {
    auto* call = new Call;
    call->begin = Clock::now();
    if (call->begin >= end_) {
      delete call;
      if (--running_ == 0) all_done_.Notify();
      return;
    }
    call->context.set_deadline(std::chrono::system_clock::now() +
                               std::chrono::seconds(5));
    if (!options_.token.empty()) {
      call->context.AddMetadata("authorization",
                                absl::StrCat("Bearer ", options_.token));
    }
    stub_.UnaryCall(&call->context, options_.path, {}, &request_,
                    &call->response, [this, call](const grpc::Status& status) {
                      OnDone(*call, status);
                      delete call;
                      Next();
                    });
  }

  void OnDone(const Call& call, const grpc::Status& status) {
    if (!status.ok()) {
      Die(absl::StrCat(status.error_code(), ": ", status.error_message()));
    }
    const auto bytes = static_cast<int64_t>(call.response.Length());
    int64_t none = -1;
    if (!response_bytes_.compare_exchange_strong(none, bytes) &&
        none != bytes) {
      Die(absl::StrCat("an answer of ", bytes, " bytes after one of ", none));
    }
    const int64_t slot = calls_.fetch_add(1);
    if (slot < kCallsMax) {
      latencies_us_[slot] =
          std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() -
                                                                call.begin)
              .count();
    }
  }

  void Print() {
    const double seconds =
        std::chrono::duration<double>(Clock::now() - begin_).count();
    latencies_us_.resize(std::min(calls_.load(), kCallsMax));
    std::sort(latencies_us_.begin(), latencies_us_.end());
    std::printf(
        "{\"calls\":%lld,\"seconds\":%.6f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
        "\"response_bytes\":%lld}\n",
        static_cast<long long>(calls_), seconds, Percentile(50), Percentile(99),
        static_cast<long long>(response_bytes_));
  }

  // In milliseconds, of the sorted latencies.
  double Percentile(int percent) const {
    if (latencies_us_.empty()) return 0;
    return latencies_us_[(latencies_us_.size() - 1) * percent / 100] / 1000.0;
  }

  const Options options_;
  grpc::GenericStub stub_;
  grpc::ByteBuffer request_;
  Clock::time_point begin_;
  Clock::time_point end_;
  std::atomic<int> running_ = 0;
  std::atomic<int64_t> calls_ = 0;
  std::atomic<int64_t> response_bytes_ = -1;
  std::vector<uint32_t> latencies_us_;
  absl::Notification all_done_;
};

}  // namespace
}  // namespace praxis::bench

int main(int argc, char** argv) {
  praxis::bench::Load load(praxis::bench::ParseFlags(argc, argv));
  load.Run();
  return 0;
}
