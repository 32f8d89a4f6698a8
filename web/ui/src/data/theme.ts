import { createStore } from './store'

export type ThemeName = 'light' | 'dark'

const key = 'mereon.theme'
const system = globalThis.matchMedia?.('(prefers-color-scheme: dark)')

function chosen(): ThemeName | null {
  const value = remembered(key)
  return value === 'light' || value === 'dark' ? value : null
}

/** What the browser remembers, or null where it may not. */
export function remembered(name: string): string | null {
  try {
    return globalThis.localStorage?.getItem(name) ?? null
  } catch {
    return null
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, value)
  } catch {
    // a browser that keeps nothing still works
  }
}

const now = (): ThemeName => chosen() ?? (system?.matches ? 'dark' : 'light')

/** The theme in use: what was chosen here, else what the system prefers. */
export const theme = createStore<ThemeName>(now())

export function chooseTheme(name: ThemeName): void {
  remember(key, (system?.matches ? 'dark' : 'light') === name ? null : name)
  theme.set(name)
}

/** Puts the theme on the page and follows the system. */
export function applyTheme(): void {
  const put = () => { document.documentElement.dataset.theme = theme.get() }
  put()
  theme.subscribe(put)
  system?.addEventListener('change', () => theme.set(now()))
}
