import { readFileSync } from 'node:fs'
import { Box3, Matrix4, Quaternion, Vector3 } from 'three'
import type { NodeTable, TableNode, Vec3 } from '../../src/scene/frames'

interface Gltf {
  scene?: number
  scenes?: { nodes?: number[] }[]
  nodes?: { name?: string; mesh?: number; children?: number[]; matrix?: number[]; translation?: Vec3; rotation?: [number, number, number, number]; scale?: Vec3; extras?: Record<string, unknown> }[]
  meshes?: { primitives: { attributes: { POSITION: number }; indices?: number; material?: number }[] }[]
  accessors?: { min?: Vec3; max?: Vec3; count: number }[]
  animations?: { name?: string; channels: { target: { node?: number } }[] }[]
  materials?: { name?: string }[]
}

/** The node table of a GLB file, as the service makes it: enough for a harness, not a checked reader. */
export function nodeTable(path: string): NodeTable {
  const file = readFileSync(path)
  const gltf = JSON.parse(file.subarray(20, 20 + file.readUInt32LE(12)).toString()) as Gltf
  const rows: TableNode[] = []
  const all = new Box3()
  const visit = (index: number, parent: number | undefined, world: Matrix4, path: string): Box3 => {
    const node = gltf.nodes?.[index] ?? {}
    const local = node.matrix
      ? new Matrix4().fromArray(node.matrix)
      : new Matrix4().compose(new Vector3(...(node.translation ?? [0, 0, 0])), new Quaternion(...(node.rotation ?? [0, 0, 0, 1])), new Vector3(...(node.scale ?? [1, 1, 1])))
    const matrix = world.clone().multiply(local)
    const box = new Box3()
    let triangles = 0
    for (const primitive of node.mesh === undefined ? [] : (gltf.meshes?.[node.mesh]?.primitives ?? [])) {
      const positions = gltf.accessors?.[primitive.attributes.POSITION]
      if (!positions?.min || !positions.max) continue
      box.union(new Box3(new Vector3(...positions.min), new Vector3(...positions.max)).applyMatrix4(matrix))
      triangles += (primitive.indices === undefined ? positions.count : (gltf.accessors?.[primitive.indices]?.count ?? 0)) / 3
    }
    const own = path ? `${path}/${node.name ?? index}` : (node.name ?? `${index}`)
    const row: TableNode = { i: index, path: own, name: node.name, extras: node.extras, parent, triangles }
    rows.push(row)
    all.union(box)
    for (const child of node.children ?? []) box.union(visit(child, index, matrix, own))
    if (!box.isEmpty()) row.box = [box.min.toArray(), box.max.toArray()]
    return box
  }
  for (const root of gltf.scenes?.[gltf.scene ?? 0]?.nodes ?? []) visit(root, undefined, new Matrix4(), '')
  return { bounds: [all.min.toArray(), all.max.toArray()], nodes: rows, clips: (gltf.animations ?? []).map((clip, i) => clip.name ?? `${i}`), materials: (gltf.materials ?? []).map((material, i) => material.name ?? `${i}`) }
}
