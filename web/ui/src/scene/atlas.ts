import { CanvasTexture, DataTexture, LinearFilter, SRGBColorSpace, Vector2, type WebGLRenderer } from 'three'
import { drawGlyph } from './glyphs'
import type { Icon } from './palette'
import type { Theme } from './theme'

export interface Label { icon: Icon | null; text: string; stale: boolean; count: boolean }

/** Where a label is in the atlas, and its size on the screen in CSS pixels. */
export interface Cell { x: number; y: number; width: number; height: number; row: number }

export const labelHeight = 24 // CSS px, without the margin
const margin = 4 // CSS px around the pill for its shadow
const side = 2048 // texels
const font = '500 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
const longest = 220 // CSS px

/** One texture that holds the drawn labels; equal labels share a cell, and a cell nobody uses is used again. */
export class Atlas {
  readonly texture = new DataTexture(new Uint8Array(side * side * 4), side, side)
  private readonly ruler = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
  private readonly patch = new CanvasTexture(this.ruler.canvas)
  private readonly cells = new Map<string, { cell: Cell; users: number }>()
  private readonly free = new Map<number, Cell[]>()
  private readonly idle: string[] = []
  private next = { x: 0, y: 0 }
  private readonly scale = Math.min(2, Math.max(1, devicePixelRatio))

  constructor(private readonly renderer: WebGLRenderer, private theme: Theme) {
    this.texture.colorSpace = this.patch.colorSpace = SRGBColorSpace
    this.texture.minFilter = this.texture.magFilter = LinearFilter
    this.texture.premultiplyAlpha = false
    this.patch.flipY = false
    this.patch.generateMipmaps = this.texture.generateMipmaps = false
    this.texture.needsUpdate = true
    renderer.initTexture(this.texture)
  }

  get size(): number { return side }
  get pixelRatio(): number { return this.scale }

  /** Draws a label, or finds it drawn. Every take needs one give. Null when the atlas is full. */
  take(label: Label): { key: string; cell: Cell } | null {
    const key = `${label.icon ?? ''}|${label.stale}|${label.count}|${label.text}`
    let entry = this.cells.get(key)
    if (!entry) {
      const width = this.measure(label)
      const cell = this.place(width)
      if (!cell) return null
      this.draw(label, cell)
      entry = { cell, users: 0 }
      this.cells.set(key, entry)
    }
    entry.users++
    return { key, cell: entry.cell }
  }

  give(key: string): void {
    const entry = this.cells.get(key)
    if (entry && --entry.users === 0) this.idle.push(key)
  }

  dispose(): void {
    this.texture.dispose()
    this.patch.dispose()
  }

  private measure(label: Label): number {
    this.ruler.font = font
    const text = label.text ? Math.min(longest, this.ruler.measureText(label.text).width) + (label.icon ? 5 : 0) : 0
    return Math.ceil(text + (label.icon ? 14 : 0) + 16 + margin * 2)
  }

  /** Cells come in widths of 32 px, so that a changed text finds a free one. */
  private place(width: number): Cell | null {
    const row = Math.ceil(width / 32) * 32
    const waiting = this.free.get(row)?.pop() ?? this.reclaim(row)
    if (waiting) return { ...waiting, width }
    const step = row * this.scale
    const height = (labelHeight + margin * 2) * this.scale
    if (this.next.x + step > side) this.next = { x: 0, y: this.next.y + height }
    if (this.next.y + height > side) return null
    const cell = { x: this.next.x, y: this.next.y, width, height: labelHeight + margin * 2, row }
    this.next.x += step
    return cell
  }

  private reclaim(row: number): Cell | undefined {
    while (this.idle.length > 64 || this.next.y > side * 0.8) {
      const key = this.idle.shift()
      if (key === undefined) return undefined
      const entry = this.cells.get(key)
      if (!entry || entry.users > 0) continue
      this.cells.delete(key)
      if (entry.cell.row === row) return entry.cell
      this.free.set(entry.cell.row, [...(this.free.get(entry.cell.row) ?? []), entry.cell])
    }
    return undefined
  }

  private draw(label: Label, cell: Cell): void {
    const { scale, theme } = this
    // A new sheet each time: Chromium may send what was on a cleared one to the texture, under the new label.
    const sheet = Object.assign(document.createElement('canvas'), { width: cell.row * scale, height: cell.height * scale })
    const pen = sheet.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D
    pen.setTransform(scale, 0, 0, scale, 0, 0)
    const tone = label.icon ? (theme.states[label.icon] ?? theme.text) : theme.text
    const inner = { x: margin + 0.5, y: margin + 0.5, w: cell.width - margin * 2 - 1, h: labelHeight - 1 }
    pen.save()
    pen.shadowColor = theme.dark ? 'rgba(0,0,0,.55)' : 'rgba(23,32,42,.22)'
    pen.shadowBlur = 4 * scale
    pen.shadowOffsetY = 1 * scale
    pen.fillStyle = theme.surface
    pen.beginPath(); pen.roundRect(inner.x, inner.y, inner.w, inner.h, labelHeight / 2); pen.fill()
    pen.restore()
    const abnormal = label.icon !== null && label.icon !== 'ok'
    pen.strokeStyle = abnormal ? tone : theme.border
    pen.lineWidth = abnormal ? 1.4 : 1
    pen.setLineDash(label.stale ? [4, 3] : [])
    pen.beginPath(); pen.roundRect(inner.x, inner.y, inner.w, inner.h, labelHeight / 2); pen.stroke()
    let x = inner.x + 8
    const middle = inner.y + inner.h / 2
    if (label.icon) {
      this.glyph(pen, label.icon, x + 6, middle, tone)
      x += 12 + 5
    }
    pen.font = font
    pen.textBaseline = 'middle'
    pen.fillStyle = label.stale ? theme.muted : theme.text
    pen.fillText(clip(pen, label.text, longest), x, middle + 0.5)
    this.patch.image = sheet
    this.renderer.copyTextureToTexture(this.patch, this.texture, null, new Vector2(cell.x, cell.y))
  }

  /** A glyph with holes is drawn apart, so that the hole shows the pill and not the picture. */
  private glyph(onto: CanvasRenderingContext2D, icon: Icon, x: number, y: number, tone: string): void {
    const side = 16
    const sheet = document.createElement('canvas')
    sheet.width = sheet.height = side * this.scale
    const pen = sheet.getContext('2d') as CanvasRenderingContext2D
    pen.scale(this.scale, this.scale)
    drawGlyph(pen, icon, side / 2, side / 2, 12, tone)
    onto.drawImage(sheet, x - side / 2, y - side / 2, side, side)
  }
}

function clip(pen: CanvasRenderingContext2D, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text
  let end = text.length
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end--
  return `${text.slice(0, end)}…`
}
