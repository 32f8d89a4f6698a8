import { type Box3, type PerspectiveCamera, Sphere, Vector3 } from 'three'
import { OrbitControls } from 'three/addons/controls/OrbitControls.js'
import type { NamedView } from './frames'
import type { Loop } from './loop'

const flight = 400 // ms
const stillAngle = 0.004 // radians above the floor

interface Pose { position: Vector3; target: Vector3 }

/** The camera and how it moves: by hand, by flying to a place, and back. It never goes below the floor. */
export class View {
  readonly controls: OrbitControls
  /** Whether somebody has moved the camera; then it is not moved without being asked. */
  touched = false
  private back: Pose[] = []
  private reduced = matchMedia('(prefers-reduced-motion: reduce)')
  private cancel: () => void = () => {}

  constructor(private readonly camera: PerspectiveCamera, canvas: HTMLElement, private readonly loop: Loop, private readonly moved: () => void) {
    this.controls = new OrbitControls(camera, canvas)
    Object.assign(this.controls, { enableDamping: !this.reduced.matches, dampingFactor: 0.12, zoomToCursor: true, maxPolarAngle: Math.PI / 2 - stillAngle })
    this.controls.addEventListener('change', this.changed)
    this.controls.addEventListener('start', this.taken)
    loop.animate(() => this.controls.update())
  }

  get pose(): NamedView { return { position: this.camera.position.toArray(), target: this.controls.target.toArray() } }

  /** How far things reach decides clipping and zoom limits. */
  reach(box: Box3, floor: number): void {
    const sphere = box.getBoundingSphere(new Sphere())
    this.camera.near = Math.max(sphere.radius / 200, 0.005)
    this.camera.far = sphere.radius * 40
    this.camera.updateProjectionMatrix()
    this.controls.minDistance = sphere.radius * 0.04
    this.controls.maxDistance = Math.max(sphere.radius * 8, this.camera.position.distanceTo(this.controls.target) * 1.2)
    this.floor = floor
  }

  private floor = -Infinity

  /** The pose that shows a whole box, from the side the camera is on, or from the usual corner. */
  around(box: Box3, from?: Vector3): NamedView {
    const sphere = box.getBoundingSphere(new Sphere())
    const direction = from ?? this.camera.position.clone().sub(this.controls.target)
    if (direction.lengthSq() < 1e-9) direction.set(0.75, 0.55, 1)
    if (direction.y < 0.15 * direction.length()) direction.y = 0.3 * direction.length()
    const half = (this.camera.fov * Math.PI) / 360
    const narrow = Math.min(half, Math.atan(Math.tan(half) * this.camera.aspect))
    const distance = Math.max((sphere.radius / Math.sin(narrow)) * 0.92, this.camera.near * 4)
    const position = sphere.center.clone().add(direction.normalize().multiplyScalar(distance))
    return { position: position.toArray(), target: sphere.center.toArray() }
  }

  /** Goes to a pose at once. */
  set(view: NamedView): void {
    this.cancel()
    const [position, target] = [new Vector3(...view.position), new Vector3(...view.target)]
    this.controls.maxDistance = Math.max(this.controls.maxDistance, position.distanceTo(target) * 1.2)
    this.place(position, target)
    this.loop.invalidate()
  }

  /** Flies to a pose; `remember` lets Escape come back. */
  fly(view: NamedView, remember = false): void {
    this.touched = true
    const from: Pose = { position: this.camera.position.clone(), target: this.controls.target.clone() }
    const to: Pose = { position: new Vector3(...view.position), target: new Vector3(...view.target) }
    if (remember) this.back.push({ position: from.position.clone(), target: from.target.clone() })
    this.cancel()
    if (this.reduced.matches || document.hidden) return this.set(view)
    const start = performance.now()
    const stop = this.loop.animate((_dt, now) => {
      const x = Math.min(1, Math.max(0, (now - start) / flight))
      const eased = x < 0.5 ? 4 * x ** 3 : 1 - (-2 * x + 2) ** 3 / 2
      this.place(from.position.clone().lerp(to.position, eased), from.target.clone().lerp(to.target, eased))
      this.loop.interact()
      if (x >= 1) stop()
      return x < 1
    })
    this.cancel = () => { stop() }
    this.loop.interact()
  }

  /** Goes back to where the last focus came from; false when there is nothing to go back to. */
  return(): boolean {
    const pose = this.back.pop()
    if (pose) this.fly({ position: pose.position.toArray(), target: pose.target.toArray() })
    return pose !== undefined
  }

  /** Turns (radians) and comes nearer (factor), for the keyboard. */
  step(turn: number, tilt: number, zoom: number): void {
    const offset = this.camera.position.clone().sub(this.controls.target)
    const flat = Math.hypot(offset.x, offset.z)
    const polar = Math.min(Math.PI / 2 - stillAngle, Math.max(0.05, Math.atan2(flat, offset.y) - tilt))
    const azimuth = Math.atan2(offset.x, offset.z) + turn
    const length = Math.min(this.controls.maxDistance, Math.max(this.controls.minDistance, offset.length() * zoom))
    const position = new Vector3().setFromSphericalCoords(length, polar, azimuth).add(this.controls.target)
    this.place(position, this.controls.target.clone())
    this.loop.interact()
  }

  dispose(): void {
    this.cancel()
    this.controls.removeEventListener('change', this.changed)
    this.controls.removeEventListener('start', this.taken)
    this.controls.dispose()
  }

  private place(position: Vector3, target: Vector3): void {
    position.y = Math.max(position.y, this.floor + this.camera.near * 2)
    this.camera.position.copy(position)
    this.controls.target.copy(target)
    this.controls.update()
    this.moved()
  }

  private changed = (): void => {
    if (this.touched) this.loop.interact()
    else this.loop.invalidate()
    this.moved()
  }

  private taken = (): void => {
    this.cancel()
    this.touched = true
    this.back = []
    this.loop.interact()
  }
}
