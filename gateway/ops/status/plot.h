// Plot: a small time line, drawn by the server.
#ifndef GATEWAY_OPS_STATUS_PLOT_H_
#define GATEWAY_OPS_STATUS_PLOT_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// One line of a plot.
struct Line {
  std::string name;
  // Told apart by dashes, not by colour.
  bool dashed = false;
  // One a period, the newest last; none where there is nothing to show.
  std::vector<std::optional<double>> values;
};

// Lines over the last hour, over one scale.
struct Plot {
  // A word, for the ids within the page.
  std::string id;
  // What it shows, for those who do not see it: "Requests per second".
  std::string title;
  std::vector<Line> lines;
  // The scale begins at 0 and ends no lower than this; or it is one of powers
  // of ten.
  double top_min = 1;
  bool logarithmic = false;
  // What stands at a tick of the scale, and what a value is read as.
  std::function<std::string(double)> label;
};

// Periods that fit into a plot: half minutes of an hour.
inline constexpr size_t kPlotPeriods = 120;

// HTML: scale, lines as SVG, and hours. Text is not within the SVG, which is
// stretched to whatever width there is. A table for screen readers would read
// 120 numbers; so the description says the least, the greatest and the last.
std::string PlotHtml(const Plot& plot);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_STATUS_PLOT_H_
