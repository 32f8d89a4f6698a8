import {
  type Box3, CircleGeometry, Color, DoubleSide, Group, Mesh, PlaneGeometry, ShaderMaterial, ShadowMaterial, type Texture, Vector3,
} from 'three'
import type { Theme } from './theme'

const vertex = `
varying vec3 vPlace;
void main() {
  vPlace = (modelMatrix * vec4(position, 1.0)).xyz;
  gl_Position = projectionMatrix * viewMatrix * vec4(vPlace, 1.0);
}`

/** A disc that is brightest under the plant and fades into the background, with a hairline grid. */
const discFragment = `
uniform vec3 uColor; uniform vec3 uLine; uniform vec3 uCenter; uniform float uRadius; uniform float uGrid; uniform float uStrength;
varying vec3 vPlace;
float line(float step) {
  vec2 p = vPlace.xz / step;
  vec2 d = abs(fract(p - 0.5) - 0.5) / max(fwidth(p), vec2(1e-5));
  return (1.0 - min(min(d.x, d.y), 1.0)) * clamp(1.0 - max(fwidth(p.x), fwidth(p.y)) * 2.5, 0.0, 1.0);
}
void main() {
  float r = distance(vPlace.xz, uCenter.xz) / uRadius;
  float fade = 1.0 - smoothstep(0.18, 1.0, r);
  float grid = max(line(uGrid) * 0.35, line(uGrid * 5.0) * 0.8) * uStrength;
  gl_FragColor = vec4(mix(uColor, uLine, grid), fade * fade * mix(0.75, 1.0, grid));
  #include <colorspace_fragment>
}`

const contactFragment = `
uniform sampler2D uDepth; uniform float uDarkness; varying vec2 vUv;
void main() { gl_FragColor = vec4(0.02, 0.03, 0.04, texture2D(uDepth, vUv).a * uDarkness); }`

/** The texture is the plant seen from below, so what is up in it lies towards +z. */
const contactVertex = `
varying vec2 vUv;
void main() { vUv = vec2(uv.x, 1.0 - uv.y); gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }`

/** The floor under the plant: disc, soft contact shadow, and the shadow of the main light. */
export class Ground {
  readonly object = new Group()
  /** Height of the floor; the camera stays above it. */
  height = 0
  private readonly disc: Mesh<CircleGeometry, ShaderMaterial>
  private readonly contact: Mesh<PlaneGeometry, ShaderMaterial>
  private readonly cast: Mesh<PlaneGeometry, ShadowMaterial>

  constructor() {
    const disc = new ShaderMaterial({
      vertexShader: vertex, fragmentShader: discFragment, transparent: true, depthWrite: false, side: DoubleSide,
      uniforms: {
        uColor: { value: new Color() }, uLine: { value: new Color() }, uCenter: { value: new Vector3() },
        uRadius: { value: 1 }, uGrid: { value: 1 }, uStrength: { value: 1 },
      },
    })
    this.disc = new Mesh(new CircleGeometry(1, 96), disc)
    const contact = new ShaderMaterial({
      vertexShader: contactVertex, fragmentShader: contactFragment, transparent: true, depthWrite: false,
      uniforms: { uDepth: { value: null }, uDarkness: { value: 0.5 } },
    })
    this.contact = new Mesh(new PlaneGeometry(1, 1), contact)
    this.cast = new Mesh(new PlaneGeometry(1, 1), new ShadowMaterial({ opacity: 0.22, transparent: true, depthWrite: false }))
    this.cast.receiveShadow = true
    for (const [order, mesh] of [this.disc, this.cast, this.contact].entries()) {
      mesh.rotation.x = -Math.PI / 2
      mesh.renderOrder = -3 + order
      mesh.raycast = () => {}
      this.object.add(mesh)
    }
    this.object.visible = false
  }

  /** Lays the floor under a box. */
  fit(box: Box3, contactSize: number): void {
    const center = box.getCenter(new Vector3())
    const size = box.getSize(new Vector3())
    const radius = Math.max(size.x, size.z, size.y * 0.6, 0.5)
    this.height = box.min.y - radius * 0.0006
    this.object.position.set(center.x, this.height, center.z)
    this.disc.scale.setScalar(radius * 2.1)
    this.contact.scale.setScalar(contactSize)
    this.contact.position.y = radius * 0.0004
    this.cast.scale.setScalar(radius * 3)
    this.cast.position.y = radius * 0.0002
    const uniforms = this.disc.material.uniforms
    uniforms.uCenter!.value.copy(center)
    uniforms.uRadius!.value = radius * 2.1
    uniforms.uGrid!.value = 10 ** Math.round(Math.log10(radius / 8))
    this.object.visible = true
  }

  theme(theme: Theme): void {
    const uniforms = this.disc.material.uniforms
    uniforms.uColor!.value.set(theme.dark ? '#2b343e' : '#ffffff')
    uniforms.uLine!.value.set(theme.dark ? '#46525e' : '#c3ccd5')
    uniforms.uStrength!.value = theme.dark ? 0.55 : 0.7
    this.contact.material.uniforms.uDarkness!.value = theme.dark ? 0.85 : 0.5
    this.cast.material.opacity = theme.dark ? 0.45 : 0.2
  }

  shade(texture: Texture): void { this.contact.material.uniforms.uDepth!.value = texture }

  dispose(): void {
    for (const mesh of [this.disc, this.contact, this.cast]) {
      mesh.geometry.dispose()
      mesh.material.dispose()
    }
  }
}
