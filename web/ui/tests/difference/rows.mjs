import { compare } from './values.mjs'
import { holds, ofEntity, ofRow, undecided } from './truth.mjs'

const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * A connection over candidates, the naive way: filter every one, sort all that are left, cut the page out.
 * of is { entity(row), record, id(row) }: what a row is, and its last tie-break.
 */
export function connection(world, args, candidates, of, ordered) {
  const truths = candidates.map((row) => of.record ? ofRow(world, args.where, of.record, row) : ofEntity(world, args.where, of.entity(row)))
  let rows = candidates.filter((_, i) => holds(truths[i]))
  let incomplete = truths.some(undecided)
  const keys = (args.orderBy ?? []).map((o) => key(world, of, o))
  for (const k of keys) incomplete ||= k.federated(rows)
  if (!ordered) rows.sort((a, b) => keys.reduce((c, k) => c || k.compare(a, b), 0) || bytes(of.id(a), of.id(b)))
  const total = rows.length
  let [before, more] = [false, false]
  const at = (cursor) => {
    const i = rows.findIndex((row) => of.id(row) === cursor)
    if (i < 0) throw new Error(`no row ${cursor}`)
    return i
  }
  if (args.after) {
    rows = rows.slice(at(args.after) + 1)
    before = true
  }
  if (args.before) {
    rows = rows.slice(0, at(args.before))
    more = true
  }
  if (args.last) {
    if (rows.length > args.last) before = true
    rows = rows.slice(-args.last)
  } else if (rows.length > args.first) {
    rows = rows.slice(0, args.first)
    more = true
  }
  return { rows, total, before, more, incomplete, of }
}

function key(world, of, order) {
  let [name, direction] = Object.entries(order)[0]
  let path = name
  while (typeof direction === 'object') {
    [name, direction] = Object.entries(direction)[0]
    path += `.${name}`
  }
  let type = 'String', federated = false, read
  if (of.record) {
    const field = world.records[of.record].fields[name]
    type = field.type
    read = (row) => row[name] ?? null
  } else if (['id', 'name', 'assetType'].includes(path)) {
    read = (row) => world.stored(of.entity(row), path)
  } else {
    const any = Object.keys(world.types).map((t) => world.field(t, path)).find(Boolean)
    type = any.type
    federated = any.kind !== 'static'
    read = (row) => (federated ? world.cell(of.entity(row), path).value : world.stored(of.entity(row), path))
  }
  return {
    federated: (rows) => federated && rows.some((row) => read(row) === null),
    compare(a, b) {
      const [x, y] = [read(a), read(b)]
      if (x === null || y === null) return (x === null ? 1 : 0) - (y === null ? 1 : 0)
      return direction === 'DESC' ? compare(type, y, x) : compare(type, x, y)
    },
  }
}
