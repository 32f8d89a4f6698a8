import type { Frame, SceneInfo, Slot, SlotValue } from './frames'

export interface Quality { status: string; time: number | null }

export type Outcome = { kind: 'table' } | { kind: 'changed'; slots: ReadonlySet<number> } | { kind: 'gap' }

/**
 * The newest value and quality of every slot. Pure: it knows nothing of sockets or pixels.
 * A frame that does not follow the last one is a gap and leaves everything as it was.
 */
export class SlotStore {
  scene: SceneInfo | null = null
  epoch = ''
  seq = -1
  /** Server time of the newest frame, in epoch milliseconds. */
  time = 0
  private table = new Map<number, Slot>()
  private values = new Map<number, SlotValue>()
  private qualities = new Map<number, Quality>()

  get slots(): Iterable<Slot> { return this.table.values() }

  slot(index: number): Slot | undefined { return this.table.get(index) }

  /** The value of a slot; null is unknown, also for a slot that never had one. */
  value(index: number): SlotValue { return this.values.get(index) ?? null }

  /** What is wrong with the inputs of a slot, or undefined when all is well. */
  quality(index: number): Quality | undefined { return this.qualities.get(index) }

  /** What to send as `from` when connecting again; empty before the first message. */
  get cursor(): string { return this.seq < 0 ? '' : `${this.epoch}:${this.seq}` }

  apply(frame: Frame): Outcome {
    const first = frame.slots !== undefined
    if (!first && (frame.epoch !== this.epoch || (frame.prev ?? -2) !== this.seq)) return { kind: 'gap' }
    if (first) this.replace(frame)
    this.epoch = frame.epoch
    this.seq = frame.seq
    this.time = frame.t
    const changed = new Set<number>()
    this.take(frame, changed)
    return first ? { kind: 'table' } : { kind: 'changed', slots: changed }
  }

  /** Forgets the cursor, so that the next connection asks for the first message. */
  forget(): void { this.seq = -1 }

  private replace(frame: Frame): void {
    if (frame.scene) this.scene = frame.scene
    this.table = new Map((frame.slots ?? []).map((slot) => [slot.slot, slot]))
    this.values.clear()
    this.qualities.clear()
  }

  private take(frame: Frame, changed: Set<number>): void {
    for (const column of [frame.state, frame.scalar, frame.text]) {
      column?.slots.forEach((slot, i) => {
        this.values.set(slot, column.v[i] ?? null)
        changed.add(slot)
      })
    }
    frame.quality?.slots.forEach((slot, i) => {
      const status = frame.quality?.v[i] ?? 'UNKNOWN'
      if (status === 'OK') this.qualities.delete(slot)
      else this.qualities.set(slot, { status, time: frame.quality?.t?.[i] ?? null })
      changed.add(slot)
    })
  }
}
