import { holds, ofRow } from './truth.mjs'
import { compare, convert, seconds, sum } from './values.mjs'
import { builtins } from './world.mjs'
import { begin } from './zones.mjs'

/** What is wrong with arguments, whatever they are applied to: the engine tells it once. */
export class Mistake extends Error {}

// What several are together: { rows, unsure, what } are the rows that count, whether more may, and what a row is.

/** What groups of rows are asked for: their keys and their order. */
export function groupsBy(world, of, args) {
  const by = args.by.map((b) => groupKey(world, of, b, args.timeZone))
  if (by.length === 0 || new Set(by.map((k) => k.path)).size < by.length) throw new Mistake('by is empty, or names something twice')
  return { of, by, orders: [...(args.orderBy ?? []).map((o) => groupOrder(world, of, o)), byKey('ASC')], first: args.first }
}

/** The groups of rows that count and of those that may: one for every combination of keys that occurs. */
export function groups({ of, by, orders, first }, { all, open }) {
  const found = new Map()
  const place = (row, sure, parts) => {
    if (parts.length < by.length) return by[parts.length].parts(row).forEach((part) => place(row, sure, [...parts, part]))
    const id = JSON.stringify(parts.map((p) => p.id))
    if (!found.has(id)) found.set(id, { of: 'aggregate', what: of, rows: [], unsure: false, parts, by })
    const group = found.get(id)
    if (sure) group.rows.push(row)
    if (!sure || parts.some((p) => p.unknown)) group.unsure = true
  }
  for (const row of all) place(row, true, [])
  for (const row of open) place(row, false, [])
  return [...found.values()].sort((a, b) => orders.reduce((c, order) => c || order(a, b), 0)).slice(0, first)
}

/** One element of by: its path, and the keys that a row has. */
function groupKey(world, of, by, zone, prefix = '') {
  const [name, how] = Object.entries(by)[0]
  const path = prefix === '' ? name : `${prefix}.${name}`
  const related = (list) => (list.length === 0 ? [{ id: null, value: null }] : list.map((e) => ({ id: e.id, entity: e })))
  if (name === 'above' && !of.record) {
    const above = (row) => world.reach(of.entity(row), [world.hierarchies[how.hierarchy]], 'OUT').map((r) => r.entity)
    return { path, parts: (row) => related(above(row).filter((e) => world.is(e.type, how.type ?? 'Entity'))) }
  }
  const field = fieldOf(world, of, path)
  switch (field.kind) {
    case 'component': return groupKey(world, of, how, zone, path)
    case 'relation': return { path, parts: (row) => related(world.links(of.entity(row), field.relation, field.inverse).map((l) => l.entity).filter((e) => world.is(e.type, field.target))) }
    case 'join': return { path, parts: (row) => related(world.joined(field, read(world, of, row, field.ours).value).slice(0, 1)) }
  }
  if (field.type === 'Date' && how === 'HOUR') throw new Mistake('a day has no hours')
  const parts = (row) => {
    const cell = read(world, of, row, path)
    const value = begin(field.type, cell.value, how, zone)
    return [{ id: value === null ? null : plain(field.type, value), value, type: field.type, unknown: unknown(cell) }]
  }
  return { path, parts }
}

/** A text or number that is the same for equal values. */
function plain(type, value) {
  switch (type) {
    case 'Decimal': case 'Float': return Number(value)
    case 'DateTime': return Date.parse(value)
    case 'Duration': return seconds(value)
  }
  return value
}

const fieldOf = (world, of, path) => (of.record ? world.records[of.record].fields[path] : builtins[path] ? { kind: 'static', type: builtins[path] } : world.anyField(path))
const typeOf = (world, of, path) => fieldOf(world, of, path).type

/** A value of a row: a live or computed one with its status. */
function read(world, of, row, path) {
  if (of.record) return { value: row[path] ?? null }
  const entity = of.entity(row)
  const kind = world.field(entity.type, path)?.kind
  return kind === 'live' || kind === 'computed' ? world.cell(entity, path) : { value: world.stored(entity, path) }
}

/** Whether a source owes a value: one of a series that the entity does not have is owed by none. */
const unknown = (cell) => cell.value === null && cell.status !== undefined && cell.status !== 'NOT_BOUND'

const nullsLast = (a, b, direction, order) => {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0)
  return direction === 'DESC' ? order(b, a) : order(a, b)
}

/** All keys, one after the other. */
const byKey = (direction) => (a, b) => a.parts.reduce((c, part, i) => {
  const other = b.parts[i]
  const type = part.type ?? other.type ?? 'String'
  return c || nullsLast(part.entity?.id ?? part.value ?? null, other.entity?.id ?? other.value ?? null, direction, (x, y) => compare(type, x, y))
}, 0)

function groupOrder(world, of, order) {
  if (order.key) return byKey(order.key)
  if (order.count) return (a, b) => nullsLast(a.rows.length, b.rows.length, order.count, (x, y) => x - y)
  const path = []
  let how = order
  while (typeof how === 'object') {
    const [name, inner] = Object.entries(how)[0]
    path.push(name)
    how = inner
  }
  const name = path.pop()
  if (['sum', 'avg'].includes(name) && ['Date', 'DateTime', 'Duration'].includes(typeOf(world, of, path.join('.')))) throw new Mistake('what is no number has no sum')
  const value = (g) => measured(world, g, path.join('.'), undefined)[name]()
  const type = ['min', 'max'].includes(name) ? typeOf(world, of, path.join('.')) : 'Decimal'
  return (a, b) => nullsLast(value(a), value(b), how, (x, y) => compare(type, x, y))
}

/** The measures of one property over the rows of a group; those of nothing are null, and so are sums that are no numbers. */
function measured(world, { rows, what }, path, unit) {
  const field = fieldOf(world, what, path)
  const cells = rows.map((row) => read(world, what, row, path))
  const values = cells.map((c) => c.value).filter((v) => v !== null)
  const sorted = [...values].sort((a, b) => compare(field.type, a, b))
  const shown = (v) => (unit ? convert(v ?? null, field.unit, unit) : v ?? null)
  const total = () => { shown(null); return sum(field.type, values.map(shown)) }
  return {
    unit: unit ?? field.unit ?? null, failures: cells.filter((c) => c.failed),
    count: () => values.length, min: () => shown(sorted[0]), max: () => shown(sorted.at(-1)), sum: total,
    avg: () => { const all = total(); return all === null ? null : finite(Number(all) / values.length) },
    incomplete: () => cells.some(unknown), stale: () => cells.filter((c) => c.status === 'STALE' && c.value !== null).length,
  }
}

const finite = (x) => (Number.isFinite(x) ? x : null)

/** Fields of a group, or of a component of it. */
export function ofAggregate(world, group, name, args) {
  const prefix = group.prefix ?? ''
  if (prefix === '') {
    switch (name) {
      case 'key': return group.by ? { of: 'key', group } : null
      case 'count': return group.rows.length
      case 'incomplete': return group.unsure
    }
  }
  const path = prefix === '' ? name : `${prefix}.${name}`
  const field = fieldOf(world, group.what, path)
  switch (field.kind) {
    case 'component': return { ...group, prefix: path }
    case 'relation': return ledTo(world, group, field)
    case 'join': return group.what.record ? ledTo(world, group, field) : joinedRows(world, group, field, args.where)
  }
  const measures = measured(world, group, path, args.unit)
  return { of: 'measures', measures, failures: measures.failures }
}

export const ofMeasures = ({ measures }, name) => (name === 'unit' ? measures.unit : measures[name]())

/** All rows that the members of a group join, once for each member; null when some are not known. */
function joinedRows(world, group, field, where) {
  const rows = []
  for (const row of group.rows) {
    const found = world.joined(field, world.stored(group.what.entity(row), field.ours))
    if (found.status) return { told: null, ...found }
    rows.push(...found.filter((r) => holds(ofRow(world, where, field.target, r))))
  }
  return { of: 'aggregate', what: { record: field.target }, rows, unsure: false }
}

/** What a relationship or a join to one leads to from the members of a group, once for each member; null when some of it is not known. */
function ledTo(world, { rows, what }, field) {
  const list = []
  for (const row of rows) {
    const targets = field.kind === 'join' ? world.joined(field, row[field.ours] ?? null)
      : world.links(what.entity(row), field.relation, field.inverse).map((l) => l.entity).filter((e) => world.is(e.type, field.target))
    if (targets.status) return { told: null, ...targets }
    list.push(...(field.many ? targets : targets.slice(0, 1)))
  }
  const of = field.kind === 'join' && world.records[field.target] ? { record: field.target } : { entity: (e) => e }
  return { of: 'aggregate', what: of, rows: list, unsure: false }
}

/** Fields of the key of a group: only those that it was grouped by. */
export function ofKey(world, { group, prefix }, name, show) {
  const path = prefix ? `${prefix}.${name}` : name
  const i = group.by.findIndex((k) => k.path === path)
  if (!group.what.record && world.anyField(path)?.kind === 'component') return { of: 'key', group, prefix: path }
  if (i >= 0) return group.parts[i].entity ? show(group.parts[i].entity) : group.parts[i].value
  return null
}
