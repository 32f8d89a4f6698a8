import {
  type Box3, LinearFilter, Mesh, MeshBasicMaterial, type Object3D, OrthographicCamera, PlaneGeometry, type Scene, ShaderMaterial,
  type Texture, Vector3, WebGLRenderTarget, type WebGLRenderer,
} from 'three'

const pixels = 512
const blurs = [3.2, 1.6, 0.8] // texels a tap

const blurVertex = `varying vec2 vUv; void main() { vUv = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }`
const blurFragment = `
uniform sampler2D uFrom; uniform vec2 uStep; varying vec2 vUv;
void main() {
  vec4 sum = texture2D(uFrom, vUv) * 0.1964825501511404;
  for (int i = 1; i < 5; i++) {
    float w = i == 1 ? 0.174666 : i == 2 ? 0.1209854 : i == 3 ? 0.0655591 : 0.0280532;
    sum += (texture2D(uFrom, vUv + uStep * float(i)) + texture2D(uFrom, vUv - uStep * float(i))) * w;
  }
  gl_FragColor = sum;
}`

/** A soft shadow where things touch the floor: the plant seen from below, the nearer the darker, blurred. */
export class ContactShadow {
  private readonly a = target()
  private readonly b = target()
  private readonly camera = new OrthographicCamera(-1, 1, 1, -1, 0, 1)
  private readonly depth: MeshBasicMaterial
  private readonly screen: Mesh<PlaneGeometry, ShaderMaterial>
  private readonly reach = { value: 1 }

  constructor() {
    this.depth = new MeshBasicMaterial({ color: 0x000000 })
    this.depth.onBeforeCompile = (shader) => {
      shader.uniforms.uReach = this.reach
      shader.vertexShader = shader.vertexShader
        .replace('void main() {', 'varying float vAway; void main() {')
        .replace('#include <project_vertex>', '#include <project_vertex>\nvAway = -mvPosition.z;')
      shader.fragmentShader = shader.fragmentShader
        .replace('void main() {', 'uniform float uReach; varying float vAway; void main() {')
        .replace('#include <dithering_fragment>', 'gl_FragColor = vec4(0.0, 0.0, 0.0, pow(clamp(1.0 - vAway / uReach, 0.0, 1.0), 1.6));')
    }
    const blur = new ShaderMaterial({
      vertexShader: blurVertex, fragmentShader: blurFragment, depthTest: false, depthWrite: false,
      uniforms: { uFrom: { value: null }, uStep: { value: { x: 0, y: 0 } } },
    })
    this.screen = new Mesh(new PlaneGeometry(2, 2), blur)
    this.screen.frustumCulled = false
  }

  get texture(): Texture { return this.a.texture }

  /** Side length of the shadow for a box. */
  static size(box: Box3): number {
    const size = box.getSize(new Vector3())
    return Math.max(size.x, size.z, 0.5) * 1.3
  }

  /** Draws the shadow of all that is visible in the scene; `hidden` must not cast. */
  render(renderer: WebGLRenderer, scene: Scene, box: Box3, hidden: readonly Object3D[]): void {
    const half = ContactShadow.size(box) / 2
    const center = box.getCenter(new Vector3())
    Object.assign(this.camera, { left: -half, right: half, top: half, bottom: -half, near: 0, far: half * 2 })
    this.reach.value = Math.max(half * 0.14, 0.05)
    this.camera.position.set(center.x, box.min.y - half * 0.002, center.z)
    this.camera.up.set(0, 0, 1)
    this.camera.lookAt(center.x, box.min.y + 1, center.z)
    this.camera.updateProjectionMatrix()
    const shown = hidden.map((object) => object.visible)
    hidden.forEach((object) => { object.visible = false })
    const auto = renderer.shadowMap.autoUpdate
    renderer.shadowMap.autoUpdate = false
    scene.overrideMaterial = this.depth
    renderer.setRenderTarget(this.a)
    renderer.setClearColor(0x000000, 0)
    renderer.clear()
    renderer.render(scene, this.camera)
    scene.overrideMaterial = null
    hidden.forEach((object, i) => { object.visible = shown[i] ?? true })
    for (const step of blurs) {
      this.blur(renderer, this.a, this.b, step / pixels, 0)
      this.blur(renderer, this.b, this.a, 0, step / pixels)
    }
    renderer.setRenderTarget(null)
    renderer.shadowMap.autoUpdate = auto
  }

  dispose(): void {
    this.a.dispose()
    this.b.dispose()
    this.depth.dispose()
    this.screen.geometry.dispose()
    this.screen.material.dispose()
  }

  private blur(renderer: WebGLRenderer, from: WebGLRenderTarget, to: WebGLRenderTarget, x: number, y: number): void {
    this.screen.material.uniforms.uFrom!.value = from.texture
    this.screen.material.uniforms.uStep!.value = { x, y }
    renderer.setRenderTarget(to)
    renderer.render(this.screen, this.camera)
  }
}

function target(): WebGLRenderTarget {
  return new WebGLRenderTarget(pixels, pixels, { minFilter: LinearFilter, magFilter: LinearFilter, generateMipmaps: false })
}
