import { MockScene } from './stream'
import type { Blob } from './server'
import type { NodeTable } from '../../src/scene/frames'

/** A GLB of boxes in a row that share one material, so that recolouring one must not touch the others; no file is needed. */
export function boxesGlb(count: number): Buffer {
  const positions: number[] = []
  const normals: number[] = []
  const indices: number[] = []
  for (const axis of [0, 1, 2]) for (const sign of [-1, 1]) {
    const first = positions.length / 3
    for (const [u, v] of [[-1, -1], [1, -1], [1, 1], [-1, 1]] as const) {
      const p = [0, 0, 0]
      p[axis] = sign * 0.5
      p[(axis + 1) % 3] = u * 0.5
      p[(axis + 2) % 3] = v * 0.5
      positions.push(...p)
      const n = [0, 0, 0]
      n[axis] = sign
      normals.push(...n)
    }
    indices.push(...(sign > 0 ? [0, 1, 2, 0, 2, 3] : [0, 2, 1, 0, 3, 2]).map((i) => first + i))
  }
  const bytes = Buffer.concat([Buffer.from(new Float32Array(positions).buffer), Buffer.from(new Float32Array(normals).buffer), Buffer.from(new Uint16Array(indices).buffer)])
  const size = positions.length * 4
  const times = Buffer.from(new Float32Array([0, 1, 0, 0, 0, 0, 1, 0]).buffer) // two times, two translations
  const bin = Buffer.concat([bytes, times])
  return glb({
    asset: { version: '2.0' }, scene: 0, scenes: [{ nodes: [...Array(count).keys()] }],
    nodes: Array.from({ length: count }, (_, i) => ({ name: 'Box', mesh: 0, translation: [(i - (count - 1) / 2) * 2, 0.5, 0], extras: { id: `B-${i}` } })),
    meshes: [{ primitives: [{ attributes: { POSITION: 0, NORMAL: 1 }, indices: 2, material: 0 }] }],
    materials: [{ name: 'Steel', pbrMetallicRoughness: { baseColorFactor: [0.6, 0.6, 0.6, 1], metallicFactor: 0.2, roughnessFactor: 0.6 } }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: positions.length / 3, type: 'VEC3', min: [-0.5, -0.5, -0.5], max: [0.5, 0.5, 0.5] },
      { bufferView: 1, componentType: 5126, count: positions.length / 3, type: 'VEC3' }, { bufferView: 2, componentType: 5123, count: indices.length, type: 'SCALAR' },
      { bufferView: 3, componentType: 5126, count: 2, type: 'SCALAR', min: [0], max: [1] }, { bufferView: 4, componentType: 5126, count: 2, type: 'VEC3' },
    ],
    bufferViews: [
      { buffer: 0, byteOffset: 0, byteLength: size }, { buffer: 0, byteOffset: size, byteLength: size }, { buffer: 0, byteOffset: size * 2, byteLength: indices.length * 2 },
      { buffer: 0, byteOffset: bytes.length, byteLength: 8 }, { buffer: 0, byteOffset: bytes.length + 8, byteLength: 24 },
    ],
    buffers: [{ byteLength: bin.length }],
  }, bin)
}

function glb(json: unknown, bin: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(json))
  const head = Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4, 0x20)])
  const body = Buffer.concat([bin, Buffer.alloc((4 - (bin.length % 4)) % 4)])
  const word = (...values: number[]) => Buffer.from(new Uint32Array(values).buffer)
  return Buffer.concat([word(0x46546c67, 2, 12 + 8 + head.length + 8 + body.length), word(head.length, 0x4e4f534a), head, word(body.length, 0x004e4942), body])
}

/** A scene of five boxes: each with a colour and a tag, the first also with a speed of turning. */
export function boxScene(): { scene: MockScene; blobs: Map<string, Blob> } {
  const count = 5
  const table: NodeTable = {
    bounds: [[-4.5, 0, -0.5], [4.5, 1, 0.5]],
    nodes: Array.from({ length: count }, (_, i) => ({ i, name: 'Box', path: `Box ${i}`, triangles: 12, box: [[i * 2 - 4.5, 0, -0.5], [i * 2 - 3.5, 1, 0.5]] })),
  }
  const each = Array.from({ length: count }, (_, i) => ({ document: 'boxes', node: i, entity: `box-${i}` }))
  const scene = new MockScene({
    id: 'boxes', title: 'Boxes', revision: 1, documents: [{ id: 'boxes', hash: 'b0', url: '/blobs/boxes.glb', nodesUrl: '/blobs/boxes.nodes.json' }],
    views: { front: { position: [0, 5, 12], target: [0, 0.5, 0] } },
  }, [
    ...each.map((at, i) => ({ slot: i, kind: 'state' as const, effect: 'color' as const, channel: 'color', ...at })),
    ...each.map((at, i) => ({ slot: count + i, kind: 'text' as const, effect: 'tag' as const, icon: i, ...at })),
    { slot: 10, kind: 'scalar', effect: 'rotate', axis: [0, 1, 0], document: 'boxes', node: 4, entity: 'box-4' },
  ])
  scene.push(Object.fromEntries([...each.map((_, i) => [i, 'ok']), ...each.map((_, i) => [count + i, `${i}.00 bar`]), [10, 0]]))
  return { scene, blobs: new Map([['boxes.glb', { bytes: boxesGlb(count) }], ['boxes.nodes.json', { table }]]) }
}
