import { computed, live } from './values.mjs'

/** What every entity has beside the fields of the model, and its type. */
export const builtins = { id: 'String', name: 'String', assetType: 'String', revision: 'Long', createdAt: 'DateTime', updatedAt: 'DateTime', externalIds: 'JSON', bindings: 'JSON' }

/** The plant as the reference sees it: naive look-ups in what the generator wrote down. */
export class World {
  constructor(json) {
    Object.assign(this, json)
    this.links_ = json.links ?? []
    delete this.links
    this.entities ??= []
    this.revision = 1 // of the commit that made them
    for (const e of this.entities) e.revision = this.revision
    this.keys = new Set() // of the changes that were made with one
    this.byId = new Map(this.entities.map((e) => [e.id, e]))
  }

  /** Takes over what a change has made. What differs of an entity or of the relationships that begin at it is of a new revision. */
  become({ byId, links, made, gone }) {
    const before = this.contents(), next = this.revision + 1
    const was = this.byId
    this.byId = byId
    this.entities = [...byId.values()]
    this.links_ = links
    const now = this.contents()
    let changed = [...was.keys()].some((id) => !byId.has(id))
    for (const [id, content] of now) {
      if (before.get(id) === content && !(made.has(id) && gone.has(id))) continue
      byId.get(id).revision = next
      changed = true
    }
    if (changed) this.revision = next
  }

  /** All that there is of each entity, as text. */
  contents() {
    const sorted = (o) => Object.entries(o ?? {}).filter(([, v]) => v !== null && v !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
    const begin = new Map(this.entities.map((e) => [e.id, []]))
    for (const l of this.links_) begin.get(l.from)?.push(JSON.stringify([l.relation, l.to, sorted(l.props)]))
    return new Map(this.entities.map((e) => [e.id, JSON.stringify([e.type, e.name, sorted(e.values), e.externalIds ?? null, e.bindings ?? null, begin.get(e.id).sort()])]))
  }

  is(type, target) { return target === 'Entity' || target === 'Node' || type === target || this.types[type].ancestors.includes(target) }

  /** All entities of a type, by id. */
  all(type) { return this.sorted(this.entities.filter((e) => this.is(e.type, type))) }

  sorted(list) { return [...list].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))) }

  /** The field at a dotted path of an entity's type; undefined when there is none. */
  field(type, path) {
    let fields = this.types[type].fields
    let found
    for (const name of path.split('.')) {
      found = fields?.[name]
      if (!found) return undefined
      fields = found.kind === 'component' ? this.components[found.component] : undefined
    }
    return found
  }

  /** The field at a path of whatever type has it: one name means the same in all. */
  anyField(path) { return Object.keys(this.types).map((t) => this.field(t, path)).find(Boolean) }

  /** A stored value by its path, null when there is none. */
  stored(entity, path) {
    switch (path) {
      case 'id': case 'name': case 'externalIds': case 'bindings': return entity[path] ?? null
      case 'assetType': return entity.type
      case 'revision': return entity.revision
      case 'createdAt': case 'updatedAt': return this.begun
    }
    return entity.values[path] ?? null
  }

  /** The live or computed property of an entity, with its status. */
  cell(entity, path) {
    const field = this.field(entity.type, path)
    if (!field) return { value: null, quality: 'BAD', status: 'UNSUPPORTED' }
    if (field.kind === 'live') {
      const cell = live(this, field, entity, path, (e, p) => this.stored(e, p))
      if (cell.failed) this.met?.add(cell.failed)
      return cell
    }
    return computed(field, (p) => {
      const of = this.field(entity.type, p)
      if (of.kind === 'static') return { value: this.stored(entity, p) }
      const cell = this.cell(entity, p)
      return { value: cell.value, cell }
    })
  }

  /** The links over a relation from one of its ends, with the entity at the other. */
  links(entity, relation, inverse) {
    const found = []
    for (const link of this.links_) {
      if (link.relation !== relation || (inverse ? link.to : link.from) !== entity.id) continue
      found.push({ link, inverse, entity: this.byId.get(inverse ? link.from : link.to) })
    }
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.entity.id), Buffer.from(b.entity.id)))
  }

  /** The rows of a record type that join a value, by key; { status } when the source does not give them. */
  rows(type, column, value) {
    const record = this.records[type]
    if (this.down[record.connector]) {
      this.met?.add(record.connector)
      return { status: this.down[record.connector], failed: record.connector, keys: [`${type} ${column} ${value}`] }
    }
    const refused = column !== undefined && this.refused[record.connector]?.[value]
    if (refused) return { status: refused }
    const rows = (record.rows ?? []).filter((r) => column === undefined || r[column] !== undefined && r[column] === value)
    return rows.sort((a, b) => Buffer.compare(Buffer.from(a[record.key]), Buffer.from(b[record.key])))
  }

  /** What a join leads to from a value: rows, or entities by id. Nothing joins null. */
  joined(field, ours) {
    if (ours === null) return []
    if (this.records[field.target]) return this.rows(field.target, field.theirs, ours)
    return this.all(field.target).filter((e) => this.stored(e, field.theirs) === ours)
  }

  /** Runs what decides something, with the set of the failing connectors that it meets. */
  deciding(run) {
    const outer = this.met
    this.met = new Set()
    try {
      return run(this.met)
    } finally {
      for (const c of this.met) outer?.add(c)
      this.met = outer
    }
  }

  /** Steps over relations: direction OUT, IN or BOTH. Nearest first; each is given once, the start never. */
  reach(entity, relations, direction, most = Infinity, through = () => true) {
    const depth = new Map([[entity.id, 0]])
    let front = [entity]
    for (let d = 1; front.length > 0 && d <= most; d++) {
      const next = []
      for (const e of front) {
        for (const relation of relations) {
          for (const inverse of direction === 'BOTH' ? [false, true] : [direction === 'IN']) {
            for (const { entity: other } of this.links(e, relation, inverse)) {
              if (depth.has(other.id) || !through(other)) continue
              depth.set(other.id, d)
              next.push(other)
            }
          }
        }
      }
      front = next
    }
    depth.delete(entity.id)
    return [...depth].map(([id, steps]) => ({ entity: this.byId.get(id), depth: steps }))
      .sort((a, b) => a.depth - b.depth || Buffer.compare(Buffer.from(a.entity.id), Buffer.from(b.entity.id)))
  }
}
