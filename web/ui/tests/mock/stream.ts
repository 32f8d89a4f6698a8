import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Frame, QualityColumn, SceneInfo, Slot, SlotValue } from '../../src/scene/frames'

type Listener = (frame: Frame) => void

const columnOf = { state: 'state', scalar: 'scalar', text: 'text' } as const

/** One scene of the harness: slots with values, numbered frames, resuming; as scenes/FRAMES.md says. */
export class MockScene {
  epoch = Math.random().toString(36).slice(2, 6)
  seq = 0
  private values = new Map<number, { value: SlotValue; seq: number }>()
  private quality = new Map<number, { status: string; time: number | null; seq: number }>()
  private listeners = new Set<Listener>()
  private beat = setInterval(() => this.send({ ...this.head(), prev: this.seq }), 5000)

  /** Connections that resumed where they were, and those that got the first message. */
  readonly joins = { resumed: 0, first: 0 }

  constructor(readonly info: SceneInfo, readonly slots: Slot[]) {}

  /** Sets values and sends one frame of what changed. */
  push(values: Record<number, SlotValue>, quality: Record<number, string> = {}): void {
    const prev = this.seq++
    for (const [slot, value] of Object.entries(values)) this.values.set(Number(slot), { value, seq: this.seq })
    for (const [slot, status] of Object.entries(quality)) this.quality.set(Number(slot), { status, time: Date.now() - 30_000, seq: this.seq })
    this.send({ ...this.head(), prev, ...this.columns(prev) })
  }

  /** What a viewer gets that says where it was. */
  first(from: string | null): Frame {
    const [epoch, seq] = (from ?? '').split(':')
    if (epoch === this.epoch && Number(seq) <= this.seq) {
      this.joins.resumed++
      return { ...this.head(), prev: Number(seq), ...this.columns(Number(seq)) }
    }
    this.joins.first++
    return { ...this.head(), tick: 100, scene: this.info, slots: this.slots, ...this.columns(-1) }
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Begins a new epoch, as a restarted server does. */
  restart(): void {
    this.epoch = Math.random().toString(36).slice(2, 6)
    this.seq = 0
  }

  close(): void { clearInterval(this.beat) }

  events(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const write = (frame: Frame) => response.write(`data: ${JSON.stringify(frame)}\n\n`)
    write(this.first(new URL(request.url ?? '/', 'http://x').searchParams.get('from')))
    const stop = this.listen(write)
    request.on('close', stop)
  }

  private head(): Frame { return { epoch: this.epoch, seq: this.seq, t: Date.now() } }

  private send(frame: Frame): void { for (const listener of this.listeners) listener(frame) }

  private columns(after: number): Partial<Frame> {
    const out: Partial<Frame> = {}
    for (const [index, { value, seq }] of this.values) {
      const slot = this.slots.find((one) => one.slot === index)
      if (!slot || seq <= after) continue
      const column = (out[columnOf[slot.kind]] ??= { slots: [], v: [] })
      column.slots.push(index)
      column.v.push(value)
    }
    for (const [index, { status, time, seq }] of this.quality) {
      if (seq <= after || (after < 0 && status === 'OK')) continue
      const column: QualityColumn = (out.quality ??= { slots: [], v: [], t: [] })
      column.slots.push(index)
      column.v.push(status)
      column.t?.push(time)
    }
    return out
  }
}
