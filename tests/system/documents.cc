#include "tests/system/documents.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/system/process.h"

namespace praxis::system {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kDocumentBytesMax = 4 << 20;
// Where packages put what they document themselves with; the last two are of
// packages that building needs, for systems that install no documentation.
constexpr const char* kFolders[] = {"/usr/share/doc", "/usr/share/gitweb",
                                    "/usr/share/cmake-3.25"};

// The largest file below `folder` with this ending and beginning; empty when
// there is none.
std::string Largest(const char* folder, const std::string& ending,
                    absl::string_view magic) {
  std::string largest;
  std::error_code error;
  uintmax_t most = 0;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end;
       at.increment(error)) {
    if (error) break;
    const uintmax_t size =
        at->is_regular_file(error) ? at->file_size(error) : 0;
    if (at->path().extension() != ending || size <= most ||
        size > kDocumentBytesMax) {
      continue;
    }
    std::string bytes = ReadFile(at->path());
    if (!absl::StartsWith(bytes, magic)) continue;
    most = size;
    largest = at->path();
  }
  return largest;
}

FileToSend FindDocument() {
  for (const char* folder : kFolders) {
    std::string path = Largest(folder, ".pdf", "%PDF-");
    if (!path.empty()) {
      return {fs::path(path).filename(), "application/pdf", ReadFile(path)};
    }
    path = Largest(folder, ".png", "\x89PNG");
    if (!path.empty()) {
      return {fs::path(path).filename(), "image/png", ReadFile(path)};
    }
  }
  ADD_FAILURE() << "no package has installed a PDF or PNG below "
                   "/usr/share/doc, /usr/share/gitweb or /usr/share/cmake-3.25";
  return {};
}

}  // namespace

FileToSend SystemDocument() {
  static const FileToSend& document = *new FileToSend(FindDocument());
  return document;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_, EVP_sha256(), nullptr);
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::Add(absl::string_view bytes) {
  EVP_DigestUpdate(context_, bytes.data(), bytes.size());
}

std::string Sha256::Hex() {
  std::string digest(32, '\0');
  EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(digest.data()),
                     nullptr);
  return absl::BytesToHexString(digest);
}

std::string Sha256Hex(absl::string_view bytes) {
  Sha256 sha256;
  sha256.Add(bytes);
  return sha256.Hex();
}

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", 2014): enough to be unlike itself, and faster than a disk.
void ByteStream::Fill(char* into, size_t size) {
  while (size > 0) {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t word = state_;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    word ^= word >> 31;
    const size_t n = std::min(size, sizeof(word));
    std::memcpy(into, &word, n);
    into += n;
    size -= n;
  }
}

std::string ByteStream::Take(size_t size) {
  std::string bytes(size, '\0');
  Fill(bytes.data(), size);
  return bytes;
}

}  // namespace praxis::system
