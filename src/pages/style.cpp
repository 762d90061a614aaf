#include "src/pages/style.h"

namespace latentreel::report {

// Series colours: Okabe and Ito's palette, darker for a light page and lighter for a dark one, each
// at least 3 to 1 against its background. Lines differ in dashes too.
const char* const kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f5f6f8; --ink: #1b1f24; --quiet: #59626d; --rule: #d9dde2;
  --hold: #e9ecf0; --problem: #a8321d; --hint: #0a5f9e; --good: #1c6b47;
  --s1: #0067a8; --s2: #c24e00; --s3: #00805e; --s4: #a8457f; --s5: #8f6a00; --s6: #5b5bd0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --panel: #1d2126; --ink: #e8eaed; --quiet: #a2abb5; --rule: #363c44;
    --hold: #262b32; --problem: #ff9a80; --hint: #7cc0f5; --good: #6fd3a4;
    --s1: #63b3ee; --s2: #ff9450; --s3: #3ccfa3; --s4: #eb9ccb; --s5: #e8c04a; --s6: #aaa9ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 24px 56px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 0 0 12px; }
h3 { font-size: 17px; margin: 0; }
section { margin-top: 40px; }
p { margin: 0; }
.lede { margin-top: 4px; color: var(--quiet); overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-weight: normal; }
.good { color: var(--good); font-weight: 600; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 20px; }
.tile { flex: 1 1 128px; background: var(--panel); border-radius: 8px; padding: 12px 16px; }
.tile b { display: block; font-size: 22px; line-height: 1.25; white-space: nowrap; }
.tile span { color: var(--quiet); font-size: 13px; }
.findings { list-style: none; margin: 0; padding: 0; display: grid; gap: 8px; }
.findings li { display: flex; gap: 14px; align-items: baseline; background: var(--panel);
  border-left: 4px solid var(--quiet); border-radius: 4px 8px 8px 4px; padding: 10px 16px;
  overflow-wrap: anywhere; }
.findings .problem { border-color: var(--problem); }
.findings .hint { border-color: var(--hint); }
.tag { flex: 0 0 62px; font-size: 13px; font-weight: 700; color: var(--quiet); }
.problem .tag { color: var(--problem); }
.hint .tag { color: var(--hint); }
.try { color: var(--quiet); }
figure { margin: 0; }
.chart { margin-top: 16px; overflow-x: auto; }
.chart > figcaption { max-width: 80ch; margin-bottom: 8px; }
.chart > svg { display: block; width: 100%; height: auto; }
.legend { list-style: none; margin: 4px 0 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: 2px 22px; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 8px; overflow-wrap: anywhere; }
.swatch { flex: none; width: 28px; height: 10px; }
svg text { fill: var(--ink); font-size: 13px; }
svg .value { fill: var(--quiet); }
svg .mark-label { font-weight: 700; }
svg path { fill: none; }
.axis, .tick { stroke: var(--quiet); }
.grid { stroke: var(--rule); }
.mark { stroke: var(--quiet); stroke-dasharray: 2 3; }
.mark.own { stroke: var(--ink); stroke-dasharray: none; stroke-width: 2; }
.hold { fill: var(--hold); }
.row { fill: var(--panel); }
.line { stroke: var(--c); stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.line.strong { stroke-width: 2.6; }
.line.faint { stroke-width: 1.2; opacity: 0.45; }
.lead { stroke: var(--c); stroke-width: 1.4; }
.band { fill: var(--c); }
svg .band-label { fill: var(--page); font-weight: 700; font-size: 12px; }
.s0 { --c: var(--ink); }
.s1 { --c: var(--s1); }
.s2 { --c: var(--s2); }
.s3 { --c: var(--s3); }
.s4 { --c: var(--s4); }
.s5 { --c: var(--s5); }
.s6 { --c: var(--s6); }
.line.s2 { stroke-dasharray: 9 5; }
.line.s3 { stroke-dasharray: 1 5; }
.line.s4 { stroke-dasharray: 9 5 1 5; }
.line.s5 { stroke-dasharray: 16 5; }
.line.s6 { stroke-dasharray: 4 5; }
.line.only { stroke-dasharray: none; }
.keyframe { margin-top: 18px; padding: 18px 20px; border: 1px solid var(--rule);
  border-radius: 10px; }
.prompts { list-style: none; margin: 4px 0 0; padding: 0; font-size: 16px; font-weight: 600;
  overflow-wrap: anywhere; }
.story { margin-top: 4px; color: var(--quiet); overflow-wrap: anywhere; }
.shots { display: grid; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); gap: 12px;
  margin-top: 14px; }
.shot { position: relative; max-width: 260px; font-size: 13px; line-height: 1.35; }
.shot img, .nothing { display: block; width: 100%; height: auto; border-radius: 6px; }
.nothing { aspect-ratio: 1; background: var(--panel); color: var(--quiet); padding: 12px; }
.shot figcaption { margin-top: 5px; }
.kept img { outline: 3px solid var(--s1); outline-offset: 1px; }
.badge { position: absolute; top: 7px; left: 7px; padding: 0 7px; border-radius: 4px;
  background: var(--ink); color: var(--page); font-size: 12px; font-weight: 700; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; }
thead th { color: var(--quiet); font-size: 13px; font-weight: normal; }
td, th { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--rule); }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { width: 45%; }
.bar div { height: 12px; min-width: 1px; background: var(--s1); border-radius: 2px; }
.settings { margin: 0; display: flex; flex-wrap: wrap; gap: 10px 32px; }
.settings dt { color: var(--quiet); font-size: 13px; }
.settings dd { margin: 0; overflow-wrap: anywhere; }
/* A chart shrinks with the page; its texts stay readable. */
@media (max-width: 950px) {
  .chart svg text { font-size: 16px; }
  .chart svg .band-label { font-size: 14px; }
  .tile { padding: 12px; }
  .tile b { font-size: 19px; }
}
@media (max-width: 640px) { .chart > svg { min-width: 640px; } main { padding: 20px 14px 40px; } }
@media print {
  :root { --page: #fff; --panel: #f5f6f8; --ink: #000; --quiet: #444; --rule: #ccc; --hold: #eee;
    --problem: #a8321d; --hint: #0a5f9e; --good: #1c6b47;
    --s1: #0067a8; --s2: #c24e00; --s3: #00805e; --s4: #a8457f; --s5: #8f6a00; --s6: #5b5bd0; }
  body { font-size: 11pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  .keyframe, .chart, .tile, .findings li, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
)css";

}  // namespace latentreel::report
