// The style of the status page.
#ifndef GATEWAY_OPS_STATUS_STYLE_H_
#define GATEWAY_OPS_STATUS_STYLE_H_

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// CSS. Text has a contrast of at least 4.5 to its ground in both schemes, and
// nothing is told by colour alone.
inline constexpr absl::string_view kStatusStyle = R"css(
:root {
  color-scheme: light dark;
  --ground: #fcfbf9; --card: #fff; --ink: #1c1d1f; --quiet: #5c6066;
  --rule: #e6e3dd; --line: #2a5f8f; --area: #2a5f8f1a; --bad: #a8321f;
  --badground: #a8321f14; --good: #2e6b4a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #141518; --card: #1a1c20; --ink: #e9e7e2; --quiet: #a3a7ae;
    --rule: #2d3036; --line: #8db9e2; --area: #8db9e21f; --bad: #f0a08f;
    --badground: #f0a08f1f; --good: #8fcbaa;
  }
}
* { box-sizing: border-box; margin: 0; padding: 0; }
html { -webkit-text-size-adjust: 100%; }
body {
  background: var(--ground); color: var(--ink);
  font: 400 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto,
        "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
  max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.5rem 3rem;
}
a { color: inherit; text-underline-offset: .2em;
    text-decoration-color: var(--quiet); }
a:focus-visible { outline: 2px solid var(--line); outline-offset: 3px; }
header { display: flex; flex-wrap: wrap; gap: .25rem 2rem;
         align-items: baseline; justify-content: space-between; }
h1 { font-size: 1.75rem; font-weight: 600; letter-spacing: -.015em;
     line-height: 1.25; }
h1 .mark { width: .8em; height: .8em; margin-right: .45em; }
.about, .foot { color: var(--quiet); font-size: .875rem; }
.lead { color: var(--quiet); margin-top: .35rem; max-width: 44rem; }
h2 { font-size: .875rem; font-weight: 600; color: var(--quiet); }
.plots { display: grid; gap: 1rem; margin: 2rem 0 2.5rem;
         grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
.card { background: var(--card); border: 1px solid var(--rule);
        border-radius: .6rem; padding: 1rem 1.15rem .85rem; min-width: 0; }
.plots .card { display: flex; flex-direction: column; }
.plots .plot { margin-top: auto; }
.now { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline;
       margin: .1rem 0 .9rem; }
.now b { color: var(--ink); font-size: 1.5rem; font-weight: 600; letter-spacing: -.02em;
         line-height: 1.2; }
.now span { color: var(--quiet); font-size: .875rem; white-space: nowrap; }
.key { width: 1.6em; height: .6em; margin-right: .35em; vertical-align: .05em; }
.plot { display: grid; grid-template: 7.5rem auto / auto 1fr; gap: .45rem .6rem;
        font-size: .75rem; color: var(--quiet); }
.plot ol { list-style: none; display: flex; justify-content: space-between; }
.plot svg { width: 100%; height: 100%; overflow: visible; }
.scale { flex-direction: column; text-align: right; }
.scale li { height: 0; line-height: 0; white-space: nowrap; }
.hours { grid-column: 2; }
path { vector-effect: non-scaling-stroke; fill: none; stroke-linejoin: round;
       stroke-linecap: round; }
.grid { stroke: var(--rule); stroke-width: 1; }
.line { stroke: var(--line); stroke-width: 1.75; }
.dashed { stroke-dasharray: 1 4; stroke-width: 2; }
.area { fill: var(--area); }
.dot { stroke: var(--line); stroke-width: 6; }
table { width: 100%; border-collapse: collapse; margin-top: .6rem; }
th, td { text-align: left; font-weight: 400; font-size: .9375rem;
         padding: .28rem 1.25rem .28rem 0;
         border-top: 1px solid var(--rule); vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--quiet); font-size: .8125rem;
           padding-top: 0; }
tbody th { padding-left: 1.1rem; color: var(--quiet); white-space: nowrap; }
tbody .whole th { padding-left: 0; color: var(--ink); font-weight: 600; }
tbody .whole > * { padding-top: .7rem; }
small { color: var(--quiet); font-size: .8125rem; font-weight: 400; }
.number { text-align: right; white-space: nowrap; }
.state { white-space: nowrap; }
.mark { width: .7em; height: .7em; margin-right: .5em; vertical-align: -.02em; }
.mark path, .mark circle { fill: var(--good); stroke: none; }
.bad .mark path { fill: var(--bad); }
.bad .word { color: var(--bad); font-weight: 600; }
.bad td { background: var(--badground); }
.bad th { background: var(--badground); }
td .why { display: block; color: var(--ink); white-space: normal; }
.strip { width: 9rem; height: .75rem; vertical-align: middle; }
.strip .hour { fill: var(--rule); }
.strip .known { fill: var(--good); }
.strip .down { fill: var(--bad); }
.foot { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: 2rem; }
@media (max-width: 46rem) {
  body { padding: 1.5rem 1rem 2rem; }
  h1 { font-size: 1.375rem; }
  .plots { margin: 1.25rem 0 1.75rem; gap: .75rem; }
  .card { padding: .85rem .9rem .7rem; }
  .wide, th small { display: none; }
  th, td { padding-right: .4rem; font-size: .8125rem; }
  .number { white-space: normal; }
  tbody th { padding-left: .6rem; }
}
)css";

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_STATUS_STYLE_H_
