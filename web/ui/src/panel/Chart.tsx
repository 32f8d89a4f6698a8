import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { unitText } from '../data/format'
import { theme } from '../data/theme'
import { useStore } from '../data/store'

export interface Points { times: number[]; values: (number | null)[] }

/** A line over time; it follows its place's width and the theme, and reads its colours from the page's tokens. */
export function Chart({ points, unit, label, height = 150 }: { points: Points; unit: string | null; label: string; height?: number }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const look = useStore(theme)
  useEffect(() => {
    const element = place.current
    if (!element) return
    plot.current = new uPlot(options(element, height, unit, label), [points.times, points.values], element)
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
    // points are put in below without building the chart anew
  }, [look, unit, label, height])
  useEffect(() => { plot.current?.setData([points.times, points.values]) }, [points])
  return <div ref={place} className="chart" role="img" aria-label={describe(points, unit, label)} />
}

function options(element: HTMLElement, height: number, unit: string | null, label: string): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const axis: uPlot.Axis = { stroke: token('muted'), grid: { stroke: token('border'), width: 1 }, ticks: { show: false }, font: '11px system-ui', gap: 4 }
  return {
    width: element.clientWidth || 300, height, legend: { show: false }, padding: [10, 8, 0, 0],
    cursor: { y: false, points: { size: 6 } },
    axes: [{ ...axis, size: 24, space: 70, values: [[3600, '{HH}:{mm}', null, null, null, null, null, null, 1], [60, '{HH}:{mm}', null, null, null, null, null, null, 1], [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1]] }, { ...axis, size: 46, space: 34 }],
    scales: { y: { range: (_u, low, high) => spread(low, high) } },
    series: [{}, { label: `${label} ${unitText(unit)}`, stroke: token('accent'), width: 1.6, fill: `${token('accent')}14`, points: { show: false } }],
  }
}

/** Some air above and below; a value that stands still gets a band, not a line at the rim. */
function spread(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
  const air = (high - low) * 0.12 || Math.max(Math.abs(high) * 0.05, 0.5)
  return [low >= 0 && low - air < 0 ? 0 : low - air, high + air]
}

function describe(points: Points, unit: string | null, label: string): string {
  const known = points.values.filter((value): value is number => value !== null)
  if (known.length === 0) return `${label}: no measurements`
  const text = (value: number) => `${Number(value.toPrecision(4))} ${unitText(unit)}`.trim()
  return `${label} over time: lowest ${text(Math.min(...known))}, highest ${text(Math.max(...known))}, newest ${text(known.at(-1) ?? 0)}`
}
