#include "tests/chaos/load.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tests/system/waiting.h"

namespace praxis::chaos {
namespace {

using system::Answer;
using system::Caller;
using system::In;
using system::Of;
using system::Transport;

int CountOf(const std::map<std::string, int>& failed, absl::string_view kind) {
  int count = 0;
  for (const auto& [what, times] : failed) {
    if (absl::StartsWith(what, kind)) count += times;
  }
  return count;
}

}  // namespace

int Fare::failed_writes() const { return CountOf(failed, "write"); }
int Fare::failed_reads() const { return CountOf(failed, "read"); }

double PercentileMs(std::vector<absl::Duration> times, double share) {
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  const auto at = static_cast<size_t>(share * (times.size() - 1) + 0.5);
  return absl::ToDoubleMilliseconds(times[at]);
}

std::string Summary(const Fare& fare) {
  const auto kind = [](const char* name, const auto& times) {
    return absl::StrFormat("%s %d, p50 %.1f ms, p99 %.1f ms", name,
                           times.size(), PercentileMs(times, 0.5),
                           PercentileMs(times, 0.99));
  };
  const std::string failed =
      absl::StrJoin(fare.failed, ", ", [](std::string* out, const auto& what) {
        absl::StrAppend(out, what.second, " ", what.first);
      });
  return absl::StrCat(kind("reads", fare.reads), "; ",
                      kind("writes", fare.writes),
                      "; failed: ", failed.empty() ? "none" : failed);
}

Load::Load(const system::Suite& suite, int readers, int writers)
    : suite_(suite), ada_(Register(suite, Transport::kHttp, "ada")) {
  community_ = Found(ada_.caller, "square", events::v1::PUBLIC);
  thread_ = Ask(ada_.caller, community_, "A talk", "What is new?").name();
  for (int i = 0; i < readers; ++i) {
    threads_.emplace_back([this] { Read(); });
  }
  for (int i = 0; i < writers; ++i) {
    threads_.emplace_back([this, i] { Write(i); });
  }
}

Load::~Load() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void Load::Read() {
  Caller caller(suite_, Transport::kHttp, ada_.caller.token());
  const auto get = Of<discussions::v1::GetThreadRequest>(thread_);
  const auto who = Of<members::v1::GetCommunityRequest>(community_);
  auto list = In<discussions::v1::ListPostsRequest>(thread_);
  list.set_page_size(10);
  const google::protobuf::Message* const turns[] = {&get, &who, &list};
  for (size_t turn = 0; !stop_; ++turn) {
    const absl::Time sent = absl::Now();
    Note("read", sent, caller.Try(*turns[turn % 3]));
  }
}

void Load::Write(int index) {
  Caller ada(suite_, Transport::kHttp, ada_.caller.token());
  // A thread of its own: posts of one thread are counted in its row.
  const auto thread = Ask(ada, community_, "A diary", "What was today?");
  auto post = In<discussions::v1::CreatePostRequest>(thread.name());
  post.mutable_post()->set_body("Nothing that I know of.");
  for (int i = 0; !stop_; ++i) {
    post.set_request_id(absl::StrCat("post-", index, "-", i));
    const absl::Time sent = absl::Now();
    Note("write", sent, ada.Try(post));
  }
}

void Load::Note(const char* kind, absl::Time sent, const Answer& answer) {
  const absl::Duration took = absl::Now() - sent;
  absl::MutexLock lock(&mutex_);
  (kind[0] == 'r' ? fare_.reads : fare_.writes).push_back(took);
  if (!answer.ok()) {
    ++fare_.failed[absl::StrCat(kind, " ", google::rpc::Code_Name(answer.code),
                                " ", answer.reason)];
  }
}

Fare Load::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(fare_, Fare());
}

void Load::AwaitCalls(size_t reads, size_t writes) const {
  EXPECT_TRUE(system::Eventually(
      [&] {
        absl::MutexLock lock(&mutex_);
        return fare_.reads.size() >= reads && fare_.writes.size() >= writes;
      },
      absl::Minutes(1)));
}

}  // namespace praxis::chaos
