/** Style sheet of the page: system fonts, light and dark, print, narrow screens. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --muted: #57606a; --ground: #fff; --soft: #f4f6f8; --rule: #d9dee3; --link: #0b5cad; --note: #fff6e5; --note-rule: #e0a63a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --muted: #a3adb7; --ground: #14171a; --soft: #1e2327; --rule: #363d44; --link: #79b8ff; --note: #33290f; --note-rule: #a87a1f; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: break-word; }
header, main, footer { max-width: 860px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 40px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 12px; }
h2 { font-size: 22px; line-height: 1.3; margin: 52px 0 8px; padding-top: 14px; border-top: 1px solid var(--rule); }
h3 { font-size: 17px; margin: 28px 0 4px; }
p { margin: 8px 0 12px; }
.lede { font-size: 18px; }
.muted, figcaption, caption { color: var(--muted); }
a { color: var(--link); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 16px 0 0; padding: 0; }
.note { background: var(--note); border-left: 4px solid var(--note-rule); padding: 10px 14px; margin: 16px 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0; }
.facts div { background: var(--soft); border-radius: 6px; padding: 10px 14px; display: flex; flex-direction: column; justify-content: space-between; }
.facts dt { color: var(--muted); font-size: 13px; line-height: 1.3; }
.facts dd { margin: 0; font-size: 20px; white-space: nowrap; font-weight: 600; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; line-height: 1.35; margin: 12px 0; min-width: 50%; }
caption { text-align: left; padding: 0 0 6px; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--rule); }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--rule); font-weight: 600; }
tbody th { font-weight: 500; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .n { white-space: normal; }
tbody th { min-width: 8em; }
td small { display: block; color: var(--muted); white-space: normal; }
dl.terms dt { font-weight: 600; margin-top: 12px; }
dl.terms dd { margin: 0; }
figure { margin: 22px 0 34px; }
figure .scroll { background: #fff; color: #1b1f24; border: 1px solid var(--rule); border-radius: 6px; padding: 8px; }
figure svg { display: block; width: 100%; height: auto; min-width: 620px; }
figure.wide { width: min(1140px, calc(100vw - 40px)); position: relative; left: 50%; transform: translateX(-50%); }
figure.wide svg { min-width: 900px; }
figure.wide figcaption { max-width: 820px; margin: 8px auto 0; }
figcaption { font-size: 14px; margin-top: 8px; }
figcaption b { color: var(--ink); }
details { margin: 12px 0; }
summary { cursor: pointer; color: var(--link); }
code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
footer { padding: 40px 20px 60px; font-size: 14px; color: var(--muted); }
@media (max-width: 600px) { h1 { font-size: 25px; } header { padding-top: 24px; } body { font-size: 15px; } }
@media print {
  :root { --ink: #000; --muted: #444; --ground: #fff; --soft: #f4f6f8; --rule: #bbb; --link: #000; --note: #fff; }
  body { font-size: 10.5pt; } nav, .files { display: none; } header, main, footer { max-width: none; padding: 0; }
  figure, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; } figure.wide { width: auto; position: static; transform: none; } figure svg, figure.wide svg { min-width: 0; max-height: 24cm; } figure .scroll { border: 0; padding: 0; }
}
`.trim();
