import {
  DynamicDrawUsage, InstancedBufferAttribute, InstancedBufferGeometry, Mesh, NormalBlending, PlaneGeometry, ShaderMaterial, type Texture, Vector2,
} from 'three'

/** One drawn rectangle: middle and size in CSS px from the top left, its part of the atlas in texels, how opaque. */
export interface Sprite { x: number; y: number; width: number; height: number; u: number; v: number; uw: number; vh: number; alpha: number; pulse: number }

const fields = 12 // floats an instance

const vertex = `
attribute vec4 iRect; attribute vec4 iPart; attribute vec4 iLook;
uniform vec2 uScreen; uniform float uSize; uniform float uBeat;
varying vec2 vUv; varying float vAlpha; varying float vLine;
void main() {
  float grow = 1.0 + iLook.y * 0.07 * uBeat;
  vec2 p = iRect.xy + vec2(position.x, -position.y) * iRect.zw * grow;
  gl_Position = vec4(p.x / uScreen.x * 2.0 - 1.0, 1.0 - p.y / uScreen.y * 2.0, 0.0, 1.0);
  vUv = (iPart.xy + vec2(uv.x, 1.0 - uv.y) * iPart.zw) / uSize;
  vAlpha = iLook.x; vLine = iLook.z;
}`

const fragment = `
uniform sampler2D uAtlas; uniform vec3 uLine; varying vec2 vUv; varying float vAlpha; varying float vLine;
void main() {
  vec4 c = vLine > 0.5 ? vec4(uLine, 0.75) : texture2D(uAtlas, vUv);
  if (c.a < 0.004) discard;
  gl_FragColor = vec4(c.rgb, c.a * vAlpha);
  #include <colorspace_fragment>
}`

/** Draws many labels and their stems in one call. */
export class Sprites {
  readonly mesh: Mesh<InstancedBufferGeometry, ShaderMaterial>
  private data = new Float32Array(0)
  private capacity = 0

  constructor(atlas: Texture, atlasSize: number) {
    const plane = new PlaneGeometry(1, 1)
    const geometry = new InstancedBufferGeometry()
    geometry.index = plane.index
    geometry.setAttribute('position', plane.getAttribute('position'))
    geometry.setAttribute('uv', plane.getAttribute('uv'))
    const material = new ShaderMaterial({
      vertexShader: vertex, fragmentShader: fragment, transparent: true, depthTest: false, depthWrite: false, blending: NormalBlending, toneMapped: false,
      uniforms: {
        uAtlas: { value: atlas }, uSize: { value: atlasSize }, uScreen: { value: new Vector2(1, 1) }, uBeat: { value: 0 }, uLine: { value: [0.5, 0.5, 0.5] },
      },
    })
    this.mesh = new Mesh(geometry, material)
    this.mesh.frustumCulled = false
    this.grow(64)
  }

  set beat(value: number) { this.mesh.material.uniforms.uBeat!.value = value }
  set line(rgb: [number, number, number]) { this.mesh.material.uniforms.uLine!.value = rgb }

  /** Replaces all rectangles; a stem is a rectangle of width 1 with `uw` 0. */
  write(sprites: readonly Sprite[], width: number, height: number): void {
    if (sprites.length > this.capacity) this.grow(2 ** Math.ceil(Math.log2(sprites.length)))
    const count = this.capacity
    sprites.forEach((s, i) => {
      this.data.set([s.x, s.y, s.width, s.height], i * 4)
      this.data.set([s.u, s.v, s.uw, s.vh], (count + i) * 4)
      this.data.set([s.alpha, s.pulse, s.uw === 0 ? 1 : 0, 0], (count * 2 + i) * 4)
    })
    for (const name of ['iRect', 'iPart', 'iLook']) this.mesh.geometry.getAttribute(name).needsUpdate = true
    this.mesh.geometry.instanceCount = sprites.length
    this.mesh.material.uniforms.uScreen!.value.set(width, height)
  }

  dispose(): void {
    this.mesh.geometry.dispose()
    this.mesh.material.dispose()
  }

  private grow(capacity: number): void {
    this.mesh.geometry.dispose()
    this.capacity = capacity
    this.data = new Float32Array(capacity * fields)
    ;['iRect', 'iPart', 'iLook'].forEach((name, i) => {
      const part = this.data.subarray(capacity * 4 * i, capacity * 4 * (i + 1))
      this.mesh.geometry.setAttribute(name, new InstancedBufferAttribute(part, 4).setUsage(DynamicDrawUsage))
    })
  }
}
