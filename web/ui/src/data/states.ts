import { look, type Icon } from '../scene/palette'
import type { StateInfo } from './entity'

export interface Shown { icon: Icon; word: string; severity: number; stale?: boolean }

/** How a state of the API is shown: shape, word and rank. */
export function shownState(state: string | null, severity?: string | null): Shown {
  const found = look(state, undefined)
  if (state !== null && found.icon === 'unknown' && state !== 'unknown') {
    const icon: Icon = severity === 'CRITICAL' ? 'alarm' : severity === 'WARNING' ? 'warning' : 'info'
    return { icon, word: state, severity: look(icon, undefined).severity }
  }
  return { icon: found.icon, word: state ?? 'unknown', severity: found.severity }
}

/** The worst of several states; undefined when there are none. */
export function worst(states: readonly Pick<StateInfo, 'state' | 'severity'>[]): Shown | undefined {
  return states.map((one) => shownState(one.state, one.severity)).sort((a, b) => b.severity - a.severity)[0]
}

/** The severities of alarms, the worst first. */
export const severities = ['CRITICAL', 'WARNING', 'INFO'] as const

export type Severity = (typeof severities)[number]

/** The worst severity of some alarms; undefined when there are none. */
export function worstSeverity(alarms: readonly { severity: Severity }[]): Severity | undefined {
  return severities.find((severity) => alarms.some((alarm) => alarm.severity === severity))
}

export function severityIcon(severity: string): Icon {
  return severity === 'CRITICAL' ? 'alarm' : severity === 'WARNING' ? 'warning' : 'info'
}
