import { type AnimationClip, Box3, Group, Mesh, type Material, type Object3D, Texture, Vector3 } from 'three'
import type { GLTF, GLTFLoader as Loader } from 'three/addons/loaders/GLTFLoader.js'
import { Glass } from './glass'
import type { NodeTable, SceneDocument, TableNode, Vec3 } from './frames'
import { placement } from './place'

let loader: Promise<Loader> | undefined

/** The loader comes with the first document; pages without a scene do not pay for it. */
function gltfLoader(): Promise<Loader> {
  loader ??= Promise.all([import('three/addons/loaders/GLTFLoader.js'), import('three/addons/libs/meshopt_decoder.module.js')]).then(
    ([{ GLTFLoader }, { MeshoptDecoder }]) => new GLTFLoader().setMeshoptDecoder(MeshoptDecoder),
  )
  return loader
}

/** One document in the scene: first its boxes as glass, then the model itself. */
export class Model {
  readonly object = new Group()
  readonly glass: Glass
  clips: AnimationClip[] = []
  /** Why the model is not there, when it is not. */
  problem = ''
  private readonly byIndex = new Map<number, Object3D>()
  private readonly indexOf = new Map<Object3D, number>()
  private readonly rows = new Map<number, TableNode>()
  private readonly stands = new Map<string, [Vec3, Vec3]>()
  private table = false
  private root: Group | null = null
  private readonly abort = new AbortController()

  constructor(readonly info: SceneDocument) {
    this.object.name = info.id
    this.object.applyMatrix4(placement(info.at))
    this.glass = new Glass()
    this.object.add(this.glass.object)
  }

  get loaded(): boolean { return this.root !== null }
  /** The file should be there, but could not be fetched or read. */
  get failed(): boolean { return this.problem !== '' && !this.info.missing }
  /** The node table is there: its boxes stand for the parts. */
  get known(): boolean { return this.table }

  /** Fetches the node table and shows its boxes. */
  async readTable(): Promise<void> {
    if (!this.info.nodesUrl) return
    const answer = await fetch(this.info.nodesUrl, { signal: this.abort.signal })
    if (!answer.ok) return
    const table = (await answer.json()) as NodeTable
    this.table = true
    for (const row of table.nodes) this.rows.set(row.i, row)
    if (!this.root) this.glass.show(table)
  }

  /** Fetches and shows the model; the boxes go away. */
  async load(): Promise<void> {
    this.problem = ''
    if (this.info.missing || !this.info.url) {
      this.problem = `${this.info.id}: the file is missing; its parts are shown as boxes`
      return
    }
    try {
      const answer = await fetch(this.info.url, { signal: this.abort.signal })
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
      const parser = await gltfLoader()
      this.take(await parser.parseAsync(await answer.arrayBuffer(), this.info.url.replace(/[^/]*$/, '')))
    } catch (error) {
      if (this.abort.signal.aborted) return
      this.problem = `${this.info.id}: ${error instanceof Error ? error.message : String(error)}; its parts are shown as boxes`
    }
  }

  /** The object of a glTF node, by the index it has in the file. */
  node(index: number): Object3D | undefined { return this.byIndex.get(index) }

  /** The nearest glTF node above or at an object, with its index. */
  indexAt(object: Object3D): number | undefined { return this.indexOf.get(object) }

  /** A node and the nodes above it, nearest first; from the model, or from the table while the model is not there. */
  *above(index: number): Generator<number> {
    const object = this.byIndex.get(index)
    if (object) {
      for (let at: Object3D | null = object; at; at = at.parent) {
        const found = this.indexOf.get(at)
        if (found !== undefined) yield found
      }
      return
    }
    for (let at: number | undefined = index, hops = 0; at !== undefined && hops < 64; at = this.rows.get(at)?.parent, hops++) yield at
  }

  row(index: number): TableNode | undefined { return this.rows.get(index) }

  /** Colours the glass of a node and of what is below it, while the model is not there. */
  tint(index: number | undefined, color: string): void {
    if (this.glass.empty) return
    for (const row of this.rows.values()) if (index === undefined || this.within(row, index)) this.glass.color(row.i, color)
    if (index !== undefined && !this.rows.has(index)) this.glass.color(index, color)
  }

  private within(row: TableNode, index: number): boolean {
    for (let at: TableNode | undefined = row, hops = 0; at && hops < 64; hops++) {
      if (at.i === index) return true
      at = at.parent === undefined ? undefined : this.rows.get(at.parent)
    }
    return false
  }

  /** Remembers the box that stands for an entity while the document is missing. */
  standsFor(entity: string, index: number, box: [Vec3, Vec3]): void {
    this.stands.set(entity, box)
    this.rows.set(index, { i: index, box })
  }

  /** The box that stands for an entity, in the world; undefined when the model or its table is there. */
  boxFor(entity: string): Box3 | undefined {
    const box = this.loaded ? undefined : this.stands.get(entity)
    return box && new Box3(new Vector3(...box[0]), new Vector3(...box[1])).applyMatrix4(this.object.matrixWorld)
  }

  /** The box of a node in the world, from the model or from the table. */
  box(index: number | undefined, into = new Box3()): Box3 {
    const object = index === undefined ? this.root : this.byIndex.get(index)
    if (object) return into.setFromObject(object)
    const boxes = index === undefined ? [...this.rows.values()].flatMap((row) => (row.box ? [row.box] : [])) : [this.rows.get(index)?.box]
    into.makeEmpty()
    for (const box of boxes) {
      if (!box) continue
      into.union(new Box3(new Vector3(...box[0]), new Vector3(...box[1])))
    }
    return into.isEmpty() ? into : into.applyMatrix4(this.object.matrixWorld)
  }

  dispose(): void {
    this.abort.abort()
    this.glass.dispose()
    if (this.root) disposeTree(this.root)
    this.object.removeFromParent()
  }

  private take(gltf: GLTF): void {
    if (this.abort.signal.aborted) return disposeTree(gltf.scene)
    gltf.scene.traverse((object) => {
      const index = gltf.parser.associations.get(object)?.nodes
      if (index !== undefined && !this.byIndex.has(index)) {
        this.byIndex.set(index, object)
        this.indexOf.set(object, index)
      }
      if (object instanceof Mesh) object.castShadow = object.receiveShadow = true
    })
    this.clips = gltf.animations
    this.root = gltf.scene as Group
    this.object.add(this.root)
    this.glass.hide()
  }
}

/** Gives back every geometry, material and texture of a tree. */
export function disposeTree(root: Object3D): void {
  root.traverse((object) => {
    if (!(object instanceof Mesh)) return
    object.geometry.dispose()
    if ('skeleton' in object) (object.skeleton as { dispose(): void }).dispose()
    for (const material of [object.material].flat() as Material[]) {
      for (const value of Object.values(material)) {
        if (!(value instanceof Texture)) continue
        if (value.source.data instanceof ImageBitmap) value.source.data.close()
        value.dispose()
      }
      material.dispose()
    }
  })
}
