import {
  BoxGeometry, BufferAttribute, BufferGeometry, Color, Group, InstancedMesh, LineBasicMaterial, LineSegments, Matrix4, MeshStandardMaterial,
  Quaternion, Vector3,
} from 'three'
import type { NodeTable, Vec3 } from './frames'

const most = 5000 // boxes; a larger document shows its largest
const quiet = new Color('#93a1ae')
const edges = [0, 1, 1, 3, 3, 2, 2, 0, 4, 5, 5, 7, 7, 6, 6, 4, 0, 4, 1, 5, 2, 6, 3, 7]

interface Item { index: number; box: [Vec3, Vec3] }

/** Boxes as quiet glass, one per node that has triangles; a bound node's box takes the colour of its state. */
export class Glass {
  readonly object = new Group()
  private panes: InstancedMesh<BoxGeometry, MeshStandardMaterial> | null = null
  private lines: LineSegments<BufferGeometry, LineBasicMaterial> | null = null
  private items: Item[] = []
  private at = new Map<number, number>()

  show(table: NodeTable): void {
    this.place(table.nodes.flatMap((node) => (node.box && (node.triangles ?? 0) > 0 ? [{ index: node.i, box: node.box }] : [])))
  }

  /** Puts boxes; the largest first when there are too many. */
  place(items: Item[]): void {
    this.hide()
    this.items = items.sort((a, b) => volume(b.box) - volume(a.box)).slice(0, most)
    if (this.items.length === 0) return
    const material = new MeshStandardMaterial({ color: '#ffffff', transparent: true, opacity: 0.11, roughness: 0.25, metalness: 0, depthWrite: false })
    this.panes = new InstancedMesh(new BoxGeometry(), material, this.items.length)
    const corners: number[] = []
    this.items.forEach((item, i) => {
      const [a, b] = item.box
      const size = new Vector3(Math.max(b[0] - a[0], 1e-3), Math.max(b[1] - a[1], 1e-3), Math.max(b[2] - a[2], 1e-3))
      const center = new Vector3((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2)
      this.panes?.setMatrixAt(i, new Matrix4().compose(center, new Quaternion(), size))
      this.panes?.setColorAt(i, quiet)
      this.at.set(item.index, i)
      for (const corner of edges) corners.push((corner & 1 ? b : a)[0], (corner & 2 ? b : a)[1], (corner & 4 ? b : a)[2])
    })
    const geometry = new BufferGeometry().setAttribute('position', new BufferAttribute(new Float32Array(corners), 3))
    this.lines = new LineSegments(geometry, new LineBasicMaterial({ color: quiet, transparent: true, opacity: 0.4, depthWrite: false }))
    this.lines.raycast = () => {}
    this.object.add(this.panes, this.lines)
  }

  /** Colours the box of a node; "" is the quiet colour again. */
  color(node: number, color: string): void {
    const i = this.at.get(node)
    if (i === undefined || !this.panes?.instanceColor) return
    this.panes.setColorAt(i, color ? new Color(color) : quiet)
    this.panes.instanceColor.needsUpdate = true
  }

  /** The node whose box an instance of the panes is. */
  nodeOf(instance: number): number | undefined { return this.items[instance]?.index }

  get empty(): boolean { return this.panes === null }

  hide(): void {
    this.panes?.geometry.dispose()
    this.panes?.material.dispose()
    this.panes?.dispose()
    this.lines?.geometry.dispose()
    this.lines?.material.dispose()
    this.object.clear()
    this.panes = this.lines = null
    this.at.clear()
  }

  dispose(): void { this.hide() }
}

function volume([a, b]: [Vec3, Vec3]): number { return (b[0] - a[0]) * (b[1] - a[1]) * (b[2] - a[2]) }
