import { AnimationClip, AnimationMixer, Box3, MathUtils, type Object3D, Quaternion, Vector3, type AnimationAction } from 'three'
import type { Vec3 } from './frames'

interface Rest { position: Vector3; quaternion: Quaternion; scale: Vector3; box: Box3 }

interface Steady { object: Object3D; rest: Rest; axis: Vector3; speed: number; at: number; wrap: number; kind: 'rotate' | 'translate' }

const smallest = 1e-3 // of the full height; a part with no extent at all has no inverse

/** Everything in one document that moves: clips at a speed or a time, steady motions, scale and fill. */
export class Motion {
  private readonly mixer: AnimationMixer
  private readonly actions = new Map<string, AnimationAction>()
  private readonly steady = new Map<string, Steady>()
  private readonly rests = new Map<Object3D, Rest>()

  constructor(private readonly root: Object3D, private readonly clips: readonly AnimationClip[]) {
    this.mixer = new AnimationMixer(root)
  }

  /** Plays a clip at a speed; 0 holds it where it is. Only the tracks of the node's own subtree, when it has any. */
  speed(clip: number, speed: number, node?: Object3D): void {
    const action = this.action(clip, node)
    if (!action) return
    action.timeScale = speed
    action.paused = speed === 0
  }

  /** Puts a clip at a time in seconds. */
  time(clip: number, seconds: number, node?: Object3D): void {
    const action = this.action(clip, node)
    if (!action) return
    action.time = MathUtils.euclideanModulo(seconds, action.getClip().duration || 1)
    action.timeScale = 0
    action.paused = false
    this.mixer.update(0)
    action.paused = true
  }

  /** Turns (degrees a second) or moves (metres a second) an object along an axis of its own. */
  run(kind: 'rotate' | 'translate', object: Object3D, axis: Vec3 | undefined, speed: number): void {
    const key = `${object.uuid}/${kind}`
    const known = this.steady.get(key)
    if (known) {
      known.speed = speed
      return
    }
    const rest = this.rest(object)
    const direction = new Vector3(...(axis ?? [0, 1, 0])).normalize()
    const wrap = kind === 'rotate' ? 360 : Math.max(Math.abs(rest.box.getSize(new Vector3()).dot(direction)), 0.01)
    this.steady.set(key, { object, rest, axis: direction, speed, at: 0, wrap, kind })
  }

  /** Scales an object by a factor, along one axis or all. */
  scale(object: Object3D, axis: Vec3 | undefined, factor: number): void {
    const rest = this.rest(object)
    const along = axis ? new Vector3(...axis).normalize() : new Vector3(1, 1, 1)
    object.scale.copy(rest.scale).multiply(stretch(along, Math.max(factor, smallest)))
  }

  /** Fills an object from its lower end along an axis, 0 to 1. */
  fill(object: Object3D, axis: Vec3 | undefined, level: number): void {
    const rest = this.rest(object)
    const along = new Vector3(...(axis ?? [0, 1, 0])).normalize()
    const part = Math.min(1, Math.max(smallest, level))
    object.scale.copy(rest.scale).multiply(stretch(along, part))
    const foot = along.clone().multiply(along.x + along.y + along.z < 0 ? rest.box.max : rest.box.min).multiply(along).multiply(rest.scale)
    object.position.copy(rest.position).add(foot.multiplyScalar(1 - part).applyQuaternion(rest.quaternion))
  }

  /** Moves on by `dt` seconds; true when anything moved. */
  advance(dt: number): boolean {
    let moving = false
    for (const action of this.actions.values()) moving ||= !action.paused && action.timeScale !== 0
    if (moving) this.mixer.update(dt)
    for (const one of this.steady.values()) {
      if (one.speed === 0) continue
      moving = true
      one.at = MathUtils.euclideanModulo(one.at + one.speed * dt, one.wrap)
      place(one)
    }
    return moving
  }

  dispose(): void {
    this.mixer.stopAllAction()
    this.mixer.uncacheRoot(this.root)
    for (const [object, rest] of this.rests) {
      object.position.copy(rest.position)
      object.quaternion.copy(rest.quaternion)
      object.scale.copy(rest.scale)
    }
  }

  private action(index: number, node?: Object3D): AnimationAction | undefined {
    const clip = this.clips[index]
    if (!clip) return undefined
    const own = node ? subclip(clip, node) : clip
    const key = own === clip ? `${index}` : `${index}/${node?.uuid}`
    const known = this.actions.get(key)
    if (known) return known
    const action = this.mixer.clipAction(own).play()
    action.paused = true
    this.actions.set(key, action)
    return action
  }

  /** Where an object is when nothing moves it, and its box in its own space. */
  private rest(object: Object3D): Rest {
    const known = this.rests.get(object)
    if (known) return known
    object.updateWorldMatrix(true, true)
    const box = new Box3().setFromObject(object).applyMatrix4(object.matrixWorld.clone().invert())
    const rest = { position: object.position.clone(), quaternion: object.quaternion.clone(), scale: object.scale.clone(), box }
    this.rests.set(object, rest)
    return rest
  }
}

function stretch(along: Vector3, factor: number): Vector3 {
  const s = (share: number) => 1 + (factor - 1) * Math.min(1, Math.abs(share))
  return new Vector3(s(along.x), s(along.y), s(along.z))
}

function place({ kind, object, rest, axis, at }: Steady): void {
  if (kind === 'rotate') object.quaternion.copy(rest.quaternion).multiply(new Quaternion().setFromAxisAngle(axis, MathUtils.degToRad(at)))
  else object.position.copy(rest.position).add(axis.clone().multiply(rest.scale).applyQuaternion(rest.quaternion).multiplyScalar(at))
}

/** The tracks of a clip that move a node or what is below it; the whole clip when it has none there. */
export function subclip(clip: AnimationClip, node: Object3D): AnimationClip {
  const names = new Set<string>()
  node.traverse((child) => { names.add(child.name || child.uuid) })
  const tracks = clip.tracks.filter((track) => names.has(track.name.replace(/\.[^.]*$/, '')))
  if (tracks.length === 0 || tracks.length === clip.tracks.length) return clip
  return new AnimationClip(`${clip.name}/${node.uuid}`, clip.duration, tracks)
}
