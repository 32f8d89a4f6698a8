import { Color, Mesh, type Material, type MeshStandardMaterial, type Object3D } from 'three'

/** What covers a part's own material; absent means the material's own. */
export interface Paint { color?: string; glow?: string; glowStrength?: number; opacity?: number }

const blend = 0.92 // share of the state's colour in the part
const emission = 0.12 // so that a colour reads under any light
const opacitySteps = 64

/**
 * Recolours meshes without touching the materials of the document: a painted mesh gets a copy, shared by all meshes
 * of the same material and paint, and its own material back when the paint is taken off.
 */
export class Painter {
  private readonly originals = new Map<Mesh, Material | Material[]>()
  private readonly copies = new Map<string, { material: Material; users: number }>()
  private readonly worn = new Map<Mesh, string[]>()

  /** Materials made so far and in use. */
  get size(): number { return this.copies.size }

  paint(mesh: Mesh, paint: Paint): void {
    const opacity = paint.opacity === undefined ? undefined : Math.round(Math.min(1, Math.max(0, paint.opacity)) * opacitySteps) / opacitySteps
    const key = [paint.color, paint.glow, paint.glowStrength, opacity].map((part) => part ?? '').join('|')
    const original = this.originals.get(mesh) ?? mesh.material
    if (key === '|||' || (opacity === 1 && key === '|||1')) return this.strip(mesh)
    const keys = [original].flat().map((material) => `${material.uuid}|${key}`)
    if (this.worn.get(mesh)?.join() === keys.join()) return
    const painted = [original].flat().map((material, i) => this.take(keys[i] as string, material, { ...paint, opacity }))
    this.release(mesh)
    this.originals.set(mesh, original)
    this.worn.set(mesh, keys)
    mesh.material = Array.isArray(original) ? painted : (painted[0] as Material)
  }

  /** Gives a mesh its own material back. */
  strip(mesh: Mesh): void {
    const original = this.originals.get(mesh)
    if (!original) return
    mesh.material = original
    this.originals.delete(mesh)
    this.release(mesh)
  }

  dispose(): void { for (const mesh of [...this.originals.keys()]) this.strip(mesh) }

  private take(key: string, original: Material, paint: Paint): Material {
    const copy = this.copies.get(key) ?? { material: painted(original, paint), users: 0 }
    copy.users++
    this.copies.set(key, copy)
    return copy.material
  }

  private release(mesh: Mesh): void {
    for (const key of this.worn.get(mesh) ?? []) {
      const copy = this.copies.get(key)
      if (!copy || --copy.users > 0) continue
      copy.material.dispose()
      this.copies.delete(key)
    }
    this.worn.delete(mesh)
  }
}

function painted(original: Material, paint: Paint): Material {
  const copy = original.clone() as MeshStandardMaterial
  if (paint.color && copy.color) {
    const color = new Color(paint.color)
    copy.color.lerp(color, copy.map ? 1 : blend)
    if ('metalness' in copy) copy.metalness *= 0.25
    copy.emissive?.copy(color)
    copy.emissiveIntensity = emission
    copy.emissiveMap = null
  }
  if (paint.glow && copy.emissive) {
    copy.emissive.set(paint.glow)
    copy.emissiveIntensity = paint.glowStrength ?? 0.8
  } else if (paint.glowStrength !== undefined && copy.emissive) copy.emissiveIntensity = paint.glowStrength
  if (paint.opacity !== undefined && paint.opacity < 1) {
    copy.transparent = true
    copy.opacity = original.opacity * paint.opacity
    copy.depthWrite = paint.opacity > 0.6
  }
  return copy
}

/** The meshes below an object. */
export function meshesOf(object: Object3D): Mesh[] {
  const found: Mesh[] = []
  object.traverse((child) => { if (child instanceof Mesh) found.push(child) })
  return found
}
