// Paths of requests against routes, held against a search that tries them all;
// and path templates.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "gateway/routes/path_template.h"
#include "gateway/routes/percent.h"
#include "gateway/routes/route_table.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "google/api/http.pb.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"
#include "tests/fuzz/target.h"

namespace praxis::fuzz {
namespace {

using gateway::PathTemplate;
using gateway::Route;
using gateway::RouteMatch;
using gateway::RouteTable;

constexpr const char* kTemplates[] = {
    "/v1/{name=a/*}",        "/v1/{name=a/*/b/*}", "/v1/{name=a/*}:go",
    "/v1/{name=a/*}/b",      "/v1/a/{name}/c",     "/v1/*/b",
    "/v1/f/{name=**}",       "/v1/f/{name=**}:go", "/v1/{left.name=g/**}",
    "/v1/{name}/{left.name}"};

const RouteTable& Table() {
  static const RouteTable& table = *[] {
    static gateway::SchemaSet& schemas = *new gateway::SchemaSet;
    auto* made = new RouteTable;
    for (const char* path : kTemplates) {
      google::api::HttpRule rule;
      rule.set_get(path);
      Expect(made->Add(gateway::testing::Node::descriptor()
                           ->file()
                           ->FindServiceByName("KindService")
                           ->FindMethodByName("GetNode"),
                       rule, &schemas)
                 .ok(),
             "the routes are good");
    }
    return made;
  }();
  return table;
}

// Whether the segments, decoded, are of the template, verb left aside.
bool Fits(const PathTemplate& path, const std::vector<std::string>& segments) {
  for (size_t i = 0; i < path.segments.size(); ++i) {
    const PathTemplate::Segment& segment = path.segments[i];
    if (segment.kind == PathTemplate::Segment::kRest) return true;
    if (i >= segments.size()) return false;
    if (segment.kind == PathTemplate::Segment::kOne
            ? segments[i].empty()
            : segments[i] != segment.literal) {
      return false;
    }
  }
  return segments.size() == path.segments.size();
}

// False if it is wrongly encoded.
bool Decode(absl::string_view path, std::vector<std::string>* segments) {
  for (const absl::string_view raw : absl::StrSplit(path, '/')) {
    segments->emplace_back();
    if (!gateway::AppendDecoded(raw, gateway::Percent::kAll,
                                &segments->back())) {
      return false;
    }
  }
  return true;
}

bool Matches(const PathTemplate& path, absl::string_view text) {
  text.remove_prefix(1);
  if (!path.verb.empty()) {
    const std::string verb = ":" + path.verb;
    if (text.size() < verb.size() ||
        text.substr(text.size() - verb.size()) != verb) {
      return false;
    }
    text.remove_suffix(verb.size());
  }
  std::vector<std::string> segments;
  return Decode(text, &segments) && Fits(path, segments);
}

void CheckPath(absl::string_view path) {
  const absl::StatusOr<RouteMatch> match = Table().Find("GET", path);
  if (!match.ok()) {
    if (ReasonOf(match.status()) == Reason::URL_INVALID) return;
    for (const auto& route : Table().routes()) {
      Expect(!Matches(route->path, path), "no route was overlooked");
    }
    return;
  }
  Expect(match->route != nullptr, "there are only routes of GET");
  Expect(Matches(match->route->path, path), "the route fits");
  Expect(match->captures.size() == match->route->variables.size(),
         "every variable has its text");
}

// "/" + template: whatever is taken is consistent.
void CheckTemplate(absl::string_view text) {
  const absl::StatusOr<PathTemplate> parsed = PathTemplate::Parse(text);
  if (!parsed.ok()) return;
  Expect(!parsed->segments.empty(), "a template has a segment");
  for (const PathTemplate::Variable& variable : parsed->variables) {
    Expect(variable.begin < variable.end &&
               variable.end <= parsed->segments.size(),
           "a variable stands for segments");
  }
  for (size_t i = 0; i + 1 < parsed->segments.size(); ++i) {
    Expect(parsed->segments[i].kind != PathTemplate::Segment::kRest,
           "\"**\" comes last");
  }
}

}  // namespace
}  // namespace praxis::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string path =
      "/" + std::string(reinterpret_cast<const char*>(data), size);
  praxis::fuzz::CheckPath(path);
  praxis::fuzz::CheckTemplate(path);
  return 0;
}
