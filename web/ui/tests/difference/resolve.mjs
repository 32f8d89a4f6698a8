import { groups, groupsBy, ofAggregate, ofKey, ofMeasures } from './groups.mjs'
import { history } from './history.mjs'
import { mutate } from './mutations.mjs'
import { connection } from './rows.mjs'
import { affected, commonAncestors, lightest, paths, reached } from './traverse.mjs'
import { convert } from './values.mjs'
import { builtins } from './world.mjs'

// Objects that resolvers hand down say what they are of. Every field of them is resolved by itself, from the data alone.
const entityOf = (entity, world) => entity && { of: 'entity', entity, __typename: entity.type, prefix: '' }
const rowOf = (type, row) => row && { of: 'row', type, row, __typename: type }

/** Resolves any field of the published schema; context is { world, cursors, seen }. */
export function resolve(source, args, context, info) {
  const { world, cursors, seen } = context
  args = { ...args }
  for (const name of ['after', 'before']) if (args[name]) args[name] = cursors[args[name]]
  if (source?.of === 'cell' && !['unit', 'history'].includes(info.fieldName)) seen.failure(source.cell, info.path.prev)
  const out = value(source, args, context, info)
  if (source?.failed && source.what && info.fieldName !== '__typename') seen.must.add(source.failed)
  if (out?.of !== 'cell') seen.failure(out, info.path)
  for (const one of out?.failures ?? []) seen.failure(one, info.path)
  if (out?.mistaken) seen.mistaken(info.path)
  if (out?.incomplete) seen.undecided(out.met, info.path)
  if (info.fieldName === 'incomplete' && source.incomplete) seen.owed(source.met)
  return out && Object.hasOwn(out, 'told') ? out.told : out
}

function value(source, args, { world }, info) {
  const show = (e) => entityOf(e, world)
  const name = info.fieldName
  if (info.parentType.name === 'Mutation') return changed(world, name, args, show)
  switch (source ? source.of : 'root') {
    case 'root': return root(world, name, args, show)
    case 'entity': return ofEntity(world, source, name, args, show)
    case 'row': return ofRow(world, source, name, args, show)
    case 'aggregate': return ofAggregate(world, source, name, args)
    case 'key': return ofKey(world, source, name, show)
    case 'measures': return ofMeasures(source, name)
    case 'cell': return ofCell(world, source, name, args)
  }
  if (typeof source[name] === 'function') return source[name]()
  return name === 'groups' && source.what ? groupsOf(world, source, args) : source[name]
}

/** A root field of a mutation: what it is about, as it is afterwards. */
function changed(world, name, args, show) {
  const subjects = mutate(world, name, args)
  if (name.startsWith('delete') || name === 'apply') return subjects
  return Array.isArray(subjects) ? subjects.map((id) => show(world.byId.get(id))) : show(world.byId.get(subjects))
}

function root(world, name, args, show) {
  switch (name) {
    case 'node': case 'entity': return show(world.byId.get(args.id))
    case 'nodes': return args.ids.map((id) => show(world.byId.get(id)))
    case 'entities': return entityConnection(world, args, within(world, args.within, world.all(args.type ?? 'Entity')), show)
    case 'path': return path(world, args)
    case 'paths': return paths(world, args).slice(0, args.first).map((way) => ({ length: way.length - 1, nodes: way.map(show), weight: null, incomplete: false }))
    case 'commonAncestors': return commonAncestors(world, args).map((c) => ({ entity: show(c.entity), depths: c.depths }))
  }
  const root = world.roots[name]
  if (root.groups) return groupRoot(world, root, args)
  if (root.record) {
    if (!root.many) return oneRow(root.record, world.rows(root.record, 'number', args.number))
    return recordConnection(world, args, root.record, world.rows(root.record), show)
  }
  if (root.many) return entityConnection(world, args, within(world, args.within, world.all(root.type)), show)
  const entity = world.byId.get(args.id)
  return entity && world.is(entity.type, root.type) ? show(entity) : null
}

/** The groups of the matches of a connection; null when they are not known. */
function groupsOf(world, { what, matches }, args) {
  const asked = groupsBy(world, what, args)
  return matches ? world.deciding((met) => toldGroups(groups(asked, matches), met)) : null
}

/** A grouped root field: the groups of all that a list would have. */
function groupRoot(world, root, args) {
  const of = root.record ? { record: root.record, id: (row) => row.number } : { entity: (e) => e, id: (e) => e.id }
  const asked = groupsBy(world, of, args)
  const candidates = root.record ? world.rows(root.record) : within(world, args.within, world.all(args.type ?? root.type))
  if (candidates.status) return { told: null, ...candidates }
  return world.deciding((met) => toldGroups(groups(asked, connection(world, { where: args.where, search: args.search }, candidates, of)), met))
}

const toldGroups = (list, met) => ({ told: list, incomplete: list.some((g) => g.unsure), met })

function within(world, w, list) {
  if (!w) return list
  const top = world.byId.get(w.of)
  const below = new Set(top ? world.reach(top, [world.hierarchies[w.hierarchy]], 'IN', w.depth ?? Infinity).map((r) => r.entity.id) : [])
  return list.filter((e) => below.has(e.id))
}

/** One path: any of the shortest, so that only its length and its weight are said. */
function path(world, args) {
  if (args.weight) {
    const way = lightest(world, args)
    return way ? { weight: way.weight, incomplete: false, mistaken: way.open } : { told: null, mistaken: true }
  }
  const [way] = paths(world, args)
  return way ? { length: way.length - 1, weight: null, incomplete: false } : null
}

function page(c, node, props) {
  return {
    nodes: c.rows.map(node),
    edges: c.rows.map((row) => ({ cursor: c.of.id(row), node: node(row), props: props?.(row) ?? null })),
    pageInfo: {
      hasNextPage: c.more, hasPreviousPage: c.before,
      startCursor: c.rows.length ? c.of.id(c.rows[0]) : null, endCursor: c.rows.length ? c.of.id(c.rows[c.rows.length - 1]) : null,
    },
    totalCount: c.total, incomplete: c.incomplete, met: c.met,
    aggregate: c.all && { of: 'aggregate', rows: c.all, unsure: c.open.length > 0, what: c.of }, matches: c, what: c.of,
  }
}

function entityConnection(world, args, candidates, show) {
  return page(connection(world, args, candidates, { entity: (e) => e, id: (e) => e.id, row: (id) => world.byId.get(id) }), show)
}

function linkConnection(world, args, links, show) {
  const of = { entity: (l) => l.entity, id: (l) => l.entity.id, row: (id) => ({ entity: world.byId.get(id) }) }
  return page(connection(world, args, links, of), (l) => show(l.entity), (l) => (l.link.props && Object.keys(l.link.props).length > 0 ? l.link.props : null))
}

function recordConnection(world, args, type, rows, show, status) {
  if (rows.status) return { nodes: null, edges: null, pageInfo: null, totalCount: null, incomplete: false, what: { record: type }, ...rows }
  const key = world.records[type].key
  const c = connection(world, args, rows, { record: type, id: (row) => row[key], row: (id) => rows.find((row) => row[key] === id) })
  return { ...page(c, (row) => rowOf(type, row)), status: status ?? (c.total === 0 ? 'EMPTY' : 'OK') }
}

/** The first of the rows that lead to a field of one; null when there is none, or none is known. */
function oneRow(type, rows) {
  return rows.status ? { told: null, ...rows } : rowOf(type, rows[0]) ?? null
}

function ofEntity(world, source, name, args, show) {
  const { entity, prefix } = source
  if (prefix === '') {
    if (builtins[name]) return world.stored(entity, name)
    switch (name) {
      case 'parent': return show(world.links(entity, world.hierarchies[args.hierarchy], false)[0]?.entity)
      case 'ancestors': return world.reach(entity, [world.hierarchies[args.hierarchy]], 'OUT').map((r) => show(r.entity))
      case 'children': case 'descendants': {
        const down = world.reach(entity, [world.hierarchies[args.hierarchy]], 'IN', name === 'children' ? 1 : Infinity).map((r) => r.entity)
        return entityConnection(world, args, down.filter((e) => world.is(e.type, args.type ?? 'Entity')), show)
      }
      case 'reach': {
        const of = { entity: (r) => r.entity, id: (r) => r.entity.id }
        return world.deciding((met) => {
          const walk = reached(world, entity, args)
          const c = connection(world, args, walk.list.filter((r) => world.is(r.entity.type, args.type ?? 'Entity')), of, true)
          return { ...page(c, (r) => ({ entity: show(r.entity), depth: r.depth })), incomplete: c.incomplete || walk.incomplete(), truncated: false, met }
        })
      }
      case 'affected': {
        const { nodes, ...rest } = affected(world, entity, args)
        const row = (n) => (n.entity ? { entity: show(n.entity) } : { [n.type[0].toLowerCase() + n.type.slice(1)]: rowOf(n.type, n.row) })
        return {
          nodes: nodes.slice(0, args.first).map((n) => ({ depth: n.depth, ...row(n) })), totalCount: nodes.length, truncated: false, ...rest,
          pageInfo: { hasNextPage: nodes.length > args.first, hasPreviousPage: false },
        }
      }
      case 'relationships': return relationships(world, entity, args, show)
      case 'property': return property(world, entity, args.name)
    }
  }
  const path = prefix === '' ? name : `${prefix}.${name}`
  const field = world.field(entity.type, path)
  switch (field.kind) {
    case 'static': {
      const value = world.stored(entity, path)
      return args.unit ? convert(value, field.unit, args.unit) : value
    }
    case 'component': {
      const own = world.components[field.component]
      const lacks = Object.entries(own).some(([n, f]) => f.required && world.stored(entity, `${path}.${n}`) === null)
      return lacks ? null : { of: 'entity', entity, prefix: path, __typename: field.component }
    }
    case 'relation': {
      const links = world.links(entity, field.relation, field.inverse).filter((l) => world.is(l.entity.type, field.target))
      return field.many ? linkConnection(world, args, links, show) : show(links[0]?.entity)
    }
    case 'join': return join(world, field, world.stored(entity, field.ours), args, show)
  }
  return { of: 'cell', cell: world.cell(entity, path) }
}

function ofRow(world, source, name, args, show) {
  const field = world.records[source.type].fields[name]
  if (field.kind === 'join') return join(world, field, source.row[field.ours] ?? null, args, show)
  const value = source.row[name] ?? null
  return args.unit ? convert(value, field.unit, args.unit) : value
}

function join(world, field, ours, args, show) {
  const targets = world.joined(field, ours)
  if (world.records[field.target]) return field.many ? recordConnection(world, args, field.target, targets, show, ours === null ? 'NOT_BOUND' : undefined) : oneRow(field.target, targets)
  return field.many ? entityConnection(world, args, targets, show) : show(targets[0])
}

function ofCell(world, { cell }, name, args) {
  if (name === 'history') return history(world, cell, args)
  if (name === 'value' && args.unit) return convert(cell.value, cell.unit, args.unit)
  return cell[name] ?? null
}

function property(world, entity, path) {
  if (builtins[path]) return world.stored(entity, path)
  const field = world.field(entity.type, path)
  if (!field || field.kind === 'relation' || field.kind === 'join') return null
  if (field.kind === 'static') return world.stored(entity, path)
  if (field.kind === 'component') {
    const out = {}
    for (const [n, f] of Object.entries(world.components[field.component])) {
      const v = world.stored(entity, `${path}.${n}`)
      if (f.kind === 'static' && v !== null) out[n] = v
    }
    return out
  }
  const { value, unit, time, age, quality, status, failed, keys } = world.cell(entity, path)
  return { failed, keys, told: { value, ...(unit ? { unit } : {}), ...(time ? { time, age } : {}), quality, status } }
}

function relationships(world, entity, args, show) {
  const list = []
  for (const inverse of args.direction === 'BOTH' ? [false, true] : [args.direction === 'IN']) {
    for (const relation of new Set(world.links_.map((l) => l.relation))) {
      if (args.name && args.name !== relation) continue
      for (const l of world.links(entity, relation, inverse)) list.push({ ...l, relation })
    }
  }
  const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  list.sort((a, b) => bytes(a.relation, b.relation) || bytes(a.entity.id, b.entity.id) || (a.inverse ? 1 : 0) - (b.inverse ? 1 : 0))
  const of = { id: (l) => l.entity.id }
  const c = { rows: list.slice(0, args.first), total: list.length, more: list.length > args.first, before: false, of }
  const way = (l) => (l.inverse ? 'IN' : 'OUT')
  const together = (links) => {
    const shared = (of) => (new Set(links.map(of)).size === 1 ? of(links[0]) : null)
    return { count: links.length, name: shared((l) => l.relation), direction: shared(way) }
  }
  const order = (l) => l.relation + (l.inverse ? '1' : '0')
  const kinds = [...new Set(list.map(order))].sort(bytes)
  const shown = page(c, (l) => ({ name: l.relation, direction: way(l), other: show(l.entity), props: l.link.props && Object.keys(l.link.props).length ? l.link.props : null }))
  return { ...shown, aggregate: together(list), groups: () => kinds.map((kind) => together(list.filter((l) => order(l) === kind))) }
}
