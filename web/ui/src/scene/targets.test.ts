import { expect, test } from 'vitest'
import type { Slot } from './frames'
import { targets, winners } from './targets'

const at = (slot: number, more: Partial<Slot>): Slot => ({ slot, kind: 'state', effect: 'color', document: 'd', node: 1, ...more })

test('on a channel the higher priority wins, then the higher slot', () => {
  const [target] = targets([at(0, { priority: 5 }), at(1, {}), at(2, { priority: 5 })]).values()
  expect([...winners(target!, 'color')].map(({ slot }) => slot)).toEqual([2])
})

test('clips are channels of their own', () => {
  const [target] = targets([at(0, { effect: 'animationSpeed', kind: 'scalar', clip: 0 }), at(1, { effect: 'animationSpeed', kind: 'scalar', clip: 1 })]).values()
  expect([...winners(target!, 'animationSpeed')].map(({ slot }) => slot)).toEqual([0, 1])
})

test('nodes, documents and anchors are apart', () => {
  const keys = [...targets([at(0, {}), at(1, { node: undefined, entity: 'e' }), at(2, { document: undefined, node: undefined, anchor: 'exit' }), at(3, { document: 'other' })]).keys()]
  expect(keys).toEqual(['d:1', 'd:*e', '@exit', 'other:1'])
})
