#include "gateway/ops/status/plot.h"

#include <string>
#include <vector>

#include "gateway/ops/status/wording.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Plot Of(std::vector<std::optional<double>> values) {
  return {.id = "x",
          .title = "Books",
          .lines = {{.name = "Books", .values = std::move(values)}},
          .label = Rounded};
}

std::string ScaleOf(const std::string& html) {
  const size_t begin = html.find("<li>");
  return html.substr(begin, html.find("</ol>") - begin);
}

TEST(PlotTest, IsEmptyBeforeThereIsAnything) {
  const std::string html = PlotHtml(Of({}));
  EXPECT_THAT(html, HasSubstr("<desc id=\"x-d\">Nothing yet.</desc>"));
  EXPECT_THAT(html, HasSubstr("<path class=\"line\" d=\"\"/>"));
  EXPECT_THAT(html, Not(HasSubstr("class=\"dot\"")));
  EXPECT_EQ(ScaleOf(html), "<li>1</li><li>0.5</li><li>0</li>");
}

TEST(PlotTest, EndsAtTheRightWithTheNewest) {
  const std::string html = PlotHtml(Of({0, 5, 10}));
  EXPECT_EQ(ScaleOf(html), "<li>10</li><li>5</li><li>0</li>");
  EXPECT_THAT(html, HasSubstr("class=\"line\" d=\"M1175 100.0h0L1185 50.0"
                              "L1195 0.0\""));
  EXPECT_THAT(html, HasSubstr("class=\"area\" d=\"M1175 100.0L1185 50.0"
                              "L1195 0.0V100H1175Z\""));
  EXPECT_THAT(html, HasSubstr("class=\"dot\" d=\"M1195 0.0h0\""));
  EXPECT_THAT(html, HasSubstr("Books from 0 to 10, now 10."));
}

TEST(PlotTest, BreaksTheLineWhereThereIsNothing) {
  Plot plot = Of({1, std::nullopt, 2, std::nullopt});
  plot.lines.push_back({.name = "Films", .dashed = true, .values = {1, 1}});
  const std::string html = PlotHtml(plot);
  EXPECT_THAT(html, HasSubstr("d=\"M1165 50.0h0M1185 0.0h0\""));
  EXPECT_THAT(html, HasSubstr("Books from 1 to 2; Films from 1 to 1, now 1."));
  EXPECT_THAT(html, HasSubstr("class=\"line dashed\""));
  // Two lines are not filled.
  EXPECT_THAT(html, Not(HasSubstr("class=\"area\"")));
}

TEST(PlotTest, HasAScaleOfRoundNumbers) {
  EXPECT_EQ(ScaleOf(PlotHtml(Of({3}))), "<li>5</li><li>2.5</li><li>0</li>");
  EXPECT_EQ(ScaleOf(PlotHtml(Of({12}))), "<li>20</li><li>10</li><li>0</li>");
  EXPECT_EQ(ScaleOf(PlotHtml(Of({0.1}))), "<li>1</li><li>0.5</li><li>0</li>");
}

TEST(PlotTest, MayHaveAScaleOfPowersOfTen) {
  Plot plot = Of({0.3, 40});
  plot.logarithmic = true;
  EXPECT_EQ(ScaleOf(PlotHtml(plot)),
            "<li>100</li><li>10</li><li>1</li><li>0.1</li>");
  EXPECT_THAT(PlotHtml(plot), HasSubstr("M1185 84.1h0L1195 13.3"));
  plot.lines[0].values = {5};
  EXPECT_EQ(ScaleOf(PlotHtml(plot)), "<li>10</li><li>1</li>");
  plot.lines[0].values = {0.01, 10'000};
  EXPECT_EQ(ScaleOf(PlotHtml(plot)),
            "<li>10\u202f000</li><li>100</li><li>1</li><li>0.01</li>");
  plot.lines[0].values = {};
  EXPECT_EQ(ScaleOf(PlotHtml(plot)), "<li>10</li><li>1</li>");
}

TEST(PlotTest, EscapesWhatItIsGiven) {
  Plot plot = Of({1});
  plot.title = "<b>";
  plot.lines[0].name = "<i>";
  const std::string html = PlotHtml(plot);
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
  EXPECT_THAT(html, Not(HasSubstr("<i>")));
}

}  // namespace
}  // namespace praxis::gateway
