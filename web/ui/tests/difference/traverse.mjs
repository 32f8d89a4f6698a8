import { Mistake } from './groups.mjs'
import { holds, ofEntity as truthOf, ofRow, undecided } from './truth.mjs'

// Walks over relationships and joins, the plain way: breadth first, every place looked at anew.

const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const relationsOf = (world) => [...new Set(world.links_.map((l) => l.relation))]
const inversesOf = (direction) => (direction === 'BOTH' ? [false, true] : [direction === 'IN'])

/** The steps on from an entity. */
function next(world, entity, relations, direction) {
  return relations.flatMap((relation) => inversesOf(direction).flatMap((inverse) => world.links(entity, relation, inverse)))
}

function ends(world, args) {
  const found = [world.byId.get(args.from), world.byId.get(args.to)]
  if (!found.every(Boolean)) throw new Error('there is no such entity')
  return found
}

/** All shortest paths between two entities, by the ids along them. */
export function paths(world, args) {
  const [start, end] = ends(world, args)
  let ways = [[start]]
  const seen = new Set([start.id])
  for (let depth = 0; ways.length > 0 && depth <= (args.maxDepth ?? Infinity); depth++) {
    const arrived = ways.filter((way) => way.at(-1) === end)
    if (arrived.length > 0) return arrived.sort((a, b) => bytes(a.map((e) => e.id).join('\0'), b.map((e) => e.id).join('\0')))
    const longer = new Map()
    for (const way of ways) {
      for (const { entity } of next(world, way.at(-1), args.via ?? relationsOf(world), args.direction)) {
        if (seen.has(entity.id) || entity !== end && !holds(truthOf(world, args.through, entity))) continue
        const on = [...way, entity]
        longer.set(on.map((e) => e.id).join('\0'), on)
      }
    }
    ways = [...longer.values()]
    for (const way of ways) seen.add(way.at(-1).id)
  }
  return []
}

/** The least sum of a relationship property on a way between two entities; null for no way, whatever the weights that are met then. */
export function lightest(world, args) {
  const [start, end] = ends(world, args)
  const far = new Map([[start.id, 0]]), done = new Set()
  if (!world.reach(start, args.via, args.direction).some((r) => r.entity === end) && start !== end) return null
  for (let bad = Infinity; ;) {
    const open = [...far].filter(([id]) => !done.has(id)).sort((a, b) => a[1] - b[1] || (a[0] === end.id ? -1 : b[0] === end.id ? 1 : 0))
    if (open.length === 0) return null
    const [id, weight] = open[0]
    if (id === end.id) return { weight, open: bad <= weight } // whether the search meets what is no weight is open
    done.add(id)
    for (const { entity, link } of next(world, world.byId.get(id), args.via, args.direction)) {
      const own = link.props?.[args.weight] ?? args.missing ?? null
      if (own === null || Number(own) < 0) { // which matters when it leads on from nearer than the end
        bad = Math.min(bad, weight)
        continue
      }
      if (entity === end || holds(truthOf(world, args.through, entity))) far.set(entity.id, Math.min(far.get(entity.id) ?? Infinity, weight + Number(own)))
    }
  }
}

/** What is above all of several entities or is one of them, nearest first. */
export function commonAncestors(world, args) {
  const starts = args.of.map((id) => world.byId.get(id))
  if (!starts.every(Boolean) || starts.length === 0) throw new Error('there is no such entity')
  const above = starts.map((e) => new Map([[e.id, 0], ...world.reach(e, [world.hierarchies[args.hierarchy]], 'OUT').map((r) => [r.entity.id, r.depth])]))
  const sum = (list) => list.reduce((a, b) => a + b, 0)
  return [...above[0].keys()].filter((id) => above.every((a) => a.has(id)))
    .map((id) => ({ entity: world.byId.get(id), depths: above.map((a) => a.get(id)) }))
    .sort((a, b) => Math.max(...a.depths) - Math.max(...b.depths) || sum(a.depths) - sum(b.depths) || bytes(a.entity.id, b.entity.id))
}

/** What can be reached through entities for which a condition holds; more may be where it is not known. */
export function reached(world, start, args) {
  let incomplete = false
  const passes = (e) => {
    const truth = truthOf(world, args.through, e)
    incomplete ||= undecided(truth)
    return holds(truth)
  }
  return { list: world.reach(start, args.via, args.direction, args.maxDepth ?? Infinity, passes), incomplete: () => incomplete }
}

/** Everything affected: over relationships, and over joins to rows of other systems and back. */
export function affected(world, start, args) {
  return world.deciding((met) => ({ ...walked(world, start, args), met }))
}

function walked(world, start, args) {
  const nodes = [], seen = new Set([`entity ${start.id}`])
  let incomplete = false, failure
  const against = { OUT: 'IN', IN: 'OUT', BOTH: 'BOTH' }[args.direction]
  const backwards = new Map(Object.values(world.types).flatMap((t) => Object.entries(t.fields)).filter(([, f]) => f.inverse).map(([name, f]) => [name, f.relation]))
  const holdsFor = (node) => {
    const where = args.through?.[node.entity ? 'entity' : node.type[0].toLowerCase() + node.type.slice(1)]
    const truth = node.entity ? truthOf(world, where, node.entity) : ofRow(world, where, node.type, node.row)
    incomplete ||= undecided(truth)
    return holds(truth)
  }
  const join = (field, ours) => {
    const targets = world.joined(field, ours)
    if (targets.status) {
      incomplete = true
      if (targets.failed) failure ??= targets
      return []
    }
    return targets.map((t) => (world.records[field.target] ? { type: field.target, row: t, id: t[world.records[field.target].key] } : { entity: t, id: t.id }))
  }
  const on = (node) => args.via.flatMap((name) => {
    const fields = node.entity ? world.types[node.entity.type].fields : world.records[node.type].fields
    const ways = node.entity ? [...next(world, node.entity, [name], args.direction), ...(backwards.has(name) ? next(world, node.entity, [backwards.get(name)], against) : [])].map((l) => ({ entity: l.entity, id: l.entity.id })) : []
    const field = fields[name]
    return field?.kind === 'join' ? [...ways, ...join(field, node.entity ? world.stored(node.entity, field.ours) : node.row[field.ours] ?? null)] : ways
  })
  let front = [{ entity: start, id: start.id }]
  for (let depth = 1; front.length > 0 && depth <= (args.maxDepth ?? Infinity); depth++) {
    const found = front.flatMap(on)
    front = []
    for (const node of found) {
      const key = `${node.type ?? 'entity'} ${node.id}`
      if (seen.has(key) || !holdsFor(node)) continue
      seen.add(key)
      front.push({ ...node, depth })
    }
    nodes.push(...front)
  }
  nodes.sort((a, b) => a.depth - b.depth || bytes(a.type ?? '', b.type ?? '') || bytes(a.id, b.id))
  return { nodes, incomplete, failed: failure?.failed, keys: failure?.keys ?? [] }
}
