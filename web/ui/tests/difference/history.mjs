import { Mistake } from './groups.mjs'
import { compare, convert, fits, seconds, stamp, sum } from './values.mjs'
import { day, instant, local } from './zones.mjs'

// The past of a live property: what a source has of a range, as it is or one value per bucket.

/** Resolves history of a live property of an entity. */
export function history(world, cell, args) {
  const { field } = cell
  const asked = range(world, field, args)
  const unit = asked.by === 'COUNT' ? null : args.unit ?? field.unit ?? null
  const nothing = (status) => ({ measurements: [], unit, status, until: null, pageInfo: { hasNextPage: false, hasPreviousPage: !!args.after } })
  if (cell.status === 'NOT_BOUND') return nothing(cell.status)
  if (!(asked.from < asked.to)) return nothing('EMPTY')
  if (cell.failed || cell.refused) return { ...nothing(cell.status), failed: cell.failed, keys: cell.keys }
  if (!cell.series) return nothing('NOT_FOUND')
  return { ...nothing(), ...page(world, cell, asked, args) }
}

/** The arguments, checked: instants in ms. */
function range(world, field, args) {
  const number = ['Int', 'Float', 'Long', 'Decimal'].includes(field.type)
  const every = args.every ? seconds(args.every) * 1000 : null
  const by = every ? args.aggregate ?? 'AVG' : null
  const from = Date.parse(args.from), to = args.to ? Date.parse(args.to) : Date.parse(world.now)
  if (args.to && to <= from) throw new Mistake('the range is empty')
  if (!every && (args.aggregate || args.gaps)) throw new Mistake('without every there are no buckets')
  if (!number && ['AVG', 'SUM', 'COUNT'].includes(by)) throw new Mistake('that is no number')
  const asked = { from, to, every, by, zone: args.timeZone }
  return args.after ? { ...asked, ...behind(asked, args.after) } : asked
}

/** Where a page begins behind another one, which ended with values of one time, or was covered up to some time. */
function behind(asked, end) {
  const [time, same, until] = end.split('|')
  if (asked.every) return { from: bucket(asked, time ? Date.parse(time) : Date.parse(until) - 1).end }
  if (until && (!time || Date.parse(until) > Date.parse(time))) return { from: Date.parse(until) }
  return { from: Date.parse(time), same: +same }
}

/** The bucket that holds an instant: of whole days they begin at midnight in the zone, shorter ones are counted from 1970 UTC. */
function bucket({ every, zone }, at) {
  if (every % day !== 0) return { start: Math.floor(at / every) * every, end: Math.floor(at / every) * every + every }
  const n = Math.floor(Math.floor(local(at, zone) / day) / (every / day))
  return { start: instant(n * every, zone), end: instant((n + 1) * every, zone) }
}

function page(world, { field, connector, ref, series }, asked, args) {
  const at = (p) => Date.parse(world.now) - p.age * 1000
  let points = series.map((p) => ({ ...p, at: at(p), quality: p.quality || 'GOOD' })).filter((p) => p.at >= asked.from && p.at < asked.to)
  let until = world.cut[connector]?.[ref] === undefined ? null : Date.parse(world.now) - world.cut[connector][ref] * 1000
  if (!(until > asked.from && until < asked.to)) until = null
  if (until !== null) points = points.filter((p) => p.at < until)
  if (asked.every) {
    const all = buckets(world, field, points, asked)
    const last = all.at(-1)
    if (until !== null && last && until < last.end) { // a part of a bucket is none
      until = Math.min(until, last.start)
      all.pop()
    }
    points = all.filter((b) => b.value !== undefined)
  } else {
    for (let n = 0; n < asked.same && points[0]?.at === asked.from; n++) points.shift()
  }
  let status = until !== null ? 'TRUNCATED' : points.length === 0 ? 'EMPTY' : 'OK'
  if (args.gaps) points = filled(points, asked, until)
  let more = until !== null && until > asked.from
  const end = more || points.length > 0 ? 'a cursor' : null
  if (points.length > args.first) {
    points = points.slice(0, args.first)
    more = true
    if (until !== null) [status, until] = ['OK', null]
  }
  const measurements = points.map((p) => measurement(world, field, p, asked, args.unit))
  if (measurements.some((m) => m.bad)) status = 'BAD_DATA'
  return { measurements, status, until: until === null ? null : stamp(new Date(until)), pageInfo: { hasNextPage: more, hasPreviousPage: !!args.after, endCursor: end } }
}

/** What is usable in each bucket, as one value at its start; undefined where nothing is. */
function buckets(world, field, points, asked) {
  const all = []
  for (const p of points) {
    const { start, end } = bucket(asked, p.at)
    if (all.at(-1)?.start !== start) all.push({ start, end, at: start, unit: p.unit, points: [] })
    all.at(-1).points.push(p)
  }
  return all.map((b) => {
    const used = b.points.filter((p) => p.quality !== 'BAD' && p.value !== null)
    const values = used.map((p) => p.value)
    const quality = used.length < b.points.length || used.some((p) => p.quality === 'UNCERTAIN') ? 'UNCERTAIN' : 'GOOD'
    return { ...b, quality, value: values.length === 0 ? undefined : folded(field, asked.by, values) }
  })
}

function folded(field, by, values) {
  const sorted = [...values].sort((a, b) => compare(field.type, a, b))
  switch (by) {
    case 'AVG': return sum('Float', values) / values.length
    case 'SUM': return sum('Float', values)
    case 'COUNT': return values.length
    case 'MIN': return sorted[0]
    case 'MAX': return sorted.at(-1)
    case 'FIRST': return values[0]
    case 'LAST': return values.at(-1)
  }
}

/** Every bucket of the range: those without values are null and bad, or a good count of 0. */
function filled(points, asked, until) {
  const all = []
  for (let at = asked.from; at < (until ?? asked.to) && all.length < 2000;) {
    const { start, end } = bucket(asked, at)
    const gap = asked.by === 'COUNT' ? { at: start, value: 0, quality: 'GOOD' } : { at: start, value: null, quality: 'BAD' }
    all.push(points.find((p) => p.at === start) ?? gap)
    at = end
  }
  return all
}

/** A measurement in the unit and of the type of its property, or in the unit asked for. */
function measurement(world, field, p, { by }, unit) {
  const out = { time: stamp(new Date(p.at)), quality: p.quality }
  let value = p.value
  const offset = (from, to) => by === 'SUM' && from && to && convert(0, from, to) !== 0
  const averaged = ['AVG', 'SUM', 'COUNT'].includes(by)
  if (value !== null && (averaged ? typeof value !== 'number' : !fits(world, field, value)) || value !== null && offset(p.unit, field.unit)) {
    value = null
    Object.assign(out, { bad: true, quality: 'BAD' })
  } else if (value !== null && by !== 'COUNT' && p.unit) {
    value = convert(value, p.unit, field.unit)
  }
  const shown = () => {
    if (!unit || by === 'COUNT' || unit === field.unit) return value
    if (offset(field.unit, unit)) throw new Error('the scales begin elsewhere')
    return convert(value, field.unit, unit)
  }
  const rounded = (v) => (v === null || field.type !== 'Int' ? v : Math.sign(v) * Math.round(Math.abs(v)))
  return { ...out, value: () => rounded(shown()), number: shown }
}
