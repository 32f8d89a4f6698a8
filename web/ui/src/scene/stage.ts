import {
  AmbientLight, Box3, DirectionalLight, Group, NeutralToneMapping, type Object3D, OrthographicCamera, PCFShadowMap, PerspectiveCamera, Scene, Sphere,
  SRGBColorSpace, type Texture, Vector3, WebGLRenderer,
} from 'three'
import { ContactShadow } from './contact'
import { roomLight } from './environment'
import { Ground } from './ground'
import { Loop } from './loop'
import { Outline } from './outline'
import type { Theme } from './theme'

const shadowPixels = 2048
const slowShadows = 30 // ms a frame; above it moving parts update their shadow less often
const shadowInterval = 500 // ms
const highestRatio = 2
const upright = 40 // degrees; the vertical field of view of a wide picture
const fullAspect = 1.5 // a narrower picture keeps the width of view of this one, so that named views show the same
const widest = 72 // degrees
const coarseShare = 0.6 // of the full resolution, while frames are slow

/** The picture without what is in it: renderer, light, floor, camera, and when to draw. */
export class Stage {
  readonly renderer: WebGLRenderer
  readonly scene = new Scene()
  /** What the scene shows: documents and boxes. */
  readonly content = new Group()
  /** Labels, drawn after everything in pixels of the canvas. */
  readonly labels = new Scene()
  readonly camera = new PerspectiveCamera(38, 1, 0.1, 500)
  readonly outline = new Outline()
  readonly ground = new Ground()
  readonly loop: Loop
  readonly bounds = new Box3()
  /** Called before each drawing, when the camera is where it will be. */
  beforeDraw: () => void = () => {}
  /** What throws no shadow: boxes of glass. */
  glassy: Object3D[] = []
  width = 1
  height = 1
  private readonly flat = new OrthographicCamera()
  private readonly sun = new DirectionalLight('#fff8f0', 1.6)
  private readonly fill = new AmbientLight('#ffffff', 0.25)
  private readonly contact = new ContactShadow()
  private readonly light: Texture
  private sync: WebGLSync | null = null
  private shadowAt = 0
  private contactDirty = false
  private ratio = 1

  constructor(readonly canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true, powerPreference: 'high-performance' })
    Object.assign(this.renderer, { toneMapping: NeutralToneMapping, toneMappingExposure: 1.0, autoClear: false, outputColorSpace: SRGBColorSpace })
    this.renderer.shadowMap.enabled = true
    this.renderer.shadowMap.type = PCFShadowMap
    this.renderer.shadowMap.autoUpdate = false
    this.renderer.info.autoReset = false
    this.light = roomLight(this.renderer)
    this.scene.environment = this.light
    this.sun.castShadow = true
    this.sun.shadow.mapSize.set(shadowPixels, shadowPixels)
    Object.assign(this.sun.shadow, { radius: 4, bias: -0.0004, normalBias: 0.02 })
    this.scene.add(this.content, this.ground.object, this.sun, this.sun.target, this.fill)
    this.ground.shade(this.contact.texture)
    this.loop = new Loop({ draw: (quality) => this.draw(quality), finished: () => this.finished() })
  }

  theme(theme: Theme): void {
    this.scene.environmentIntensity = theme.dark ? 0.3 : 0.45
    this.sun.intensity = theme.dark ? 1.2 : 2.3
    this.fill.intensity = theme.dark ? 0.05 : 0.1
    this.ground.theme(theme)
    this.outline.color(theme.accent)
    this.loop.invalidate()
  }

  resize(width: number, height: number): void {
    if (width === this.width && height === this.height) return
    this.width = Math.max(1, width)
    this.height = Math.max(1, height)
    this.camera.aspect = this.width / this.height
    this.camera.fov = fieldOfView(this.camera.aspect)
    this.camera.updateProjectionMatrix()
    this.setRatio(Math.min(devicePixelRatio, highestRatio), true)
    this.loop.redraw()
  }

  /** Lays floor and light around what the content has become. */
  settle(): void {
    this.content.updateMatrixWorld(true)
    this.bounds.setFromObject(this.content)
    if (this.bounds.isEmpty()) this.bounds.set(new Vector3(-1, 0, -1), new Vector3(1, 1, 1))
    this.ground.fit(this.bounds, ContactShadow.size(this.bounds))
    const sphere = this.bounds.getBoundingSphere(new Sphere())
    this.sun.target.position.copy(sphere.center)
    this.sun.position.copy(sphere.center).add(new Vector3(-0.8, 1.3, 0.3).normalize().multiplyScalar(sphere.radius * 2.2))
    const r = sphere.radius * 1.05
    Object.assign(this.sun.shadow.camera, { left: -r, right: r, top: r, bottom: -r, near: sphere.radius * 0.5, far: sphere.radius * 4 })
    this.sun.shadow.camera.updateProjectionMatrix()
    this.sun.shadow.normalBias = sphere.radius * 0.0025
    this.contactDirty = true
    this.moved(true)
  }

  /** Says that something that casts a shadow has moved. */
  moved(now = false): void {
    const time = performance.now()
    if (!now && this.loop.cost > slowShadows && time - this.shadowAt < shadowInterval) return
    this.shadowAt = time
    this.renderer.shadowMap.needsUpdate = true
    this.loop.invalidate()
  }

  dispose(): void {
    this.loop.dispose()
    this.outline.dispose()
    this.ground.dispose()
    this.contact.dispose()
    this.sun.dispose()
    this.light.dispose()
    if (this.sync) (this.renderer.getContext() as WebGL2RenderingContext).deleteSync(this.sync)
    this.renderer.renderLists.dispose()
    this.renderer.dispose()
    this.renderer.forceContextLoss()
  }

  private setRatio(ratio: number, force = false): void {
    if (ratio === this.ratio && !force) return
    this.ratio = ratio
    this.renderer.setPixelRatio(ratio)
    this.renderer.setSize(this.width, this.height, false)
  }

  private draw(quality: 'still' | 'moving'): void {
    const { renderer } = this
    const full = Math.min(devicePixelRatio, highestRatio)
    this.setRatio(quality === 'still' ? full : full * coarseShare)
    renderer.info.reset()
    this.camera.updateMatrixWorld()
    this.beforeDraw()
    if (this.contactDirty) {
      this.contactDirty = false
      this.contact.render(renderer, this.scene, this.bounds, [this.ground.object, ...this.glassy])
    }
    renderer.setRenderTarget(null)
    renderer.setClearColor(0x000000, 0)
    renderer.clear()
    renderer.render(this.scene, this.camera)
    this.outline.render(renderer, this.camera)
    renderer.render(this.labels, this.flat)
    const gl = renderer.getContext() as WebGL2RenderingContext
    if (this.sync) gl.deleteSync(this.sync)
    this.sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)
    gl.flush()
  }

  private finished(): boolean {
    if (!this.sync) return true
    const gl = this.renderer.getContext() as WebGL2RenderingContext
    const status = gl.clientWaitSync(this.sync, 0, 0)
    return status !== gl.TIMEOUT_EXPIRED
  }
}

/** The vertical field of view, in degrees, for a picture of an aspect. */
export function fieldOfView(aspect: number): number {
  if (aspect >= fullAspect) return upright
  const across = Math.tan((upright * Math.PI) / 360) * fullAspect
  return Math.min(widest, (Math.atan(across / aspect) * 360) / Math.PI)
}
