// Bytes read from a socket and not used up yet.
#ifndef GATEWAY_HTTP_BUFFER_H_
#define GATEWAY_HTTP_BUFFER_H_

#include <cstddef>
#include <cstring>
#include <memory>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// One stretch of memory, filled behind and emptied in front. Views of its
// bytes are good until the next Prepare().
class Buffer {
 public:
  absl::string_view unread() const {
    return absl::string_view(bytes_.get() + begin_, end_ - begin_);
  }
  void Consume(size_t n) { begin_ += n; }

  // Makes room for at least `n` more bytes. Memory is taken at the first call
  // and grows to what was asked for, never beyond.
  void Prepare(size_t n) {
    const size_t kept = end_ - begin_;
    if (kept == 0) begin_ = end_ = 0;
    if (capacity_ - end_ >= n) return;
    if (capacity_ - kept >= n) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, kept);
    } else {
      std::unique_ptr<char[]> larger(new char[kept + n]);
      if (kept > 0) std::memcpy(larger.get(), bytes_.get() + begin_, kept);
      bytes_ = std::move(larger);
      capacity_ = kept + n;
    }
    begin_ = 0;
    end_ = kept;
  }
  char* space() { return bytes_.get() + end_; }
  size_t space_size() const { return capacity_ - end_; }
  // `n` bytes have been written to space().
  void Commit(size_t n) { end_ += n; }

  // Moves what is unread to the end of `other`.
  void MoveTo(Buffer& other) {
    const absl::string_view rest = unread();
    other.Prepare(rest.size());
    if (!rest.empty()) std::memcpy(other.space(), rest.data(), rest.size());
    other.Commit(rest.size());
    begin_ = end_;
  }

  // Gives the memory back; nothing may be unread.
  void Release() {
    bytes_.reset();
    begin_ = end_ = capacity_ = 0;
  }
  bool has_memory() const { return bytes_ != nullptr; }
  size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_BUFFER_H_
