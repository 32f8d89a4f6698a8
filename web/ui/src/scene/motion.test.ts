import { AnimationClip, BoxGeometry, Group, Mesh, MeshBasicMaterial, NumberKeyframeTrack, Vector3, VectorKeyframeTrack } from 'three'
import { expect, test } from 'vitest'
import { Motion, subclip } from './motion'

function part(name: string): Mesh {
  const mesh = new Mesh(new BoxGeometry(1, 2, 1), new MeshBasicMaterial())
  mesh.name = name
  return mesh
}

function slide(name: string): VectorKeyframeTrack { return new VectorKeyframeTrack(`${name}.position`, [0, 2], [0, 0, 0, 4, 0, 0]) }

test('a clip runs at the speed it is given and stands at 0', () => {
  const root = new Group().add(part('a'))
  const motion = new Motion(root, [new AnimationClip('slide', 2, [slide('a')])])
  motion.speed(0, 2)
  expect(motion.advance(0.25)).toBe(true)
  expect(root.children[0]?.position.x).toBeCloseTo(1)
  motion.speed(0, 0)
  expect(motion.advance(0.25)).toBe(false)
  expect(root.children[0]?.position.x).toBeCloseTo(1)
})

test('a clip can be put at a time', () => {
  const root = new Group().add(part('a'))
  const motion = new Motion(root, [new AnimationClip('slide', 2, [slide('a')])])
  motion.time(0, 1.5)
  expect(root.children[0]?.position.x).toBeCloseTo(3)
  expect(motion.advance(1)).toBe(false)
})

test('a binding of one node moves only the tracks below it', () => {
  const [a, b] = [part('a'), part('b')]
  const clip = new AnimationClip('both', 2, [slide('a'), slide('b')])
  const motion = new Motion(new Group().add(a, b), [clip])
  motion.speed(0, 1, a)
  motion.advance(0.5)
  expect([a.position.x, b.position.x]).toEqual([1, 0])
})

test('a clip with nothing below the node is taken whole', () => {
  const clip = new AnimationClip('other', 1, [new NumberKeyframeTrack('elsewhere.position', [0], [0])])
  expect(subclip(clip, part('a'))).toBe(clip)
})

test('a steady turn is degrees a second about the own axis', () => {
  const a = part('a')
  const motion = new Motion(new Group().add(a), [])
  motion.run('rotate', a, [0, 1, 0], 90)
  motion.advance(1)
  const ahead = new Vector3(1, 0, 0).applyQuaternion(a.quaternion)
  expect([ahead.x, ahead.z]).toEqual([expect.closeTo(0), expect.closeTo(-1)])
})

test('a fill keeps the foot where it is', () => {
  const a = part('a')
  a.position.y = 1
  const motion = new Motion(new Group().add(a), [])
  motion.fill(a, [0, 1, 0], 0.25)
  expect([a.scale.y, a.position.y - a.scale.y]).toEqual([0.25, expect.closeTo(0)])
  motion.fill(a, [0, 1, 0], 1)
  expect([a.scale.y, a.position.y]).toEqual([1, 1])
})

test('scale along one axis leaves the others', () => {
  const a = part('a')
  new Motion(new Group().add(a), []).scale(a, [0, 0, 1], 3)
  expect(a.scale.toArray()).toEqual([1, 1, 3])
})

test('everything is put back', () => {
  const a = part('a')
  const motion = new Motion(new Group().add(a), [])
  motion.run('translate', a, [1, 0, 0], 0.3)
  motion.advance(1)
  expect(a.position.x).toBeCloseTo(0.3)
  motion.dispose()
  expect(a.position.x).toBe(0)
})
