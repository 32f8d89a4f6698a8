import { expect, test } from 'vitest'
import { declutter, type Wish } from './declutter'

const wish = (key: string, x: number, y: number, more: Partial<Wish> = {}): Wish => ({ key, x, y, depth: 0.5, width: 80, height: 24, severity: 0, ...more })

test('labels with room stay single', () => {
  expect(declutter([wish('a', 100, 300), wish('b', 300, 300)], new Set()).map(({ members }) => members)).toEqual([['a'], ['b']])
})

test('labels in each other\'s way are stacked, then merged', () => {
  const places = declutter(['a', 'b', 'c', 'd', 'e'].map((key) => wish(key, 100, 300)), new Set())
  expect(places.map(({ members }) => members.length)).toEqual([3, 1, 1])
  expect(new Set(places.map(({ y }) => y)).size).toBe(3)
})

test('the worst state is the host of a merged label', () => {
  const places = declutter([...['a', 'b', 'c'].map((key) => wish(key, 100, 300)), wish('z', 100, 300, { severity: 3 })], new Set())
  expect(places[0]).toMatchObject({ key: 'z' })
  expect(places[0]?.members.length).toBe(2)
})

test('no label is lost and none overlaps', () => {
  const wishes = Array.from({ length: 200 }, (_, i) => wish(`${i}`, (i * 37) % 600, 60 + ((i * 53) % 400), { severity: i % 4 }))
  const places = declutter(wishes, new Set())
  expect(places.flatMap(({ members }) => members).sort()).toEqual(wishes.map(({ key }) => key).sort())
  for (const a of places) for (const b of places) if (a !== b) expect(Math.abs(a.x - b.x) >= 80 || Math.abs(a.y - b.y) >= 24).toBe(true)
})

test('a label that had a place keeps it before a nearer new one', () => {
  const [first] = declutter([wish('old', 100, 300, { depth: 0.9 }), wish('new', 100, 300, { depth: 0.1 })], new Set(['old']))
  expect(first?.key).toBe('old')
})
