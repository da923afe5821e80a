// Documents that lie on the system, and bytes that are made on the way.
#ifndef TESTS_SYSTEM_DOCUMENTS_H_
#define TESTS_SYSTEM_DOCUMENTS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/system/caller.h"

typedef struct evp_md_ctx_st EVP_MD_CTX;

namespace praxis::system {

// A PDF, else a PNG, from the documentation of the system's packages; the
// largest of at most 4 MiB. The test fails when there is none.
FileToSend SystemDocument();

// SHA-256 of what is added piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Add(absl::string_view bytes);
  // 64 lower-case hexadecimal digits. Nothing may be added any more.
  std::string Hex();

 private:
  EVP_MD_CTX* const context_;
};

std::string Sha256Hex(absl::string_view bytes);

// Bytes that look random and do not compress, the same for the same seed.
class ByteStream {
 public:
  explicit ByteStream(uint64_t seed) : state_(seed) {}

  // Fills `size` bytes; all but the last call in whole 8 bytes.
  void Fill(char* into, size_t size);
  std::string Take(size_t size);

 private:
  uint64_t state_;
};

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_DOCUMENTS_H_
