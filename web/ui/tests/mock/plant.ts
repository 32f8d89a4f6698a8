import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { NodeTable, Slot, SlotValue } from '../../src/scene/frames'
import type { Blob } from './server'
import { MockScene } from './stream'
import { nodeTable } from './gltf'
import { serials, stateOf } from './graph'

const root = resolve(import.meta.dirname, '../../../..')
const candidates = [
  resolve(root, 'fixtures/demo/assets/plant.glb'),
  resolve(root, '../shared/data/twinmaker-cookiefactory-v1/scenes/CookieFactoryMixer.glb'),
]

/** A scene over the demo model, or over the mixer where that is not there, whose values change by themselves. */
export function plant(): { scenes: Map<string, MockScene>; blobs: Map<string, Blob>; stop(): void } {
  const glb = candidates.find(existsSync)
  const table: NodeTable = glb ? nodeTable(glb) : { nodes: [] }
  const bound = table.nodes.filter((node) => serials.has(String(node.extras?.id)) && node.box)
  const parts = bound.length > 0 ? bound : table.nodes.filter((node) => node.triangles).slice(0, 14)
  const slots: Slot[] = []
  for (const part of parts) {
    const common = { document: 'line', node: part.i, entity: serials.get(String(part.extras?.id)) ?? `e-${part.i}`, name: part.name }
    const icon = slots.length
    slots.push({ slot: icon, kind: 'state', effect: 'color', channel: 'color', rule: 'bearing', ...common })
    slots.push({ slot: slots.length, kind: 'text', effect: 'tag', icon, ...common })
    const clip = table.clips?.findIndex((name) => name.startsWith(`${String(part.extras?.id)} `) || (part.name ?? '').includes(name)) ?? -1
    if (clip >= 0) slots.push({ slot: slots.length, kind: 'scalar', effect: 'animationSpeed', clip, ...common })
  }
  slots.push({ slot: slots.length, kind: 'text', effect: 'tag', anchor: 'exit', entity: 'hall-1' })
  slots.push({ slot: slots.length, kind: 'state', effect: 'color', document: 'gone', node: 3, entity: 'lost-1', name: 'Lost part' })
  slots.push({ slot: slots.length, kind: 'text', effect: 'tag', document: 'gone', node: 3, entity: 'lost-1', icon: slots.length - 1 })
  const withMissing = process.env.MOCK_MISSING === '1'
  const scene = new MockScene({
    id: 'hall-1', title: 'Hall 1', revision: 42,
    documents: [
      { id: 'line', hash: 'aa', url: '/blobs/line.glb', nodesUrl: '/blobs/line.nodes.json', missing: !glb },
      ...(withMissing ? [{ id: 'gone', hash: 'bb', missing: true, at: { position: [0, 0, 6] as [number, number, number] } }] : []),
    ],
    views: { overview: { position: [13, 10.5, 15.5], target: [0.3, 0.6, -0.6] }, 'line A': { position: [1.5, 5.5, 10.5], target: [-0.6, 1.2, 0.8] }, process: { position: [-4.2, 5.2, 4.2], target: [-7.2, 1.6, -3.8] } },
    anchors: { exit: { position: [table.bounds?.[1][0] ?? 4, 1, 0] } },
    problems: withMissing ? ['document gone: the file assets/gone.glb is missing; its bindings are shown as boxes'] : [],
    palette: { ok: { color: '', icon: 'ok', severity: 0 }, warning: { color: '#e69f00', icon: 'warning', severity: 2 }, alarm: { color: '#d55e00', icon: 'alarm', severity: 3, pulse: true }, maintenance: { color: '#cc79a7', icon: 'maintenance', severity: 1 } },
  }, withMissing ? slots : slots.filter((slot) => slot.document !== 'gone'))
  const values = (t: number): Record<number, SlotValue> => Object.fromEntries(slots.map((slot) => [slot.slot, value(slot, t)]))
  const value = (slot: Slot, t: number): SlotValue => {
    if (slot.kind === 'state') return stateOf(slot.entity ?? '')
    if (slot.kind === 'scalar') return 1
    return slot.anchor ? 'Hall 1' : `${(12 + Math.sin(t / 3 + slot.slot)).toFixed(2)} m³/h`
  }
  scene.push(values(0), slots[8] ? { 8: 'STALE', 9: 'STALE' } : {})
  const started = Date.now()
  const timer = setInterval(() => {
    const now = values((Date.now() - started) / 1000)
    scene.push(Object.fromEntries(Object.entries(now).filter((_, i) => i % 3 === Math.floor(Date.now() / 1000) % 3)))
  }, 1000)
  const blobs = new Map<string, Blob>([['line.glb', { glb }], ['line.nodes.json', { table }]])
  return { scenes: new Map([['hall-1', scene]]), blobs, stop: () => { clearInterval(timer); scene.close() } }
}
