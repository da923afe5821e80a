#include "services/common/telemetry/trace.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace praxis::telemetry {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";

std::string Header(absl::string_view version, absl::string_view trace,
                   absl::string_view span, absl::string_view flags) {
  return absl::StrCat(version, "-", trace, "-", span, "-", flags);
}

TEST(TraceContextTest, ReadsAndWritesAHeader) {
  const std::string header = Header("00", kTrace, kSpan, "01");
  const auto context = TraceContext::Parse(header);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace_id[0], 0x4b);
  EXPECT_EQ(context->span_id[7], 0xb7);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->Traceparent().view(), header);
  EXPECT_EQ(context->TraceId().view(), kTrace);
}

TEST(TraceContextTest, PassesOnOnlyTheFlagItKnows) {
  const auto context = TraceContext::Parse(Header("00", kTrace, kSpan, "fe"));
  ASSERT_TRUE(context.has_value());
  EXPECT_FALSE(context->sampled);
  EXPECT_EQ(context->Traceparent().view(), Header("00", kTrace, kSpan, "00"));
}

TEST(TraceContextTest, ReadsWhatItKnowsOfALaterVersion) {
  EXPECT_TRUE(TraceContext::Parse(Header("cc", kTrace, kSpan, "01")));
  EXPECT_TRUE(
      TraceContext::Parse(Header("cc", kTrace, kSpan, "01-what-comes")));
  EXPECT_FALSE(TraceContext::Parse(Header("cc", kTrace, kSpan, "01.x")));
  EXPECT_EQ(TraceContext::Parse(Header("cc", kTrace, kSpan, "01-x"))
                ->Traceparent()
                .view(),
            Header("00", kTrace, kSpan, "01"));
}

TEST(TraceContextTest, RefusesWhatTheStandardRefuses) {
  const std::string zero_trace(32, '0');
  const std::string zero_span(16, '0');
  for (const std::string& header : {
           std::string(),
           std::string("00"),
           Header("ff", kTrace, kSpan, "01"),
           Header("0X", kTrace, kSpan, "01"),
           Header("00", zero_trace, kSpan, "01"),
           Header("00", kTrace, zero_span, "01"),
           Header("00", "4BF92F3577B34DA6A3CE929D0E0E4736", kSpan, "01"),
           Header("00", kTrace, "00f067aa0ba902g7", "01"),
           Header("00", kTrace, kSpan, "0"),
           Header("00", kTrace, kSpan, "0z"),
           Header("00", kTrace, kSpan, "01-"),
           Header("00", kTrace, kSpan, "01 "),
           Header("00", kTrace, kSpan, "01\n"),
           absl::StrCat(" ", Header("00", kTrace, kSpan, "01")),
           absl::StrCat("00_", kTrace, "-", kSpan, "-01"),
           absl::StrCat("00-", kTrace, "_", kSpan, "-01"),
           absl::StrCat("00-", kTrace, "-", kSpan, "_01"),
       }) {
    EXPECT_FALSE(TraceContext::Parse(header).has_value()) << header;
  }
}

TEST(TraceContextTest, RefusesAHeaderCutShortAnywhere) {
  const std::string header = Header("00", kTrace, kSpan, "01");
  for (size_t length = 0; length < header.size(); ++length) {
    EXPECT_FALSE(TraceContext::Parse(header.substr(0, length))) << length;
  }
}

TEST(TraceContextTest, RefusesAnyByteThatIsNotHexInAnyPlace) {
  const std::string header = Header("00", kTrace, kSpan, "01");
  for (size_t i = 0; i < header.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      const char c = static_cast<char>(byte);
      if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) continue;
      if (c == header[i]) continue;
      std::string changed = header;
      changed[i] = c;
      EXPECT_FALSE(TraceContext::Parse(changed)) << i << " " << byte;
    }
  }
}

TEST(TraceContextTest, StartsTracesThatDiffer) {
  const TraceContext one = TraceContext::Start(true);
  const TraceContext other = TraceContext::Start(true);
  EXPECT_NE(one.trace_id, other.trace_id);
  EXPECT_NE(one.span_id, other.span_id);
  EXPECT_TRUE(TraceContext::Parse(one.Traceparent().view()).has_value());
}

TEST(TraceContextTest, GivesAChildASpanOfItsOwn) {
  const TraceContext parent = TraceContext::Start(true);
  const TraceContext child = parent.Child();
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  EXPECT_TRUE(child.sampled);
}

}  // namespace
}  // namespace praxis::telemetry
