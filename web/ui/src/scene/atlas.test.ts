import { afterEach, expect, test, vi } from 'vitest'
import { Atlas, type Label } from './atlas'

afterEach(() => { vi.unstubAllGlobals() })

/** An atlas on canvases that draw nothing; `sent` are the canvases that were sent to its texture. */
function blind(): { atlas: Atlas; sent: unknown[] } {
  const pen = (canvas: object) => new Proxy({ canvas, measureText: (text: string) => ({ width: text.length * 7 }) } as Record<string | symbol, unknown>, { get: (own, name) => (name in own ? own[name] : () => undefined), set: () => true })
  vi.stubGlobal('document', { createElement: () => { const canvas = {}; return Object.assign(canvas, { getContext: () => pen(canvas) }) } })
  vi.stubGlobal('devicePixelRatio', 1)
  const sent: unknown[] = []
  const renderer = { initTexture: () => undefined, copyTextureToTexture: ({ image }: { image: unknown }) => sent.push(image) }
  return { atlas: new Atlas(renderer as never, { states: {}, text: '', muted: '', surface: '', border: '', dark: false } as never), sent }
}

const label = (text: string): Label => ({ icon: null, text, stale: false, count: false })

test('each label is drawn on a sheet of its own, so that nothing of another is below it', () => {
  const { atlas, sent } = blind()
  for (const text of ['13.1 m³/h', '54 %', '9.1 m³/h']) atlas.take(label(text))
  expect(new Set(sent).size).toBe(3)
})

test('labels in use never share a cell, however many come and go', () => {
  const { atlas } = blind()
  const held = new Map<number, { key: string; cell: { x: number; y: number } }>()
  for (let step = 0; step < 4000; step++) {
    const slot = (step * 7) % 20
    const taken = atlas.take(label(`${'x'.repeat(slot)}${(step * 37) % 101}`))
    if (!taken) throw new Error('the atlas is full')
    const before = held.get(slot)
    if (before) atlas.give(before.key)
    held.set(slot, taken)
    const keys = new Map<string, string>()
    for (const { key, cell } of held.values()) {
      const at = `${cell.x},${cell.y}`
      if ((keys.get(at) ?? key) !== key) throw new Error(`${keys.get(at)} and ${key} share ${at}`)
      keys.set(at, key)
    }
  }
})
