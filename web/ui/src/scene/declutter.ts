/** A label that wants a place: where its anchor is on the screen (CSS px), its size, and how much it matters. */
export interface Wish { key: string; x: number; y: number; depth: number; width: number; height: number; severity: number }

/** Where a label went: its centre, or the label it was merged into. */
export interface Place { key: string; x: number; y: number; members: string[] }

const gap = 4 // CSS px between labels
const lift = 18 // CSS px from the anchor to the middle of its label
const rows = 3 // places tried above one another before labels merge

/**
 * Gives every label a place of its own, or merges it into a nearer or worse one that is in its way. The worst come
 * first, then those that already had a place, then the nearest; so labels do not trade places while the camera moves.
 */
export function declutter(wishes: readonly Wish[], placed: ReadonlySet<string>): Place[] {
  const order = [...wishes].sort((a, b) =>
    b.severity - a.severity || Number(placed.has(b.key)) - Number(placed.has(a.key)) || a.depth - b.depth || (a.key < b.key ? -1 : 1))
  const places: (Place & { width: number; height: number })[] = []
  for (const wish of order) {
    let host: (typeof places)[number] | undefined
    let done = false
    for (let row = 0; row < rows && !done; row++) {
      const y = wish.y - lift - row * (wish.height + gap)
      if (row > 0 && y < wish.height / 2) break // above the picture's edge
      const block = places.find((place) => overlap(place, wish.x, y, wish.width, wish.height))
      if (!block) {
        places.push({ key: wish.key, x: wish.x, y, members: [wish.key], width: wish.width, height: wish.height })
        done = true
      } else host ??= block
    }
    if (!done) host?.members.push(wish.key)
  }
  return places.map(({ key, x, y, members }) => ({ key, x, y, members }))
}

function overlap(place: { x: number; y: number; width: number; height: number }, x: number, y: number, width: number, height: number): boolean {
  return Math.abs(place.x - x) < (place.width + width) / 2 + gap && Math.abs(place.y - y) < (place.height + height) / 2 + gap
}
