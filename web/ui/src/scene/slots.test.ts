import { expect, test } from 'vitest'
import type { Frame } from './frames'
import { SlotStore } from './slots'

const first: Frame = {
  epoch: 'a', seq: 41, t: 1000, scene: { id: 's' }, slots: [{ slot: 0, kind: 'state', effect: 'color' }, { slot: 1, kind: 'scalar', effect: 'opacity' }],
  state: { slots: [0], v: ['ok'] }, scalar: { slots: [1], v: [0.5] }, quality: { slots: [1], v: ['STALE'], t: [900] },
}

function opened(): SlotStore {
  const store = new SlotStore()
  store.apply(first)
  return store
}

test('the first message fills table, values and quality', () => {
  const store = opened()
  expect([store.value(0), store.value(1), store.quality(1), store.cursor]).toEqual(['ok', 0.5, { status: 'STALE', time: 900 }, 'a:41'])
})

test('a frame changes what it names and nothing else', () => {
  const store = opened()
  expect(store.apply({ epoch: 'a', seq: 42, prev: 41, t: 1100, state: { slots: [0], v: ['alarm'] } })).toEqual({ kind: 'changed', slots: new Set([0]) })
  expect([store.value(0), store.value(1), store.cursor]).toEqual(['alarm', 0.5, 'a:42'])
})

test('a frame that does not follow is a gap and changes nothing', () => {
  const store = opened()
  for (const frame of [{ epoch: 'a', seq: 50, prev: 49 }, { epoch: 'b', seq: 42, prev: 41 }, { epoch: 'a', seq: 42 }]) {
    expect(store.apply({ ...frame, t: 1, state: { slots: [0], v: ['alarm'] } })).toEqual({ kind: 'gap' })
  }
  expect([store.value(0), store.cursor]).toEqual(['ok', 'a:41'])
})

test('a sign of life changes nothing but the time', () => {
  const store = opened()
  expect(store.apply({ epoch: 'a', seq: 41, prev: 41, t: 6000 })).toEqual({ kind: 'changed', slots: new Set() })
  expect(store.time).toBe(6000)
})

test('null is unknown and OK clears the quality', () => {
  const store = opened()
  store.apply({ epoch: 'a', seq: 42, prev: 41, t: 1, scalar: { slots: [1], v: [null] }, quality: { slots: [1], v: ['OK'] } })
  expect([store.value(1), store.quality(1)]).toEqual([null, undefined])
})

test('a new table forgets the old values', () => {
  const store = opened()
  store.apply({ ...first, seq: 50, state: undefined, scalar: undefined, quality: undefined })
  expect([store.value(0), store.quality(1), [...store.slots].length]).toEqual([null, undefined, 2])
})
