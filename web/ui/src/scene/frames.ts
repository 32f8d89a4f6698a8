// The live frames a scene sends, as scenes/FRAMES.md says. Every name here is a name there.

export type Vec3 = [number, number, number]

export type SlotKind = 'state' | 'scalar' | 'text'

export type EffectName =
  | 'color' | 'emissive' | 'opacity' | 'visible' | 'animationSpeed' | 'animationTime'
  | 'rotate' | 'translate' | 'scale' | 'fill' | 'tag'

/** What one output of the scene drives. */
export interface Slot {
  slot: number
  kind: SlotKind
  document?: string
  /** Index of the node in the glTF document; absent for the whole document or an anchor. */
  node?: number
  anchor?: string
  entity?: string
  name?: string
  effect: EffectName
  channel?: string
  rule?: string
  axis?: Vec3
  clip?: number
  /** The slot whose state picks the icon of a tag. */
  icon?: number
  priority?: number
  /** Milliseconds after which a value without a successor is stale. */
  staleAfter?: number
}

export interface Placement { position?: Vec3; rotation?: Vec3; scale?: number | Vec3 }

export interface SceneDocument {
  id: string
  hash?: string
  url?: string
  nodesUrl?: string
  missing?: boolean
  at?: Placement
}

export interface PaletteEntry { color?: string; icon?: string; severity?: number; pulse?: boolean }

export interface NamedView { position: Vec3; target: Vec3 }

export interface SceneInfo {
  id: string
  title?: string
  revision?: number
  parameters?: Record<string, string>
  documents?: SceneDocument[]
  anchors?: Record<string, { position: Vec3 }>
  views?: Record<string, NamedView>
  palette?: Record<string, PaletteEntry>
  problems?: string[]
}

export type SlotValue = string | number | null

export interface Column { slots: number[]; v: SlotValue[] }

export interface QualityColumn { slots: number[]; v: string[]; t?: (number | null)[] }

export interface Frame {
  epoch: string
  seq: number
  prev?: number
  /** Epoch milliseconds. */
  t: number
  tick?: number
  scene?: SceneInfo
  slots?: Slot[]
  state?: Column
  scalar?: Column
  text?: Column
  quality?: QualityColumn
}

/** One node of a node table; boxes are in the document's own space. */
export interface TableNode {
  i: number
  path?: string
  name?: string
  extras?: Record<string, unknown>
  parent?: number
  box?: [Vec3, Vec3]
  triangles?: number
  materials?: number[]
  clips?: number[]
}

export interface NodeTable {
  hash?: string
  bounds?: [Vec3, Vec3]
  nodes: TableNode[]
  clips?: string[]
  materials?: string[]
}
