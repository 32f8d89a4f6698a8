import { compare } from './values.mjs'
import { holds, ofEntity, ofRow, undecided } from './truth.mjs'

const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * A connection over candidates, the naive way: filter every one, sort all that are left, cut the page out.
 * of is { entity(row), record, id(row), row(id) }: what a row is, its last tie-break, and the row that has it.
 */
export function connection(world, args, candidates, of, ordered) {
  const truths = candidates.map((row) => of.record ? ofRow(world, args.where, of.record, row) : ofEntity(world, args.where, of.entity(row)))
  let rows = candidates.filter((_, i) => holds(truths[i]))
  let incomplete = truths.some(undecided)
  const keys = (args.orderBy ?? []).map((o) => key(world, of, o))
  for (const k of keys) incomplete ||= k.federated(rows)
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
  return { rows, all, total, before, more, incomplete, of }
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
