import { InstancedMesh, type Object3D, Raycaster, Vector2 } from 'three'
import type { Model } from './model'
import type { Stage } from './stage'
import type { Tags } from './tags'
import type { Target } from './targets'

/** What is under a point: the bound target when there is one, and always the glTF node. */
export interface Hit { entity?: string; target?: Target; document?: string; node?: number }

/** Finds what is at a point of the canvas: tags first, then parts. */
export class Picker {
  private readonly ray = new Raycaster()

  constructor(private readonly stage: Stage, private readonly tags: Tags) {}

  at(x: number, y: number, models: Iterable<Model>, find: (document: string, node: number) => Target | undefined): Hit | null {
    const tagged = this.tags.at(x, y)
    if (tagged) return { entity: tagged }
    this.ray.setFromCamera(new Vector2((x / this.stage.width) * 2 - 1, 1 - (y / this.stage.height) * 2), this.stage.camera)
    const list = [...models]
    for (const hit of this.ray.intersectObjects(list.map((model) => model.object), true)) {
      if (!shown(hit.object)) continue
      const model = list.find(({ object }) => isBelow(hit.object, object))
      if (!model) continue
      const first = hit.object instanceof InstancedMesh ? model.glass.nodeOf(hit.instanceId ?? -1) : nodeAt(hit.object, model)
      if (first === undefined) continue
      return named(model, first, find)
    }
    return null
  }
}

/** Walks up from a node to the nearest one that is bound. */
function named(model: Model, first: number, find: (document: string, node: number) => Target | undefined): Hit {
  for (const node of model.above(first)) {
    const target = find(model.info.id, node)
    if (target?.entity) return { entity: target.entity, target, document: model.info.id, node: first }
  }
  return { document: model.info.id, node: first }
}

function nodeAt(object: Object3D, model: Model): number | undefined {
  for (let at: Object3D | null = object; at; at = at.parent) {
    const index = model.indexAt(at)
    if (index !== undefined) return index
  }
  return undefined
}

function isBelow(object: Object3D, root: Object3D): boolean {
  for (let at: Object3D | null = object; at; at = at.parent) if (at === root) return true
  return false
}

function shown(object: Object3D): boolean {
  for (let at: Object3D | null = object; at; at = at.parent) if (!at.visible) return false
  return true
}
