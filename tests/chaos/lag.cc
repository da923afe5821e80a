#include "tests/chaos/lag.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/system/http_client.h"
#include "tests/system/waiting.h"

namespace praxis::chaos {
namespace {

using system::Transport;

constexpr char kPosition[] = "praxis_access_position";
constexpr char kMembers[] = "services/members";

}  // namespace

std::optional<double> MetricOf(int port, const std::string& name) {
  const system::HttpResponse response =
      system::HttpClient(port).Get("/metrics");
  for (const absl::string_view line : absl::StrSplit(response.body, '\n')) {
    if (!absl::StartsWith(line, name)) continue;
    double value = 0;
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (absl::SimpleAtod(words.back(), &value)) return value;
  }
  return std::nullopt;
}

Newsmaker::Newsmaker(const system::Suite& suite)
    : suite_(suite),
      ada_(Register(suite, Transport::kHttp, "ada")),
      bob_(Register(suite, Transport::kHttp, "bob")),
      service_(ServiceOf(suite, "services/discussions")) {}

std::optional<absl::Duration> Newsmaker::MakeNews(const std::string& part,
                                                  absl::Duration limit) {
  const std::string community = Found(ada_.caller, "news", events::v1::PRIVATE);
  Join(bob_.caller, community);
  const absl::Time answered = absl::Now();
  events::v1::ReadEventsRequest request;
  request.set_source(kMembers);
  request.set_page_size(1);
  const auto newest = static_cast<double>(
      service_.Call<events::v1::ReadEventsResponse>(request).latest());
  const int port = suite_.metrics_port(part);
  const bool applied = system::Eventually(
      [&] { return MetricOf(port, kPosition).value_or(0) >= newest; }, limit);
  if (!applied) return std::nullopt;
  return absl::Now() - answered;
}

}  // namespace praxis::chaos
