import type { Icon } from './palette'

type Pen = CanvasRenderingContext2D

/** Draws the glyph of a state into a square of `size` pixels around a centre. Shapes differ, so colour is not needed. */
export function drawGlyph(pen: Pen, icon: Icon, x: number, y: number, size: number, color: string): void {
  const r = size / 2
  pen.save()
  pen.translate(x, y)
  pen.fillStyle = pen.strokeStyle = color
  pen.lineWidth = Math.max(1, size * 0.13)
  pen.lineCap = pen.lineJoin = 'round'
  shapes[icon](pen, r)
  pen.restore()
}

const shapes: Readonly<Record<Icon, (pen: Pen, r: number) => void>> = {
  ok: (pen, r) => { circle(pen, 0, 0, r * 0.5); pen.fill() },
  info: (pen, r) => { polygon(pen, [[0, -r * 0.85], [r * 0.85, 0], [0, r * 0.85], [-r * 0.85, 0]]); pen.fill() },
  warning: (pen, r) => { polygon(pen, [[0, -r * 0.85], [r * 0.95, r * 0.75], [-r * 0.95, r * 0.75]]); pen.fill(); mark(pen, r, 0.12) },
  alarm: (pen, r) => { pen.beginPath(); pen.roundRect(-r * 0.85, -r * 0.85, r * 1.7, r * 1.7, r * 0.3); pen.fill(); mark(pen, r, -0.08) },
  maintenance: (pen, r) => {
    pen.lineWidth = r * 0.42
    pen.beginPath(); pen.moveTo(-r * 0.68, r * 0.68); pen.lineTo(r * 0.2, -r * 0.2); pen.stroke()
    pen.lineWidth = r * 0.32
    pen.beginPath(); pen.arc(r * 0.42, -r * 0.42, r * 0.42, -0.15, Math.PI * 1.65); pen.stroke()
  },
  unknown: (pen, r) => {
    pen.font = `700 ${r * 2}px system-ui, sans-serif`
    pen.textAlign = 'center'; pen.textBaseline = 'middle'
    pen.fillText('?', 0, r * 0.1)
  },
  stale: (pen, r) => {
    circle(pen, 0, 0, r * 0.8); pen.stroke()
    pen.beginPath(); pen.moveTo(0, -r * 0.42); pen.lineTo(0, 0); pen.lineTo(r * 0.36, r * 0.16); pen.stroke()
  },
}

function circle(pen: Pen, x: number, y: number, r: number): void { pen.beginPath(); pen.arc(x, y, r, 0, Math.PI * 2) }

function polygon(pen: Pen, points: [number, number][]): void {
  pen.beginPath()
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)))
  pen.closePath()
}

/** An exclamation mark cut out of a filled shape. */
function mark(pen: Pen, r: number, dy: number): void {
  pen.globalCompositeOperation = 'destination-out'
  pen.lineWidth = r * 0.26
  pen.beginPath(); pen.moveTo(0, r * (dy - 0.38)); pen.lineTo(0, r * (dy + 0.12)); pen.stroke()
  circle(pen, 0, r * (dy + 0.46), r * 0.14); pen.fill()
  pen.globalCompositeOperation = 'source-over'
}
