import { BoxGeometry, Mesh, MeshStandardMaterial } from 'three'
import { expect, test } from 'vitest'
import { Painter } from './paint'

const geometry = new BoxGeometry()

test('a shared material is copied on write and comes back', () => {
  const shared = new MeshStandardMaterial({ color: '#888888' })
  const [a, b] = [new Mesh(geometry, shared), new Mesh(geometry, shared)]
  const painter = new Painter()
  painter.paint(a, { color: '#d55e00' })
  expect([a.material === shared, b.material === shared, shared.color.getHexString()]).toEqual([false, true, '888888'])
  painter.paint(a, {})
  expect([a.material === shared, painter.size]).toEqual([true, 0])
})

test('equal paints of one material share a copy', () => {
  const shared = new MeshStandardMaterial()
  const meshes = Array.from({ length: 5 }, () => new Mesh(geometry, shared))
  const painter = new Painter()
  for (const mesh of meshes) painter.paint(mesh, { color: '#e69f00' })
  expect(painter.size).toBe(1)
  expect(new Set(meshes.map((mesh) => mesh.material)).size).toBe(1)
})

test('a copy that nobody wears is disposed', () => {
  const mesh = new Mesh(geometry, new MeshStandardMaterial())
  const painter = new Painter()
  let disposed = 0
  painter.paint(mesh, { color: '#e69f00' })
  ;(mesh.material as MeshStandardMaterial).addEventListener('dispose', () => disposed++)
  painter.paint(mesh, { opacity: 0.4 })
  expect([disposed, painter.size, (mesh.material as MeshStandardMaterial).transparent]).toEqual([1, 1, true])
  painter.dispose()
  expect(painter.size).toBe(0)
})

test('several materials of one mesh are each copied', () => {
  const both = [new MeshStandardMaterial({ name: 'a' }), new MeshStandardMaterial({ name: 'b' })]
  const mesh = new Mesh(geometry, both)
  const painter = new Painter()
  painter.paint(mesh, { color: '#56b4e9' })
  expect((mesh.material as MeshStandardMaterial[]).map(({ name }) => name)).toEqual(['a', 'b'])
  painter.strip(mesh)
  expect(mesh.material).toBe(both)
})

test('opacity in full is the own material', () => {
  const own = new MeshStandardMaterial()
  const mesh = new Mesh(geometry, own)
  new Painter().paint(mesh, { opacity: 1 })
  expect(mesh.material).toBe(own)
})
