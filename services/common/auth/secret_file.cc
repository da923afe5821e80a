#include "services/common/auth/secret_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/common/auth/encoding.h"
#include "services/common/status/status.h"

namespace praxis::auth {
namespace {

constexpr size_t kBytesMax = 64 << 10;
constexpr size_t kKeyBytes = 32;

// Without a reason of ours: such a failure ends the start and reaches no
// caller.
absl::Status Failure(const char* what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot ", what, " ", path));
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failure("open", path);
  const absl::Cleanup close_file = [fd] { close(fd); };
  std::string content(kBytesMax + 1, '\0');
  size_t length = 0;
  while (length < content.size()) {
    const ssize_t got =
        read(fd, content.data() + length, content.size() - length);
    if (got == 0) break;
    if (got > 0) {
      length += static_cast<size_t>(got);
    } else if (errno != EINTR) {
      return Failure("read", path);
    }
  }
  if (length > kBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is too large to be a secret"));
  }
  content.resize(length);
  return content;
}

absl::Status WriteAndSync(int fd, absl::string_view content,
                          const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written > 0) {
      content.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return Failure("write", path);
    }
  }
  if (fsync(fd) != 0) return Failure("sync", path);
  return absl::OkStatus();
}

// Makes the file unless there is one by now. A hard link, unlike a rename, does
// not replace what another process has just made.
absl::Status MakeFile(const std::string& path, absl::string_view content) {
  const std::filesystem::path parent =
      std::filesystem::path(path).parent_path();
  const std::string folder =
      parent.empty() ? std::string(".") : parent.string();
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // Mode 0600.
  if (fd < 0) return Failure("make a file beside", path);
  const absl::Cleanup tidy = [&] {
    close(fd);
    unlink(temporary.c_str());
  };
  // The content is on disk before the name is, and the name before we answer.
  RETURN_IF_ERROR(WriteAndSync(fd, content, temporary));
  if (link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    return Failure("make", path);
  }
  const int folder_fd =
      open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0) return Failure("open", folder);
  const absl::Cleanup close_folder = [folder_fd] { close(folder_fd); };
  if (fsync(folder_fd) != 0) return Failure("sync", folder);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadOrMakeSecretFile(
    const std::string& path, const std::function<std::string()>& make) {
  absl::StatusOr<std::string> content = ReadFile(path);
  if (content.ok() || !absl::IsNotFound(content.status())) return content;
  RETURN_IF_ERROR(MakeFile(path, make()));
  return ReadFile(path);
}

absl::StatusOr<std::string> ReadOrMakeHexKey(const std::string& path) {
  InitSodium();
  ASSIGN_OR_RETURN(std::string content, ReadOrMakeSecretFile(path, [] {
                     std::string key(kKeyBytes, '\0');
                     randombytes_buf(key.data(), key.size());
                     return absl::BytesToHexString(key) + "\n";
                   }));
  absl::StripAsciiWhitespace(&content);
  bool hex = content.size() == 2 * kKeyBytes;
  for (const unsigned char c : content) hex = hex && absl::ascii_isxdigit(c);
  if (!hex) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " does not hold 64 hex digits; remove it to have it made anew"));
  }
  return content;
}

}  // namespace praxis::auth
