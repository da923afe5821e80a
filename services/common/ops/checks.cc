#include "services/common/ops/checks.h"

#include <string>

#include "services/common/status/status.h"

namespace praxis::ops {

Check CheckOf(sql::Database& database) {
  return {"database", [&](Numbers*) { return database.Check(); }};
}

Check CheckOf(const events::Log& log) {
  return {"events", [&](Numbers* numbers) {
            // In this order: it never seems to have published what is not
            // there.
            const int64_t published = log.published();
            if (published > 0) (*numbers)["published"] = published;
            (*numbers)["latest"] = log.latest();
            return absl::OkStatus();
          }};
}

Check CheckOf(const access::Projection& projection, absl::string_view source) {
  return {"access",
          [&projection, name = std::string(source)](Numbers* numbers) {
            (*numbers)[name] = projection.position();
            if (projection.IsCurrent()) return absl::OkStatus();
            return Error(errors::v1::ACCESS_UNKNOWN,
                         "It holds no lease, so it shows nothing private.");
          }};
}

}  // namespace praxis::ops
