import { MereonScene } from './element'

export { MereonScene } from './element'
export type { PickDetail } from './element'
export type { Condition } from './effects'
export type { LaneState } from './lane'
export type { NamedView, SceneInfo, Slot } from './frames'

if (!customElements.get('mereon-scene')) customElements.define('mereon-scene', MereonScene)
