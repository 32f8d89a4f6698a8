import { useMemo } from 'react'
import { line } from '../data/client'
import { type Reading } from '../data/entity'
import { ageText, durationMs, plainNumber, statusText, timeText, unitText, valueText } from '../data/format'
import { useNow } from '../data/clock'
import { useStore } from '../data/store'
import { StateMark } from './StateMark'

/** A live value: number, unit and age; not fresh, also for want of a connection, is seen and said, nothing known is a dash and the reason. */
export function LiveValue({ reading, type }: { reading: Reading; type: string }) {
  const lost = useStore(line).kind === 'lost'
  const fresh = reading.status === 'OK' && !lost
  const known = reading.value !== null && reading.value !== undefined
  return (
    <span className={fresh ? 'value' : 'value is-stale'}>
      {known ? <Quantity value={reading.value} unit={reading.unit} type={type} /> : <span className="muted" title={reading.why ?? undefined}>– {statusText(reading.status)}</span>}
      {!fresh && known && <StateMark icon="stale" word={lost ? 'no connection' : statusText(reading.status)} quiet />}
      {reading.time && <Age time={reading.time} age={reading.age} />}
    </span>
  )
}

/** A value with its unit; `written` ones were typed by somebody and keep their digits. */
export function Quantity({ value, unit, type, written = false }: { value: unknown; unit?: string | null; type: string; written?: boolean }) {
  const text = unitText(unit)
  return <span className="quantity">{written && typeof value === 'number' ? plainNumber(value) : valueText(value, type)}{text && <span className="unit">{'\u202f'}{text}</span>}</span>
}

const apart = 60_000 // ms between two clocks that do not belong together

/**
 * How old a value is, counted on while it stands. A recording has a clock of its own: when the age that was told does
 * not fit the clock here, it is shown as it was told.
 */
export function Age({ time, age }: { time: string; age?: string | null }) {
  const now = useNow()
  const told = age ? durationMs(age) : Number.NaN
  const recorded = useMemo(() => Date.now() - Date.parse(time) - told > apart, [time, told])
  return <time className="age" dateTime={time} title={timeText(time)}>{ageText(recorded ? told : now - Date.parse(time))}</time>
}
