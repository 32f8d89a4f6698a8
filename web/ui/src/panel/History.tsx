import { useEffect, useMemo, useState } from 'react'
import { useAsk } from '../data/ask'
import { type EntityInfo, isReading, isRecord, type Reading } from '../data/entity'
import { labelText, statusText, unitText } from '../data/format'
import type { TypeInfo } from '../data/model'
import { historyText } from '../data/selection'
import { Chart, type Points } from './Chart'

interface Series { measurements: { time: string; value: number | null }[]; unit: string | null; status: string; why: string | null }

export const spans = [{ word: '10 min', ms: 600_000, every: 'PT5S' }, { word: '1 h', ms: 3_600_000, every: 'PT30S' }, { word: '24 h', ms: 86_400_000, every: 'PT10M' }] as const

/** The history of one property, with what has come since put on at its end. */
export function History({ entity, type, path, span, onSpan }: { entity: EntityInfo; type: TypeInfo; path: string; span: string; onSpan: (word: string) => void }) {
  const chosen = spans.find(({ word }) => word === span) ?? spans[0]
  const reading = find<Reading>(entity, path)
  const known = isReading(reading) ? reading : undefined
  const end = useMemo(() => endOf(known, chosen.ms), [entity.id, path, chosen])
  const from = new Date(end - chosen.ms).toISOString()
  const text = useMemo(() => historyText(type, path), [type, path])
  const answer = useAsk<{ entity: Record<string, unknown> | null }>(text, { id: entity.id, from, every: chosen.every })
  const series = find<Series>(answer.data?.entity, `${path}.history`)
  const points = useTail(series, known, chosen.ms)
  const label = labelText(path.split('.').at(-1) ?? path)
  return (
    <section className="block history" aria-label={`History of ${label}`}>
      <h3><span>{label} <span className="muted">{unitText(series?.unit ?? known?.unit)}</span></span>
        <span className="spans" role="group" aria-label="Time shown">{spans.map(({ word }) => <button key={word} className="plain" aria-pressed={word === chosen.word} onClick={() => onSpan(word)}>{word}</button>)}</span>
      </h3>
      {points.times.length > 1
        ? <Chart points={points} unit={series?.unit ?? null} label={label} />
        : <p className="chart-empty muted">{answer.error ?? (answer.fetching && !series ? '\u00a0' : series && series.status !== 'OK' ? (series.why ?? statusText(series.status)) : 'No measurements in this time yet.')}</p>}
    </section>
  )
}

/** Where the chart ends: now, or at the newest value of a recording that ended before the time shown. */
function endOf(reading: Reading | undefined, ms: number): number {
  const newest = reading?.time ? Date.parse(reading.time) : Number.NaN
  return newest < Date.now() - ms ? newest : Date.now()
}

function find<T>(value: unknown, path: string): T | undefined {
  let at = value
  for (const name of path.split('.')) at = isRecord(at) ? at[name] : undefined
  return at as T | undefined
}

/** The asked history and the live values since, within the time shown. */
function useTail(series: Series | undefined, reading: Reading | undefined, ms: number): Points {
  const [tail, setTail] = useState<[number, number][]>([])
  useEffect(() => setTail([]), [series])
  useEffect(() => {
    if (!reading?.time || typeof reading.value !== 'number' || reading.status !== 'OK') return
    const point: [number, number] = [Date.parse(reading.time) / 1000, reading.value]
    setTail((before) => (before.at(-1)?.[0] ?? 0) < point[0] ? [...before.slice(-2000), point] : before)
  }, [reading?.time, reading?.value, reading?.status])
  return useMemo(() => {
    const asked = (series?.measurements ?? []).map(({ time, value }): [number, number | null] => [Date.parse(time) / 1000, value])
    const last = asked.at(-1)?.[0] ?? 0
    const all = [...asked, ...tail.filter(([time]) => time > last)].filter(([time], _i, list) => time >= Math.min(Date.now() / 1000, list.at(-1)?.[0] ?? 0) - ms / 1000)
    return { times: all.map(([time]) => time), values: all.map(([, value]) => value) }
  }, [series, tail, ms])
}
