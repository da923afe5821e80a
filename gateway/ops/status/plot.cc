#include "gateway/ops/status/plot.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gateway/ops/status/wording.h"

namespace praxis::gateway {
namespace {

// The SVG's own units; it is stretched to the page's.
constexpr double kWidth = 1200;
constexpr double kHeight = 100;
constexpr int kTicksMax = 5;

// A scale, as equal steps from bottom to top.
struct Scale {
  // What stands at each tick, from the bottom.
  std::vector<double> ticks;
  bool logarithmic = false;

  // 0 at the top, kHeight at the bottom.
  double At(double value) const {
    double low = ticks.front();
    double high = ticks.back();
    if (logarithmic) {
      low = std::log10(low);
      high = std::log10(high);
      value = std::log10(std::max(value, ticks.front()));
    }
    const double share = (value - low) / (high - low);
    return kHeight * (1 - std::clamp(share, 0.0, 1.0));
  }
};

struct Extent {
  double least = 0;
  double greatest = 0;
  bool empty = true;
};

Extent ExtentOf(const std::vector<Line>& lines) {
  Extent extent;
  for (const Line& line : lines) {
    for (const std::optional<double>& value : line.values) {
      if (!value.has_value()) continue;
      extent.least = extent.empty ? *value : std::min(extent.least, *value);
      extent.greatest = std::max(extent.greatest, *value);
      extent.empty = false;
    }
  }
  return extent;
}

// The least of 1, 2 and 5 times a power of ten that is not below `value`.
double RoundUp(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * power >= value * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

Scale LinearScale(double top) { return {.ticks = {0, top / 2, top}}; }

// Whole powers of ten around what there is, not more than fit.
Scale LogarithmicScale(const Extent& extent) {
  const double least = extent.empty ? 1 : std::max(extent.least, 1e-9);
  const double greatest = std::max(extent.greatest, least);
  auto low = static_cast<int>(std::floor(std::log10(least)));
  const auto high =
      std::max(low + 1, static_cast<int>(std::ceil(std::log10(greatest))));
  const int step = (high - low + kTicksMax - 2) / (kTicksMax - 1);
  low = high - (high - low + step - 1) / step * step;
  Scale scale{.logarithmic = true};
  for (int power = low; power <= high; power += step) {
    scale.ticks.push_back(std::pow(10, power));
  }
  return scale;
}

// The middle of a period's place; the newest is at the right.
double Left(size_t index, size_t count) {
  const double step = kWidth / kPlotPeriods;
  return kWidth - (static_cast<double>(count - index) - 0.5) * step;
}

std::string Point(const Scale& scale, size_t index, size_t count,
                  double value) {
  return absl::StrFormat("%.0f %.1f", Left(index, count), scale.At(value));
}

// Where there is nothing to show, the line is broken; a value alone is a dot.
std::string PathOf(const Line& line, const Scale& scale) {
  std::string path;
  bool down = false;
  for (size_t i = 0; i < line.values.size(); ++i) {
    const std::optional<double>& value = line.values[i];
    if (value.has_value()) {
      absl::StrAppend(&path, down ? "L" : "M",
                      Point(scale, i, line.values.size(), *value));
      if (!down) path += "h0";
    }
    down = value.has_value();
  }
  return path;
}

// The same, down to the bottom.
std::string AreaOf(const Line& line, const Scale& scale) {
  std::string path;
  const size_t count = line.values.size();
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&path, i == 0 ? "M" : "L",
                    Point(scale, i, count, line.values[i].value_or(0)));
  }
  if (path.empty()) return path;
  return absl::StrFormat("%sV%.0fH%.0fZ", path, kHeight, Left(0, count));
}

std::string LineSvg(const Line& line, const Scale& scale, bool filled) {
  std::string svg;
  if (filled) {
    absl::StrAppend(&svg, "<path class=\"area\" d=\"", AreaOf(line, scale),
                    "\"/>");
  }
  absl::StrAppend(&svg, "<path class=\"line", line.dashed ? " dashed" : "",
                  "\" d=\"", PathOf(line, scale), "\"/>");
  // Where it is now: a dot, which a stretched circle would not be.
  if (!line.values.empty() && line.values.back().has_value()) {
    absl::StrAppend(&svg, "<path class=\"dot\" d=\"M",
                    Point(scale, line.values.size() - 1, line.values.size(),
                          *line.values.back()),
                    "h0\"/>");
  }
  return svg;
}

std::string Description(const Plot& plot) {
  std::string text;
  for (const Line& line : plot.lines) {
    const Extent extent = ExtentOf({line});
    if (extent.empty) continue;
    absl::StrAppend(&text, text.empty() ? "" : "; ", line.name, " from ",
                    plot.label(extent.least), " to ",
                    plot.label(extent.greatest));
    if (line.values.back().has_value()) {
      absl::StrAppend(&text, ", now ", plot.label(*line.values.back()));
    }
  }
  return text.empty() ? "Nothing yet." : text + ".";
}

}  // namespace

std::string PlotHtml(const Plot& plot) {
  const Extent extent = ExtentOf(plot.lines);
  const Scale scale =
      plot.logarithmic
          ? LogarithmicScale(extent)
          : LinearScale(RoundUp(std::max(extent.greatest, plot.top_min)));
  std::string html =
      "<div class=\"plot\"><ol class=\"scale\" aria-hidden=\"true\">";
  for (auto tick = scale.ticks.rbegin(); tick != scale.ticks.rend(); ++tick) {
    absl::StrAppend(&html, "<li>", Escaped(plot.label(*tick)), "</li>");
  }
  absl::StrAppend(&html, "</ol><svg role=\"img\" aria-labelledby=\"", plot.id,
                  "-t ", plot.id, "-d\" viewBox=\"0 0 ", kWidth, " ", kHeight,
                  "\" preserveAspectRatio=\"none\"><title id=\"", plot.id,
                  "-t\">", Escaped(plot.title),
                  ", last hour</title><desc id=\"", plot.id, "-d\">",
                  Escaped(Description(plot)), "</desc>");
  const auto steps = static_cast<double>(scale.ticks.size() - 1);
  for (size_t i = 0; i < scale.ticks.size(); ++i) {
    const double y = kHeight * static_cast<double>(i) / steps;
    absl::StrAppend(&html, "<path class=\"grid\" d=\"M0 ", y, "H", kWidth,
                    "\"/>");
  }
  for (const Line& line : plot.lines) {
    html += LineSvg(line, scale, plot.lines.size() == 1);
  }
  return html +
         "</svg><ol class=\"hours\" aria-hidden=\"true\"><li>60 min ago</li>"
         "<li>30 min</li><li>now</li></ol></div>";
}

}  // namespace praxis::gateway
