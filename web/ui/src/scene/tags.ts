import { Color, type PerspectiveCamera, Vector3 } from 'three'
import { Atlas, type Cell, type Label, labelHeight } from './atlas'
import { declutter, type Place, type Wish } from './declutter'
import type { Look } from './palette'
import { type Sprite, Sprites } from './sprites'
import type { Stage } from './stage'
import type { Theme } from './theme'

/** What a tag says and where it belongs. */
export interface Tag { position: Vector3; text: string; look: Look | null; stale: boolean; entity?: string; shown: boolean }

interface Held { tag: Tag; key: string; cell: Cell }

const margin = 4 // CSS px inside a cell
const beat = 1400 // ms
const beatSteps = 12 // drawings a second while an alarm's tag pulses

/** The labels of a scene: one draw call, kept apart on the screen, merged into counts where there is no room. */
export class Tags {
  private atlas: Atlas
  private sprites: Sprites
  private readonly held = new Map<string, Held>()
  private places: Place[] = []
  private counts: string[] = []
  private dirty = true
  private timer: ReturnType<typeof setInterval> | undefined
  private readonly reduced = matchMedia('(prefers-reduced-motion: reduce)')

  constructor(private readonly stage: Stage, private theme: Theme) {
    this.atlas = new Atlas(stage.renderer, theme)
    this.sprites = new Sprites(this.atlas.texture, this.atlas.size)
    stage.labels.add(this.sprites.mesh)
    this.colors()
  }

  /** Draws everything again in another theme. */
  retheme(theme: Theme): void {
    this.theme = theme
    const tags = [...this.held].map(([key, { tag }]) => [key, tag] as const)
    this.sprites.mesh.removeFromParent()
    this.sprites.dispose()
    this.atlas.dispose()
    this.held.clear()
    this.counts = []
    this.atlas = new Atlas(this.stage.renderer, theme)
    this.sprites = new Sprites(this.atlas.texture, this.atlas.size)
    this.stage.labels.add(this.sprites.mesh)
    this.colors()
    for (const [key, tag] of tags) this.set(key, tag)
  }

  set(key: string, tag: Tag): void {
    const before = this.held.get(key)
    const icon = tag.stale && (tag.look?.icon ?? 'ok') === 'ok' ? 'stale' : (tag.look?.icon ?? null)
    const taken = this.atlas.take({ icon, text: tag.text, stale: tag.stale, count: false })
    if (!taken) return
    if (before) this.atlas.give(before.key)
    this.held.set(key, { tag, ...taken })
    this.touch()
  }

  keep(keys: ReadonlySet<string>): void {
    for (const [key, held] of this.held) {
      if (keys.has(key)) continue
      this.atlas.give(held.key)
      this.held.delete(key)
      this.touch()
    }
  }

  /** The camera or a tag changed: places are computed again before the next drawing. */
  touch(): void {
    this.dirty = true
    this.pulse()
    this.stage.loop.invalidate()
  }

  /** The entity whose tag is at a point of the canvas, in CSS px. */
  at(x: number, y: number): string | undefined {
    for (const place of this.places) {
      const held = this.held.get(place.key)
      if (!held || place.members.length > 1) continue
      if (Math.abs(x - place.x) < held.cell.width / 2 - margin && Math.abs(y - place.y) < labelHeight / 2) return held.tag.entity
    }
    return undefined
  }

  /** How the labels stand: one line each; for tests and for reading aloud. */
  get standing(): { text: string; count: number; x: number; y: number; icon: string; stale: boolean }[] {
    return this.places.map((place) => {
      const tag = this.held.get(place.key)?.tag
      return { text: tag?.text ?? '', count: place.members.length, x: place.x, y: place.y, icon: tag?.look?.icon ?? '', stale: tag?.stale ?? false }
    })
  }

  /** Computes places and writes the rectangles; called before each drawing. */
  update(camera: PerspectiveCamera): void {
    this.sprites.beat = this.timer ? 0.5 - 0.5 * Math.cos((performance.now() / beat) * Math.PI * 2) : 0
    if (!this.dirty) return
    this.dirty = false
    const anchors = new Map<string, { x: number; y: number }>()
    const wishes: Wish[] = []
    for (const [key, { tag, cell }] of this.held) {
      const p = tag.position.clone().project(camera)
      if (!tag.shown || p.z > 1 || p.z < -1 || Math.abs(p.x) > 1.05 || Math.abs(p.y) > 1.05) continue
      const at = { x: (p.x / 2 + 0.5) * this.stage.width, y: (0.5 - p.y / 2) * this.stage.height }
      anchors.set(key, at)
      const half = cell.width / 2
      wishes.push({ key, x: Math.min(this.stage.width - half, Math.max(half, at.x)), y: Math.max(at.y, labelHeight * 1.4), depth: p.z, width: cell.width - margin * 2, height: labelHeight, severity: tag.look?.severity ?? 0 })
    }
    this.places = declutter(wishes, new Set(this.places.map((place) => place.key)))
    this.write(anchors)
  }

  dispose(): void {
    clearInterval(this.timer)
    this.sprites.mesh.removeFromParent()
    this.sprites.dispose()
    this.atlas.dispose()
  }

  private write(anchors: Map<string, { x: number; y: number }>): void {
    for (const key of this.counts) this.atlas.give(key)
    this.counts = []
    const stems: Sprite[] = []
    const pills: Sprite[] = []
    for (const place of [...this.places].reverse()) {
      const held = this.held.get(place.key)
      const anchor = anchors.get(place.key)
      if (!held || !anchor) continue
      const cell = place.members.length > 1 ? (this.count(place, held) ?? held.cell) : held.cell
      const x = Math.round(place.x)
      const y = Math.round(place.y)
      const foot = y + labelHeight / 2
      stems.push({ x: Math.round(anchor.x) + 0.5, y: (foot + anchor.y) / 2, width: 1, height: Math.max(0, anchor.y - foot), u: 0, v: 0, uw: 0, vh: 0, alpha: 0.8, pulse: 0 })
      const scale = this.atlas.pixelRatio
      pills.push({
        x: x + (cell.width % 2) / 2, y, width: cell.width, height: cell.height, u: cell.x, v: cell.y, uw: cell.width * scale, vh: cell.height * scale,
        alpha: 1, pulse: held.tag.look?.pulse && !held.tag.stale ? 1 : 0,
      })
    }
    this.sprites.write([...stems, ...pills], this.stage.width, this.stage.height)
  }

  /** A merged label: the worst state and how many there are; the worst is the host, as declutter orders. */
  private count(place: Place, held: Held): Cell | null {
    const icon = held.tag.look?.icon ?? null
    const label: Label = { icon: held.tag.stale && icon === 'ok' ? 'stale' : icon, text: `${place.members.length}`, stale: held.tag.stale, count: true }
    const taken = this.atlas.take(label)
    if (taken) this.counts.push(taken.key)
    return taken?.cell ?? null
  }

  /** The tag of an alarm pulses, a few drawings a second; the part itself does not. */
  private pulse(): void {
    const alarming = !this.reduced.matches && [...this.held.values()].some(({ tag }) => tag.look?.pulse && !tag.stale && tag.shown)
    if (alarming === (this.timer !== undefined)) return
    clearInterval(this.timer)
    this.timer = alarming ? setInterval(this.stage.loop.invalidate, 1000 / beatSteps) : undefined
  }

  private colors(): void {
    const c = new Color(this.theme.muted)
    this.sprites.line = [c.r, c.g, c.b]
  }
}
