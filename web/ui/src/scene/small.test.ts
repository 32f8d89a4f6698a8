import { Vector3 } from 'three'
import { expect, test } from 'vitest'
import { faded, look } from './palette'
import { placement } from './place'
import { EventReader } from './sse'

test('events are cut at empty lines, however the pieces come', () => {
  const reader = new EventReader()
  const text = ':\n\ndata: {"seq":1}\n\nevent: x\ndata: a\ndata: b\r\n\r\ndata: rest'
  expect([...text].flatMap((letter) => reader.push(letter))).toEqual(['{"seq":1}', 'a\nb'])
  expect(reader.push('\n\n')).toEqual(['rest'])
})

test('a state without a palette has the look of the design', () => {
  expect(look('warning', undefined)).toMatchObject({ color: '#e69f00', icon: 'warning' })
  expect(look(null, undefined).icon).toBe('unknown')
  expect(look('ACTIVE', undefined).icon).toBe('alarm')
})

test('a palette may give its own colour, icon and rank', () => {
  expect(look('hot', { hot: { color: '#ff0000', icon: 'alarm', severity: 9 } })).toEqual({ color: '#ff0000', icon: 'alarm', severity: 9, pulse: false })
  expect(look('ok', { ok: { color: '' } }).color).toBe('')
})

test('a stale colour keeps its hue', () => {
  expect(faded('#d55e00')).not.toBe('#d55e00')
  expect(faded('#808080')).toBe('#808080')
})

test('a placement turns, scales and moves', () => {
  const p = new Vector3(1, 0, 0).applyMatrix4(placement({ position: [0, 0, 5], rotation: [0, 90, 0], scale: 2 }))
  expect(p.toArray().map((n) => Math.round(n * 1e6) / 1e6)).toEqual([0, 0, 3])
  expect(new Vector3(1, 2, 3).applyMatrix4(placement(undefined)).toArray()).toEqual([1, 2, 3])
})
