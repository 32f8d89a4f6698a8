// Values as the model language means them: how they compare, convert, and what a live or computed property is.

export const seconds = (text) => {
  const iso = /^P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(text)
  if (iso) return (+(iso[1] ?? 0)) * 86400 + (+(iso[2] ?? 0)) * 3600 + (+(iso[3] ?? 0)) * 60 + +(iso[4] ?? 0)
  throw new Error(`no duration: ${text}`)
}

const bytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const numbers = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

/** Compares two values of a scalar or enum type; neither is null. */
export function compare(type, a, b) {
  switch (type) {
    case 'Int': case 'Float': case 'Long': return numbers(Number(a), Number(b))
    case 'Decimal': return numbers(Number(a), Number(b)) // those of the pools are exact enough
    case 'Boolean': return numbers(a ? 1 : 0, b ? 1 : 0)
    case 'DateTime': return numbers(Date.parse(a), Date.parse(b))
    case 'Duration': return numbers(seconds(a), seconds(b))
    default: return bytes(a, b) // texts by their code points, which the order of UTF-8 is
  }
}

/** The exact sum of numbers, rounded once; null for none, and for more than the type holds. */
export function sum(type, values) {
  if (values.length === 0) return null
  if (type === 'Decimal') return decimalSum(values)
  if (type !== 'Float') {
    const whole = values.reduce((a, v) => a + BigInt(v), 0n)
    return whole === BigInt.asIntN(64, whole) ? Number(whole) : null
  }
  const scale = 2 ** 160 // what the pools hold and make has no digits below
  const total = Number(values.reduce((a, v) => a + BigInt(Math.trunc(v * scale)), 0n)) / scale
  return Number.isFinite(total) ? total : null
}

function decimalSum(values) {
  const digits = Math.max(...values.map((v) => (v.split('.')[1] ?? '').length))
  const total = values.reduce((a, v) => a + BigInt(v.replace('.', '') + '0'.repeat(digits - (v.split('.')[1] ?? '').length)), 0n)
  const text = (total < 0n ? -total : total).toString().padStart(digits + 1, '0')
  const [whole, part] = [text.slice(0, text.length - digits), text.slice(text.length - digits).replace(/0+$/, '')]
  return (total < 0n ? '-' : '') + whole + (part && `.${part}`)
}

/** Converts a number; 15 digits are kept. An impossible conversion throws. */
export function convert(value, from, to) {
  const scale = { 'm3/h': ['flow', 1, 0], 'l/s': ['flow', 3.6, 0], bar: ['pressure', 100, 0], kPa: ['pressure', 1, 0], Cel: ['temperature', 1, 273.15], K: ['temperature', 1, 0] }
  const [a, b] = [scale[from], scale[to]]
  if (!a || !b || a[0] !== b[0]) throw new Error(`${from} is not ${to}`)
  if (from === to || value === null) return value
  return Number((((value * a[1] + a[2]) - b[2]) / b[1]).toPrecision(15))
}

const whole = (v) => typeof v === 'number' && Number.isInteger(v)
const kinds = {
  Int: whole, Float: (v) => typeof v === 'number', Boolean: (v) => typeof v === 'boolean', String: (v) => typeof v === 'string',
}

/** Whether a value that a source sent is one of a property. */
export const fits = (world, field, v) => (world.enums[field.type] ? world.enums[field.type].includes(v) : kinds[field.type](v))

/** What is known of a live property of an entity now. */
export function live(world, field, entity, path, read) {
  const own = entity.bindings?.[path]
  const part = own ? '' : read(entity, field.ref[0])
  const [connector, ref] = [own?.connector ?? field.connector, own?.ref ?? encodeURIComponent(part) + field.ref[1]]
  const nothing = (status) => ({ value: null, time: null, age: null, quality: 'BAD', status, unit: field.unit ?? null, field })
  if (part === null) return nothing('NOT_BOUND')
  if (world.down[connector]) return { ...nothing(world.down[connector]), failed: connector, keys: [`${connector} ${ref}`] }
  if (world.refused[connector]?.[ref]) return { ...nothing(world.refused[connector][ref]), refused: true }
  const series = world.series[connector][ref]
  const of = { connector, ref, series, field }
  if (series === undefined) return { ...nothing('NOT_FOUND'), ...of }
  if (series.length === 0) return { ...nothing('NO_DATA_YET'), ...of }
  const point = series[series.length - 1]
  const time = new Date(Date.parse(world.now) - point.age * 1000)
  const cell = { value: point.value, time: stamp(time), age: `PT${point.age === 60 ? '1M' : `${point.age}S`}`, quality: point.quality || 'GOOD', status: 'OK', unit: field.unit ?? null, ...of }
  if (field.stale && point.age > field.stale) cell.status = 'STALE'
  if (point.value !== null && !fits(world, field, point.value)) return { ...cell, value: null, quality: 'BAD', status: 'BAD_DATA' }
  if (point.unit && point.value !== null) cell.value = convert(point.value, point.unit, field.unit)
  return cell
}

export const stamp = (date) => date.toISOString().replace('.000Z', 'Z').replace(/(\.\d*?)0+Z$/, '$1Z')

const badness = (status) => (status === 'OK' ? 0 : status === 'STALE' ? 1 : 2)
const rank = { GOOD: 0, UNCERTAIN: 1, BAD: 2 }

/** What a computed property is: its value, and the worst of what it was made from. input gives a cell, or a stored value. */
export function computed(field, input) {
  const cell = { value: null, time: null, age: null, quality: 'GOOD', status: 'OK', unit: field.unit ?? null }
  const seen = new Map()
  const visit = (e) => {
    if (e.path !== undefined && !seen.has(e.path)) seen.set(e.path, input(e.path))
    if (e.left) { visit(e.left); visit(e.right) }
  }
  visit(field.expr)
  let missing = false
  for (const read of seen.values()) {
    if (read.cell) {
      if (read.cell.time && (!cell.time || Date.parse(read.cell.time) < Date.parse(cell.time))) { cell.time = read.cell.time; cell.age = read.cell.age }
      if (badness(read.cell.status) > badness(cell.status)) { cell.status = read.cell.status; cell.failed = read.cell.failed; cell.keys = read.cell.keys }
      if (rank[read.cell.quality] > rank[cell.quality]) cell.quality = read.cell.quality
    }
    if (read.value === null) missing = true
  }
  if (missing) {
    cell.quality = 'BAD'
    if (badness(cell.status) < 2) cell.status = 'NOT_BOUND'
    return cell
  }
  const value = evaluate(field.expr, seen)
  if (value === undefined) return { ...cell, quality: 'BAD', status: 'BAD_DATA' }
  return { ...cell, value }
}

function evaluate(e, seen) {
  if (e.const !== undefined) return e.const
  if (e.path !== undefined) return seen.get(e.path).value
  const [a, b] = [evaluate(e.left, seen), evaluate(e.right, seen)]
  switch (e.op) {
    case '+': return a + b
    case '-': return a - b
    case '*': return a * b
    case '>': return a > b
  }
  return b === 0 ? undefined : a / b
}
