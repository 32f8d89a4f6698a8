// What an answer says of the connectors that fail: one error each, where it is seen first, with the number of keys.

const text = (path) => {
  const steps = []
  for (let at = path; at; at = at.prev) steps.unshift(at.key)
  return steps.join('/')
}

/** Whether a failure is told where it is seen: at an object, or in it where only a part of it shows it (a history, groups). */
const inside = (outer, inner) => inner.startsWith(`${outer}/`) && !inner.slice(outer.length + 1).includes('/')
const same = (seen, told) => told === seen || inside(seen, told) || inside(told, seen)

/** Where one answer shows which failures, in the order of the document. */
export class Seen {
  places = new Map() // of connectors: where a value or rows first show it
  undecideds = new Map() // of connectors: the connections that could not be decided for it
  connections = [] // that could not be decided
  must = new Set() // the connectors whose failure the answer shows
  perhaps = new Set() // places that are null, perhaps with an error
  keys = new Map() // of connectors: the keys that are shown to have failed

  failure(shown, path) {
    if (!shown?.failed) return
    const at = text(path)
    if (!shown.what) this.must.add(shown.failed) // a connection is seen by its fields
    if (!this.places.has(shown.failed)) this.places.set(shown.failed, at)
    if (!this.keys.has(shown.failed)) this.keys.set(shown.failed, new Set())
    for (const key of shown.keys) this.keys.get(shown.failed).add(key)
  }

  undecided(met, path) {
    this.connections.push(text(path))
    for (const connector of met) this.undecideds.set(connector, [...(this.undecideds.get(connector) ?? []), text(path)])
  }

  mistaken(path) { this.perhaps.add(text(path)) }

  owed(met) { if (met.size === 1) this.must.add(...met) } // of several, one may suffice

  /** What is wrong with the errors that name connectors, null when nothing is; lost are places below which nothing more was resolved. */
  wrong(world, errors, lost, serial) {
    const told = errors.filter((e) => e.extensions.connector !== undefined)
    const names = told.map((e) => e.extensions.connector)
    for (const [i, e] of told.entries()) {
      const { connector, status, code, keyCount } = e.extensions, at = (e.path ?? []).join('/')
      if (names.indexOf(connector) !== i && serial) continue // root fields of a mutation are read one after the other
      if (names.indexOf(connector) !== i) return `${connector} is told twice`
      if (world.down[connector] !== status) return `${connector} is ${world.down[connector] ?? 'healthy'}, not ${status}`
      if (code !== (status === 'DENIED' ? 'FORBIDDEN' : 'UNAVAILABLE')) return `${connector} is ${status}, which is not ${code}`
      if (at !== '' && lost.some((place) => place.startsWith(`${at}/`))) continue
      if (this.places.has(connector) ? !same(this.places.get(connector), at) : !this.connections.includes(at) && (at !== '' || this.undecideds.has(connector))) {
        return `${connector} is told at ${at}, and seen at ${this.places.get(connector)}, undecided are ${this.connections}`
      }
      if (!(keyCount >= (this.keys.get(connector)?.size ?? 1))) return `${connector} failed for ${this.keys.get(connector)?.size} keys at least, not ${keyCount}`
    }
    const silent = [...this.must].find((c) => !names.includes(c))
    return silent ? `${silent} is seen to fail, and not told` : null
  }
}
