import { type PointerEvent, useState } from 'react'
import { remember, remembered } from '../data/theme'

const step = 24 // px a key press

/** The width of a pane, remembered by the browser. */
export function usePane(name: string, initial: number, low: number, high: number): [number, (width: number) => void] {
  const [width, setWidth] = useState(() => Math.min(high, Math.max(low, Number(remembered(`mereon.pane.${name}`)) || initial)))
  return [width, (next) => {
    const bounded = Math.round(Math.min(high, Math.max(low, next)))
    remember(`mereon.pane.${name}`, String(bounded))
    setWidth(bounded)
  }]
}

/** The line between two panes; it is dragged, or moved with the arrow keys. `side` is where the sized pane lies. */
export function Splitter({ label, width, set, side, low, high }: { label: string; width: number; set: (width: number) => void; side: 'left' | 'right'; low: number; high: number }) {
  const sign = side === 'left' ? 1 : -1
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const line = event.currentTarget
    const start = event.clientX
    line.setPointerCapture(event.pointerId)
    const move = (next: globalThis.PointerEvent) => set(width + (next.clientX - start) * sign)
    line.addEventListener('pointermove', move)
    line.addEventListener('lostpointercapture', () => line.removeEventListener('pointermove', move), { once: true })
  }
  return (
    <div className="splitter" role="separator" aria-orientation="vertical" aria-label={label} aria-valuenow={width} aria-valuemin={low} aria-valuemax={high} tabIndex={0} onPointerDown={drag}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') set(width - step * sign)
        else if (event.key === 'ArrowRight') set(width + step * sign)
        else return
        event.preventDefault()
      }} />
  )
}
