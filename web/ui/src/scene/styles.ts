import { themeStyles } from './theme'

let sheet: CSSStyleSheet | undefined

/** The style of the element, as one sheet that all scenes of a page share; a sheet needs no inline style. */
export function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(`${themeStyles}
:host { display: block; position: relative; overflow: hidden; background: linear-gradient(var(--mereon-sky), var(--mereon-ground)); color: var(--mereon-text); font: 14px/1.45 system-ui, sans-serif; contain: strict; }
:host([hidden]) { display: none; }
canvas { display: block; position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; outline: none; transition: filter .3s; }
canvas:focus-visible { outline: 2px solid var(--mereon-accent); outline-offset: -2px; }
:host([data-frozen]) canvas { filter: saturate(.3) contrast(.92); }
.notice { position: absolute; left: 50%; top: 12px; transform: translateX(-50%); width: max-content; max-width: calc(100% - 32px); padding: 6px 14px; border-radius: 6px; background: var(--mereon-surface); border: 1px solid var(--mereon-border); box-shadow: 0 2px 10px rgb(0 0 0 / .12); font-size: 13px; font-variant-numeric: tabular-nums; pointer-events: none; }
.notice[hidden] { display: none; }
.notice[data-kind="wait"] { color: var(--mereon-muted); opacity: 0; animation: show .2s .6s forwards; }
.notice[data-kind="lost"] { border: 1px dashed var(--mereon-warning); color: var(--mereon-warning); }
.notice[data-kind="refused"] { border-color: var(--mereon-alarm); color: var(--mereon-alarm); pointer-events: auto; }
@keyframes show { to { opacity: 1; } }
.problems { position: absolute; left: 12px; bottom: var(--mereon-inset, 12px); max-width: min(440px, calc(100% - 24px)); border-radius: 6px; background: var(--mereon-surface); border: 1px solid var(--mereon-border); font-size: 12px; color: var(--mereon-muted); }
.problems[hidden] { display: none; }
.problems summary { padding: 5px 10px; cursor: pointer; }
.problems summary:focus-visible { outline: 2px solid var(--mereon-accent); border-radius: 6px; }
.problems ul { margin: 0; padding: 0 12px 8px 26px; max-height: 40vh; overflow: auto; }
@media (prefers-reduced-motion: reduce) { canvas { transition: none; } .notice[data-kind="wait"] { animation: none; opacity: 1; } }
`)
  }
  return sheet
}
