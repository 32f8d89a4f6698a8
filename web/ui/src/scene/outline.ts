import {
  Color, Mesh, MeshBasicMaterial, type Object3D, OrthographicCamera, type PerspectiveCamera, PlaneGeometry, Scene, ShaderMaterial,
  Vector2, type WebGLRenderer, WebGLRenderTarget,
} from 'three'

const vertex = `varying vec2 vUv; void main() { vUv = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }`

/** Finds the rim of the mask: red is the selection, green what the pointer is over. */
const fragment = `
uniform sampler2D uMask; uniform vec2 uTexel; uniform vec3 uColor; uniform float uWidth; varying vec2 vUv;
void main() {
  vec2 here = texture2D(uMask, vUv).rg;
  vec2 around = vec2(0.0);
  for (int i = 0; i < 12; i++) {
    float a = 6.2831853 * float(i) / 12.0;
    vec2 d = vec2(cos(a), sin(a)) * uTexel;
    around = max(around, max(texture2D(uMask, vUv + d * uWidth).rg, texture2D(uMask, vUv + d * uWidth * 0.5).rg));
  }
  vec2 rim = clamp(around - here, 0.0, 1.0);
  float inside = max(here.r * 0.10, here.g * 0.05);
  float alpha = max(max(rim.r, rim.g * 0.6), inside);
  if (alpha < 0.01) discard;
  gl_FragColor = vec4(uColor, alpha);
  #include <colorspace_fragment>
}`

/** Draws a rim around the selected and the hovered parts, over everything else, so that hidden parts are found too. */
export class Outline {
  private readonly mask = new WebGLRenderTarget(1, 1)
  private readonly red = new MeshBasicMaterial({ color: 0xff0000, toneMapped: false })
  private readonly green = new MeshBasicMaterial({ color: 0x00ff00, toneMapped: false })
  private readonly parts = new Scene()
  private readonly screen: Mesh<PlaneGeometry, ShaderMaterial>
  private readonly flat = new OrthographicCamera()
  private selected: Mesh[] = []
  private hovered: Mesh[] = []

  constructor() {
    this.screen = new Mesh(new PlaneGeometry(2, 2), new ShaderMaterial({
      vertexShader: vertex, fragmentShader: fragment, transparent: true, depthTest: false, depthWrite: false,
      uniforms: { uMask: { value: this.mask.texture }, uTexel: { value: new Vector2() }, uColor: { value: new Color() }, uWidth: { value: 2 } },
    }))
    this.screen.frustumCulled = false
  }

  select(objects: readonly Object3D[]): void { this.selected = meshes(objects) }
  hover(objects: readonly Object3D[]): void { this.hovered = meshes(objects) }
  color(color: string): void { this.screen.material.uniforms.uColor!.value.set(color) }

  render(renderer: WebGLRenderer, camera: PerspectiveCamera): void {
    if (this.selected.length + this.hovered.length === 0) return
    const size = renderer.getDrawingBufferSize(new Vector2())
    if (this.mask.width !== size.x || this.mask.height !== size.y) this.mask.setSize(size.x, size.y)
    this.screen.material.uniforms.uTexel!.value.set(1 / size.x, 1 / size.y)
    this.screen.material.uniforms.uWidth!.value = 2.2 * renderer.getPixelRatio()
    renderer.setRenderTarget(this.mask)
    renderer.setClearColor(0x000000, 0)
    renderer.clear()
    this.pass(renderer, camera, this.hovered.filter((mesh) => !this.selected.includes(mesh)), this.green)
    this.pass(renderer, camera, this.selected, this.red)
    renderer.setRenderTarget(null)
    renderer.render(this.screen, this.flat)
  }

  dispose(): void {
    this.mask.dispose()
    this.red.dispose()
    this.green.dispose()
    this.screen.geometry.dispose()
    this.screen.material.dispose()
  }

  /** Draws meshes where they are, in one flat colour, without taking them out of their scene. */
  private pass(renderer: WebGLRenderer, camera: PerspectiveCamera, list: Mesh[], material: MeshBasicMaterial): void {
    if (list.length === 0) return
    this.parts.overrideMaterial = material
    this.parts.children = list
    this.parts.matrixWorldAutoUpdate = false
    renderer.render(this.parts, camera)
    this.parts.children = []
  }
}

function meshes(objects: readonly Object3D[]): Mesh[] {
  const found: Mesh[] = []
  for (const object of objects) object.traverse((child) => { if (child instanceof Mesh) found.push(child) })
  return found
}
