#include "services/common/redis/reply.h"

#include "absl/strings/str_cat.h"

namespace praxis::redis {

void Commands::Add(Command command) {
  absl::StrAppend(&bytes_, "*", command.size(), "\r\n");
  for (const absl::string_view argument : command) {
    absl::StrAppend(&bytes_, "$", argument.size(), "\r\n", argument, "\r\n");
  }
  ++size_;
}

}  // namespace praxis::redis
