/** The tokens of the picture, read from CSS custom properties of the element, so that a page can set its own. */
export interface Theme {
  dark: boolean
  /** Top and bottom of the background. */
  sky: string
  ground: string
  surface: string
  text: string
  muted: string
  border: string
  accent: string
  states: Record<string, string>
}

export const themeStyles = `
:host {
  --mereon-sky: #f8fafb; --mereon-ground: #e3e8ed; --mereon-surface: #ffffff; --mereon-text: #17202a; --mereon-muted: #566370;
  --mereon-border: #d9dfe5; --mereon-accent: #0a5dc2; --mereon-ok: #4b5a67; --mereon-info: #0a5dc2; --mereon-warning: #8a5300;
  --mereon-alarm: #b3261e; --mereon-maintenance: #7a3e9d; --mereon-unknown: #5d6873; --mereon-stale: #5d6873; --mereon-dark: 0;
}
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${dark()} } }
:host([theme="dark"]) { ${dark()} }
`

function dark(): string {
  return `
  --mereon-sky: #222a33; --mereon-ground: #12161b; --mereon-surface: #1a2027; --mereon-text: #e8edf2; --mereon-muted: #9fadba;
  --mereon-border: #36404a; --mereon-accent: #77b5ff; --mereon-ok: #9fb0bf; --mereon-info: #77b5ff; --mereon-warning: #ffb84d;
  --mereon-alarm: #ff7b6e; --mereon-maintenance: #d3a2f0; --mereon-unknown: #a3afba; --mereon-stale: #a3afba; --mereon-dark: 1;`
}

const stateNames = ['ok', 'info', 'warning', 'alarm', 'maintenance', 'unknown', 'stale'] as const

export function readTheme(host: Element): Theme {
  const style = getComputedStyle(host)
  const token = (name: string) => style.getPropertyValue(`--mereon-${name}`).trim()
  return {
    dark: token('dark') === '1',
    sky: token('sky'), ground: token('ground'), surface: token('surface'), text: token('text'),
    muted: token('muted'), border: token('border'), accent: token('accent'),
    states: Object.fromEntries(stateNames.map((name) => [name, token(name)])),
  }
}
