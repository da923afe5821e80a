// Writers: they change things over HTTP, and keep account of it.
#ifndef TESTS_CRASH_WRITER_H_
#define TESTS_CRASH_WRITER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "google/protobuf/message.h"
#include "tests/crash/history.h"
#include "tests/crash/stage.h"
#include "tests/system/caller.h"

namespace praxis::crash {

// What all writers share.
struct Work {
  std::atomic<bool> stop{false};
  std::atomic<int64_t> acked{0};
};

// One client with one connection. Its choices follow from the seed. What gets
// no whole answer, or one that says to try again, is sent again with the same
// request_id, but now and then it is given up.
class Writer {
 public:
  // `index` is its own in this run; even ones join and leave their author's
  // club, too. All outlive it.
  Writer(const system::Suite& suite, Stage& stage, Work& work, int index,
         uint64_t seed);

  // Writes until `work` says stop; what is under way then is ended.
  void Run();
  // The same with files.
  void RunUploads();

  // After Run.
  const History& history() const { return history_; }

 private:
  using Send = std::function<system::Answer()>;

  void Open();
  void Answer();
  void Edit();
  void ComeOrGo();
  void UploadTo(const std::string& resource);
  void RefreshPost(const std::string& name);

  // Sends until there is an answer, and notes what came of it.
  system::Answer Carry(Change change, bool may_give_up, const Send& send);
  system::Answer Carry(Change change, const google::protobuf::Message& request,
                       bool may_give_up = true);

  size_t Choice() { return random_(); }
  bool OneIn(int n) { return random_() % n == 0; }
  std::string NewMarker();
  std::string NewRequestId();

  Stage& stage_;
  Work& work_;
  const int index_;
  Author& author_;
  std::mt19937_64 random_;
  system::Caller caller_;
  History history_;
  int64_t sequence_ = 0;
  bool inside_ = false;
};

}  // namespace praxis::crash

#endif  // TESTS_CRASH_WRITER_H_
