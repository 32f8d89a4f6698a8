import { Color } from 'three'
import type { PaletteEntry } from './frames'

/** How a state looks in the picture; an empty colour keeps the model's own. */
export interface Look { color: string; icon: Icon; severity: number; pulse: boolean }

export type Icon = 'ok' | 'info' | 'warning' | 'alarm' | 'maintenance' | 'unknown' | 'stale'

/** The set of Okabe and Ito, which people with colour-vision deficiencies can tell apart. */
export const defaults: Readonly<Record<Icon, Look>> = {
  ok: { color: '', icon: 'ok', severity: 0, pulse: false },
  info: { color: '#56b4e9', icon: 'info', severity: 1, pulse: false },
  maintenance: { color: '#cc79a7', icon: 'maintenance', severity: 1, pulse: false },
  unknown: { color: '#9aa4ae', icon: 'unknown', severity: 1.5, pulse: false },
  stale: { color: '#9aa4ae', icon: 'stale', severity: 1.5, pulse: false },
  warning: { color: '#e69f00', icon: 'warning', severity: 2, pulse: false },
  alarm: { color: '#d55e00', icon: 'alarm', severity: 3, pulse: true },
}

const staleSaturation = 0.35

/** Names that other systems use for the same states, so that an imported palette without icons is still readable. */
const synonyms: Readonly<Record<string, Icon>> = {
  normal: 'ok', good: 'ok', active: 'alarm', error: 'alarm', critical: 'alarm', warn: 'warning', service: 'maintenance', fault: 'alarm',
}

export function look(state: string | null, palette: Record<string, PaletteEntry> | undefined): Look {
  if (state === null) return defaults.unknown
  const known = defaults[state as Icon] ?? defaults[synonyms[state.toLowerCase()] as Icon]
  const entry = palette?.[state]
  if (!entry) return known ?? defaults.unknown
  const icon = iconOf(entry.icon) ?? known?.icon ?? 'info'
  return {
    color: entry.color ?? known?.color ?? defaults[icon].color,
    icon,
    severity: entry.severity ?? known?.severity ?? defaults[icon].severity,
    pulse: entry.pulse ?? known?.pulse ?? false,
  }
}

function iconOf(name: string | undefined): Icon | undefined {
  if (!name) return undefined
  const lower = name.toLowerCase()
  return lower in defaults ? (lower as Icon) : synonyms[lower]
}

/** The colour of a value that is no longer fresh: the same hue with a third of its saturation. */
export function faded(color: string): string {
  const hsl = { h: 0, s: 0, l: 0 }
  const c = new Color(color)
  c.getHSL(hsl)
  return `#${c.setHSL(hsl.h, hsl.s * staleSaturation, hsl.l).getHexString()}`
}
