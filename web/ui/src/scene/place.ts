import { type Matrix4, Matrix4 as M, MathUtils, Euler, Quaternion, Vector3 } from 'three'
import type { Placement } from './frames'

/** The matrix of a placement: metres, degrees about x, y, z in that order, a factor or one per axis. */
export function placement(at: Placement | undefined): Matrix4 {
  const [x, y, z] = at?.position ?? [0, 0, 0]
  const [rx, ry, rz] = (at?.rotation ?? [0, 0, 0]).map(MathUtils.degToRad) as [number, number, number]
  const s = at?.scale ?? 1
  const [sx, sy, sz] = typeof s === 'number' ? [s, s, s] : s
  return new M().compose(new Vector3(x, y, z), new Quaternion().setFromEuler(new Euler(rx, ry, rz)), new Vector3(sx, sy, sz))
}
