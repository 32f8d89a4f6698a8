import {
  BackSide, BoxGeometry, Color, Mesh, MeshBasicMaterial, PMREMGenerator, Scene, type Texture, type WebGLRenderer,
} from 'three'

type Panel = readonly [x: number, y: number, z: number, width: number, height: number, depth: number, light: number, tint: string]

/** A photographer's room: one broad soft light above, two strips at the sides, a low fill behind. */
const panels: readonly Panel[] = [
  [0, 9.6, 0, 9, 0.2, 7, 9, '#ffffff'],
  [-9.6, 4, -2, 0.2, 6, 5, 5, '#f2f7ff'],
  [9.6, 3.5, 3, 0.2, 5, 4, 3.6, '#fff6ea'],
  [2, 4, -9.6, 7, 3.2, 0.2, 2.4, '#f6faff'],
  [-4, 5, 9.6, 4, 3, 0.2, 2.6, '#ffffff'],
]

/** The light of the scene, computed from a room made here: no picture is loaded. The caller disposes the texture. */
export function roomLight(renderer: WebGLRenderer): Texture {
  const room = new Scene()
  const box = new BoxGeometry()
  const walls = new Mesh(box, new MeshBasicMaterial({ color: new Color(0.62, 0.64, 0.66), side: BackSide }))
  walls.scale.set(20, 20, 20)
  room.add(walls)
  const floor = new Mesh(box, new MeshBasicMaterial({ color: new Color(0.3, 0.31, 0.32) }))
  floor.position.y = -9.5
  floor.scale.set(20, 0.4, 20)
  room.add(floor)
  for (const [x, y, z, width, height, depth, light, tint] of panels) {
    const panel = new Mesh(box, new MeshBasicMaterial({ color: new Color(tint).multiplyScalar(light) }))
    panel.position.set(x, y, z)
    panel.scale.set(width, height, depth)
    room.add(panel)
  }
  const generator = new PMREMGenerator(renderer)
  const light = generator.fromScene(room, 0.035).texture
  generator.dispose()
  box.dispose()
  room.traverse((object) => { if (object instanceof Mesh) (object.material as MeshBasicMaterial).dispose() })
  return light
}
