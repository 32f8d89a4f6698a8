import { type Mesh, Mesh as M, type Object3D } from 'three'
import type { Slot } from './frames'
import type { Model } from './model'
import { Motion } from './motion'
import { Painter, type Paint } from './paint'
import { faded, look, type Look } from './palette'
import type { SlotStore } from './slots'
import { type Target, winners } from './targets'

/** The state of a target as it is to be shown. */
export interface Condition { look: Look; state: string | null; stale: boolean }

/** Applies the values of slots to one document. */
export class Effects {
  private readonly painter = new Painter()
  private readonly motion: Motion | null
  private readonly paints = new Map<Object3D, Paint>()
  private readonly meshesBelow = new Map<Object3D, Mesh[]>()

  constructor(private readonly model: Model, private readonly store: SlotStore) {
    this.motion = model.loaded ? new Motion(model.object, model.clips) : null
  }

  /** Brings one target up to date. `frozen` is for a lost connection: nothing moves, nothing looks fresh. */
  apply(target: Target, frozen: boolean): void {
    const object = target.node === undefined ? this.model.object : this.model.node(target.node)
    const paint = this.paintOf(target, frozen)
    if (!this.model.loaded) return this.model.tint(target.node, paint.color ?? '')
    if (!object) return
    this.cover(object, paint)
    for (const slot of winners(target, 'visible')) object.visible = this.store.value(slot.slot) !== 0
    for (const slot of winners(target, 'animationSpeed', 'animationTime', 'rotate', 'translate', 'scale', 'fill')) this.move(slot, object, frozen, target.node)
  }

  advance(dt: number): boolean { return this.motion?.advance(dt) ?? false }

  dispose(): void {
    this.painter.dispose()
    this.motion?.dispose()
  }

  private paintOf(target: Target, frozen: boolean): Paint {
    const paint: Paint = {}
    for (const slot of winners(target, 'color', 'emissive', 'opacity')) {
      const value = this.store.value(slot.slot)
      if (slot.effect === 'opacity') paint.opacity = typeof value === 'number' ? value : 1
      else if (slot.effect === 'color') paint.color = this.color(slot, frozen)
      else if (slot.kind === 'scalar') paint.glowStrength = typeof value === 'number' ? value : 0
      else paint.glow = this.color(slot, frozen)
    }
    return paint
  }

  private color(slot: Slot, frozen: boolean): string {
    const condition = conditionOf(this.store, slot, frozen)
    if (condition.state === null) return look(null, undefined).color
    if (!condition.stale) return condition.look.color
    return faded(condition.look.color || look(null, undefined).color)
  }

  private cover(object: Object3D, paint: Paint): void {
    this.paints.set(object, paint)
    for (const mesh of this.below(object)) this.painter.paint(mesh, this.nearest(mesh))
  }

  private below(object: Object3D): Mesh[] {
    const known = this.meshesBelow.get(object)
    if (known) return known
    const found: Mesh[] = []
    object.traverse((child) => { if (child instanceof M) found.push(child) })
    this.meshesBelow.set(object, found)
    return found
  }

  /** Each part of the paint comes from the nearest bound node at or above the mesh. */
  private nearest(mesh: Object3D): Paint {
    const paint: Paint = {}
    for (let at: Object3D | null = mesh; at; at = at.parent) {
      const own = this.paints.get(at)
      if (!own) continue
      paint.color ??= own.color
      paint.glow ??= own.glow
      paint.glowStrength ??= own.glowStrength
      paint.opacity ??= own.opacity
    }
    return paint
  }

  private move(slot: Slot, object: Object3D, frozen: boolean, node: number | undefined): void {
    const value = this.store.value(slot.slot)
    const known = typeof value === 'number'
    const speed = known && !frozen && !this.store.quality(slot.slot) ? value : 0
    const own = node === undefined ? undefined : object
    switch (slot.effect) {
      case 'animationSpeed': return this.motion?.speed(slot.clip ?? 0, speed, own)
      case 'animationTime': return known ? this.motion?.time(slot.clip ?? 0, value, own) : undefined
      case 'rotate': case 'translate': return this.motion?.run(slot.effect, object, slot.axis, speed)
      case 'scale': return known ? this.motion?.scale(object, slot.axis, value) : undefined
      case 'fill': return known ? this.motion?.fill(object, slot.axis, value) : undefined
    }
  }
}

/** How the state of a slot is to be shown: what it is, and whether it may be out of date. */
export function conditionOf(store: SlotStore, slot: Slot, frozen: boolean): Condition {
  const value = store.value(slot.slot)
  const state = typeof value === 'string' ? value : null
  return { look: look(state, store.scene?.palette), state, stale: frozen || store.quality(slot.slot) !== undefined }
}
