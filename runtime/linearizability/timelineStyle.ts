/** How the timeline looks: from a phone to a wide screen, light or dark as the reader's system is; texts with contrast AA. */
export const timelineStyle = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #1b1f24; --muted: #57606a; --rule: #d0d7de; --lane: #f6f8fa;
  --fits: #ddf4ff; --fits-edge: #0969da; --fits-text: #0a3069;
  --part: #fff1b8; --part-edge: #9a6700; --part-text: #3b2300;
  --wrong: #b3202b; --wrong-edge: #82071e; --wrong-text: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --text: #e6edf3; --muted: #9da7b3; --rule: #3d444d; --lane: #151b23;
    --fits: #0c2d4e; --fits-edge: #58a6ff; --fits-text: #cae8ff;
    --part: #4b3705; --part-edge: #d29922; --part-text: #f8e3a1;
    --wrong: #c2302f; --wrong-edge: #ff7b72; --wrong-text: #ffffff;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 120rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.375rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1.125rem; }
p { margin: .5rem 0; max-width: 50rem; overflow-wrap: anywhere; }
.muted { color: var(--muted); }
ul { margin: 0; padding: 0; list-style: none; }
.operations { max-width: 75rem; }
.operations li { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; padding: .375rem .5rem;
  border-bottom: 1px solid var(--rule); border-left: .25rem solid transparent; }
.operations code { flex: 1 1 16rem; font: .875rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.operations .number { min-width: 1.75rem; font-weight: 600; text-align: right; }
.operations .who { min-width: 5.5rem; }
.operations .when { min-width: 10rem; font-variant-numeric: tabular-nums; color: var(--muted); }
.operations .order { flex-basis: 100%; padding-left: 2.5rem; font-size: .875rem; color: var(--muted); }
@media (max-width: 40rem) { .operations code { flex-basis: 100%; padding-left: 2.5rem; } }
@media (min-width: 60rem) { .operations .order { flex: 0 0 16rem; padding-left: 0; } }
.operations .contradicts { border-left-color: var(--part-edge); }
.operations .offends { border-left-color: var(--wrong-edge); }
.legend { display: flex; flex-wrap: wrap; gap: .5rem; font-size: .875rem; }
.legend li, .bar { padding: .125rem .375rem; border: 1px solid; border-radius: .25rem; }
.bar.fits, .legend .fits { background: var(--fits); border-color: var(--fits-edge); color: var(--fits-text); }
.bar.underWay, .legend .underWay { background: var(--ground); border: 1px dashed var(--muted); color: var(--text); }
.bar.contradicts, .legend .contradicts { background: var(--part); border: 2px solid var(--part-edge); color: var(--part-text); font-weight: 600; }
.bar.offends, .legend .offends { background: var(--wrong); border: 2px solid var(--wrong-edge); color: var(--wrong-text); font-weight: 600; }
.scroll { overflow-x: auto; border: 1px solid var(--rule); border-radius: .375rem; }
.scroll:focus-visible { outline: 2px solid var(--fits-edge); outline-offset: 2px; }
.timeline { display: grid; row-gap: .25rem; padding: .25rem 0 .5rem; }
.stripe { background: var(--lane); }
.lane { position: sticky; left: 0; z-index: 2; padding: .125rem .5rem; background: var(--ground);
  border-right: 1px solid var(--rule); font-size: .875rem; line-height: 1.375rem; white-space: nowrap; }
.moment { justify-self: start; align-self: end; padding: .25rem 0; writing-mode: vertical-rl; transform: rotate(180deg);
  font-size: .75rem; line-height: 1; font-variant-numeric: tabular-nums; color: var(--muted); }
.until { justify-self: stretch; padding: 0 .375rem; border-bottom: 2px solid var(--fits-edge);
  font-size: .75rem; text-align: right; color: var(--muted); white-space: nowrap; }
.end { z-index: 1; border-left: 2px dashed var(--wrong-edge); pointer-events: none; }
.bar { min-width: 0; margin-right: 2px; overflow: hidden; font-size: .8125rem; line-height: 1.375rem;
  white-space: nowrap; text-overflow: ellipsis; }
`;
