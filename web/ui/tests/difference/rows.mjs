import { holds, ofEntity, ofRow, undecided } from './truth.mjs'
import { rank, words } from './search.mjs'
import { compare } from './values.mjs'
import { builtins } from './world.mjs'

const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * A connection over candidates, the naive way: filter every one, sort all that are left, cut the page out.
 * of is { entity(row), record, id(row), row(id) }: what a row is, its last tie-break, and the row that has it.
 */
export function connection(world, args, candidates, of, ordered) {
  return world.deciding((met) => ({ ...decided(world, args, candidates, of, ordered), met }))
}

function decided(world, args, candidates, of, ordered) {
  const wanted = words(args.search ?? '')
  if (wanted.length > 0) candidates = candidates.filter((row) => rank(world, of.entity(row), wanted) !== undefined)
  const truths = candidates.map((row) => of.record ? ofRow(world, args.where, of.record, row) : ofEntity(world, args.where, of.entity(row)))
  let rows = candidates.filter((_, i) => holds(truths[i]))
  let incomplete = truths.some(undecided)
  const keys = (args.orderBy ?? []).map((o) => key(world, of, o))
  if (wanted.length > 0 && keys.length === 0) keys.push({ unsure: () => false, compare: (a, b) => rank(world, of.entity(a), wanted) - rank(world, of.entity(b), wanted) })
  for (const k of keys) if (k.unsure(rows)) incomplete = true
  if (!ordered) rows.sort((a, b) => keys.reduce((c, k) => c || k.compare(a, b), 0) || bytes(of.id(a), of.id(b)))
  const total = rows.length, all = rows
  let [before, more] = [false, false]
  // A cursor is a place in the order: that of a row, which need not be among these.
  const beside = (row, cursor) => { const there = of.row(cursor); return keys.reduce((c, k) => c || k.compare(row, there), 0) || bytes(of.id(row), cursor) }
  if (args.after) {
    before = rows.some((row) => beside(row, args.after) <= 0)
    rows = rows.filter((row) => beside(row, args.after) > 0)
  }
  if (args.before) {
    more = rows.some((row) => beside(row, args.before) >= 0)
    rows = rows.filter((row) => beside(row, args.before) < 0)
  }
  if (args.last) {
    if (rows.length > args.last) before = true
    rows = rows.slice(-args.last)
  } else if (rows.length > args.first) {
    rows = rows.slice(0, args.first)
    more = true
  }
  return { rows, all, open: candidates.filter((_, i) => undecided(truths[i])), total, before, more, incomplete, of }
}

/** One key of an order: what it reads of a row, and how two of them stand to each other. */
function key(world, of, order) {
  const path = []
  let direction = order
  while (typeof direction === 'object') {
    const [name, inner] = Object.entries(direction)[0]
    path.push(name)
    direction = inner
  }
  const read = (row) => (of.record ? keyOfRow(world, of.record, row, path) : keyOfEntity(world, of.entity(row), path))
  return {
    unsure: (rows) => rows.some((row) => read(row).unsure),
    compare(a, b) {
      const [x, y] = [read(a), read(b)]
      if (x.value === null || y.value === null) return (x.value === null ? 1 : 0) - (y.value === null ? 1 : 0)
      return direction === 'DESC' ? compare(x.type, y.value, x.value) : compare(x.type, x.value, y.value)
    },
  }
}

/** The key at a path of an entity: its value, null when there is none; unsure when another system owes it. */
function keyOfEntity(world, entity, path, prefix = '') {
  const [name, ...rest] = path
  const at = prefix === '' ? name : `${prefix}.${name}`
  const own = builtins[at]
  if (own) return { value: world.stored(entity, at), type: own }
  const field = world.field(entity.type, at)
  switch (field?.kind) {
    case undefined: return { value: null } // an entity of another type
    case 'static': return { value: world.stored(entity, at), type: field.type }
    case 'component': return keyOfEntity(world, entity, rest, at)
    case 'relation': {
      const ends = world.links(entity, field.relation, field.inverse).map((l) => l.entity).filter((e) => world.is(e.type, field.target))
      if (rest[0] === 'count' && field.many) return { value: ends.length, type: 'Int' }
      return ends.length === 0 ? { value: null } : keyOfEntity(world, ends[0], rest)
    }
    case 'join': return keyOfJoin(world, field, world.stored(entity, field.ours), rest)
  }
  const value = world.cell(entity, at).value
  return { value, type: field.type, unsure: value === null }
}

function keyOfRow(world, type, row, [name, ...rest]) {
  const field = world.records[type].fields[name]
  if (field.kind === 'join') return keyOfJoin(world, field, row[field.ours] ?? null, rest)
  return { value: row[name] ?? null, type: field.type }
}

function keyOfJoin(world, field, ours, rest) {
  const targets = world.joined(field, ours)
  if (targets.status) return { value: null, unsure: true }
  if (field.many) return { value: targets.length, type: 'Int' }
  if (targets.length === 0) return { value: null }
  return world.records[field.target] ? keyOfRow(world, field.target, targets[0], rest) : keyOfEntity(world, targets[0], rest)
}
