import { Box3, type Object3D, Vector3 } from 'three'
import { type Condition, conditionOf, Effects } from './effects'
import type { NamedView, Slot, Vec3 } from './frames'
import { Model } from './model'
import { type Hit, Picker } from './pick'
import { look } from './palette'
import { SlotStore } from './slots'
import { Stage } from './stage'
import { Tags } from './tags'
import { type Target, targetKey, targets, winners } from './targets'
import type { Theme } from './theme'
import { View } from './view'

const standIn = 0.6 // metres; side of the box that stands for a part whose document is missing

/** The scene on a canvas: takes the store's changes and shows them. Knows nothing of the network but documents. */
export class Picture {
  readonly stage: Stage
  readonly view: View
  readonly tags: Tags
  private readonly picker: Picker
  private models = new Map<string, Model>()
  private effects = new Map<string, Effects>()
  private targets = new Map<string, Target>()
  private frozen = false
  private initial = ''
  private focus: { select: string; hover: string } = { select: '', hover: '' }

  constructor(canvas: HTMLCanvasElement, private readonly store: SlotStore, theme: Theme, private readonly changed: () => void) {
    this.stage = new Stage(canvas)
    this.tags = new Tags(this.stage, theme)
    this.view = new View(this.stage.camera, canvas, this.stage.loop, () => this.tags.touch())
    this.picker = new Picker(this.stage, this.tags)
    this.stage.beforeDraw = () => this.tags.update(this.stage.camera)
    this.stage.loop.animate((dt) => this.advance(dt))
    this.stage.theme(theme)
  }

  /** What could not be shown, in words. */
  get problems(): string[] {
    const own = [...this.models.values()].flatMap((model) => (model.problem ? [model.problem] : []))
    const told = this.store.scene?.problems ?? []
    return [...new Set([...told, ...own.filter((line) => !told.some((other) => other.includes(line.split(':')[0] ?? line)))])]
  }

  get loading(): boolean { return [...this.models.values()].some((model) => !model.loaded && !model.problem) }

  theme(theme: Theme): void {
    this.stage.theme(theme)
    this.tags.retheme(theme)
  }

  /** The table changed: documents come and go, everything is applied anew. */
  rebuild(view: string): void {
    this.initial = view
    this.targets = targets(this.store.slots)
    const wanted = new Map((this.store.scene?.documents ?? []).map((document) => [document.id, document]))
    for (const [id, model] of this.models) {
      const next = wanted.get(id)
      if (next && next.hash === model.info.hash && next.url === model.info.url && JSON.stringify(next.at) === JSON.stringify(model.info.at)) continue
      this.drop(id, model)
    }
    for (const document of wanted.values()) if (!this.models.has(document.id)) this.add(new Model(document))
    this.standIns()
    this.applyAll()
    if (wanted.size === 0) this.settled()
  }

  /** Applies the slots that changed. */
  update(changed: ReadonlySet<number>): void {
    const keys = new Set<string>()
    for (const index of changed) {
      const slot = this.store.slot(index)
      if (slot) keys.add(targetKey(slot))
    }
    for (const slot of this.store.slots) if (slot.icon !== undefined && changed.has(slot.icon)) keys.add(targetKey(slot))
    for (const key of keys) this.apply(key)
    this.stage.loop.invalidate()
  }

  /** A lost connection: nothing moves and nothing looks fresh until frames come again. */
  freeze(frozen: boolean): void {
    if (frozen === this.frozen) return
    this.frozen = frozen
    if (!frozen) this.retry()
    this.applyAll()
  }

  hit(x: number, y: number): Hit | null {
    return this.picker.at(x, y, this.models.values(), (document, node) => this.targets.get(`${document}:${node}`))
  }

  /** Outlines the parts of an entity. */
  mark(kind: 'select' | 'hover', entity: string): void {
    this.focus[kind] = entity
    const objects = entity ? this.objects(entity) : []
    if (kind === 'select') this.stage.outline.select(objects)
    else this.stage.outline.hover(objects)
    this.stage.loop.invalidate()
  }

  /** Flies to an entity; false when the scene does not show it. */
  goTo(entity: string): boolean {
    const box = this.box(entity)
    if (box.isEmpty()) return false
    const size = Math.max(box.getSize(new Vector3()).length(), this.stage.bounds.getSize(new Vector3()).length() * 0.05)
    box.expandByScalar(size * 0.25)
    this.view.fly(this.view.around(box), true)
    return true
  }

  /** Flies to a named view, or to one that shows everything when there is none of that name. */
  show(name: string, at = false): void {
    const view = this.viewNamed(name)
    if (at) this.view.set(view)
    else this.view.fly(view)
  }

  viewNamed(name: string): NamedView {
    return this.store.scene?.views?.[name] ?? this.view.around(this.stage.bounds, new Vector3(0.7, 0.5, 1))
  }

  /** The condition of every entity that has a state here; the worst where it has several. */
  conditions(): Map<string, Condition> {
    const found = new Map<string, Condition>()
    for (const slot of this.store.slots) {
      if (slot.kind !== 'state' || !slot.entity) continue
      const next = conditionOf(this.store, slot, this.frozen)
      const before = found.get(slot.entity)
      if (!before || next.look.severity > before.look.severity) found.set(slot.entity, next)
    }
    return found
  }

  /** Where an entity is on the canvas, in CSS px; undefined when it is not shown. */
  project(entity: string): { x: number; y: number } | undefined {
    const box = this.box(entity)
    if (box.isEmpty()) return undefined
    const p = box.getCenter(new Vector3()).project(this.stage.camera)
    return { x: (p.x / 2 + 0.5) * this.stage.width, y: (0.5 - p.y / 2) * this.stage.height }
  }

  dispose(): void {
    for (const [id, model] of this.models) this.drop(id, model)
    this.view.dispose()
    this.tags.dispose()
    this.stage.dispose()
  }

  private add(model: Model): void {
    const id = model.info.id
    this.models.set(id, model)
    this.stage.content.add(model.object)
    this.effects.set(id, new Effects(model, this.store))
    void model.readTable().then(() => this.arrived(model, false), () => undefined)
    void model.load().then(() => this.arrived(model, true))
  }

  /** Documents that could not be fetched are asked for again when the connection is back. */
  private retry(): void {
    for (const model of this.models.values()) if (model.failed) void model.readTable().catch(() => undefined).then(() => model.load()).then(() => this.arrived(model, true))
  }

  private drop(id: string, model: Model): void {
    this.effects.get(id)?.dispose()
    this.effects.delete(id)
    model.dispose()
    this.models.delete(id)
  }

  private arrived(model: Model, whole: boolean): void {
    const id = model.info.id
    if (this.models.get(id) !== model) return
    if (whole) {
      this.effects.get(id)?.dispose()
      this.effects.set(id, new Effects(model, this.store))
      if (model.problem) this.standIns()
    }
    this.settled()
    this.applyAll()
    this.mark('select', this.focus.select)
    this.changed()
  }

  /** The extent is known, or has changed: floor and light follow, and the camera until somebody has moved it. */
  private settled(): void {
    this.stage.glassy = [...this.models.values()].map((model) => model.glass.object)
    this.stage.settle()
    this.view.reach(this.stage.bounds, this.stage.ground.height)
    if (!this.view.touched) this.show(this.initial, true)
  }

  /** Boxes for what is bound in documents that are not there. */
  private standIns(): void {
    let column = 0
    for (const [id, model] of this.models) {
      if (model.known || (!model.problem && !model.info.missing)) continue
      const bound = [...this.targets.values()].filter((target) => target.document === id)
      model.glass.place(bound.map((target, i) => ({ index: target.node ?? -1 - i, box: row(column++) })))
      bound.forEach((target, i) => model.standsFor(target.entity ?? target.key, target.node ?? -1 - i, row(column - bound.length + i)))
    }
  }

  private applyAll(): void {
    for (const key of this.targets.keys()) this.apply(key)
    this.tags.keep(new Set([...this.targets.values()].filter((target) => this.tagSlot(target)).map((target) => target.key)))
    this.stage.moved(true)
  }

  private apply(key: string): void {
    const target = this.targets.get(key)
    if (!target) return
    if (target.document) this.effects.get(target.document)?.apply(target, this.frozen)
    const slot = this.tagSlot(target)
    if (slot) this.label(target, slot)
    this.stage.loop.wake()
  }

  private tagSlot(target: Target): Slot | undefined { return winners(target, 'tag').next().value ?? undefined }

  private label(target: Target, slot: Slot): void {
    const value = this.store.value(slot.slot)
    const icon = slot.icon === undefined ? undefined : this.store.slot(slot.icon)
    const condition = icon ? conditionOf(this.store, icon, this.frozen) : null
    const stale = this.frozen || this.store.quality(slot.slot) !== undefined || (condition?.stale ?? false)
    const shown = value !== '' && this.positioned(target)
    this.tags.set(target.key, {
      position: this.top(target), text: value === null ? '–' : String(value), stale, entity: target.entity, shown,
      look: condition?.look ?? (value === null ? look(null, undefined) : null),
    })
  }

  private positioned(target: Target): boolean { return target.anchor !== undefined || !this.boxOf(target).isEmpty() }

  private top(target: Target): Vector3 {
    const anchor = target.anchor === undefined ? undefined : this.store.scene?.anchors?.[target.anchor]
    if (anchor) return new Vector3(...anchor.position)
    const box = this.boxOf(target)
    return new Vector3((box.min.x + box.max.x) / 2, box.max.y, (box.min.z + box.max.z) / 2)
  }

  private boxOf(target: Target): Box3 {
    const model = target.document === undefined ? undefined : this.models.get(target.document)
    if (!model) return new Box3()
    return model.boxFor(target.entity ?? target.key) ?? model.box(target.node)
  }

  private box(entity: string): Box3 {
    const box = new Box3()
    for (const target of this.targets.values()) {
      if (target.entity !== entity) continue
      if (target.anchor !== undefined) box.expandByPoint(this.top(target))
      else box.union(this.boxOf(target))
    }
    return box
  }

  private objects(entity: string): Object3D[] {
    const found: Object3D[] = []
    for (const target of this.targets.values()) {
      if (target.entity !== entity || target.document === undefined) continue
      const model = this.models.get(target.document)
      const object = target.node === undefined ? model?.object : model?.node(target.node)
      if (object) found.push(object)
    }
    return found
  }

  private advance(dt: number): boolean {
    let moving = false
    for (const effects of this.effects.values()) moving = effects.advance(dt) || moving
    if (moving) this.stage.moved()
    return moving
  }
}

function row(column: number): [Vec3, Vec3] {
  const x = column * standIn * 2
  return [[x, 0, 0], [x + standIn, standIn, standIn]]
}
