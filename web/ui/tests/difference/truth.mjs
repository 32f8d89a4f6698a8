import { compare, convert } from './values.mjs'
import { builtins } from './world.mjs'

// A truth is what a condition may be: [least, most], each -1 (false), 0 (a stored value is missing) or 1 (true). Known values
// give both the same. A value that another system owes may be anything: [-1, 1].
const yes = [1, 1], no = [-1, -1], open = [-1, 1], missing = [0, 0]

const truth = (b) => (b ? yes : no)
const not = ([low, high]) => [-high, -low]
const all = (list) => list.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1])], yes)
const any = (list) => list.reduce((a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1])], no)

/** Whether a row surely fulfils a truth, and whether that is open. */
export const holds = ([low]) => low === 1
export const undecided = ([low, high]) => low < 1 && high === 1

/** The truth of a where for an entity; prefix is the path of the component it is about. */
export function ofEntity(world, where, entity, prefix = '') {
  if (where === null || where === undefined) return yes
  return all(Object.entries(where).filter(([, v]) => v !== null && v !== undefined).map(([name, v]) => {
    if (name === 'and') return all(v.map((w) => ofEntity(world, w, entity, prefix)))
    if (name === 'or') return any(v.map((w) => ofEntity(world, w, entity, prefix)))
    if (name === 'not') return not(ofEntity(world, v, entity, prefix))
    if (name === 'isNull') return truth((prefix !== '' && empty(world, entity, prefix)) === v)
    if (name === 'is' && prefix === '') return typed(world, v, entity)
    if (prefix === '' && builtins[name]) return value(world, builtins[name], v, world.stored(entity, name), missing)
    const path = prefix === '' ? name : `${prefix}.${name}`
    const field = world.field(entity.type, path)
    switch (field.kind) {
      case 'relation': return related(world, field, v, world.links(entity, field.relation, field.inverse).map((l) => l.entity).filter((e) => world.is(e.type, field.target)), (w, e) => ofEntity(world, w, e))
      case 'join': return joined(world, field, v, world.stored(entity, field.ours))
      case 'component': return ofEntity(world, v, entity, path)
      case 'static': return value(world, field.list ? 'list' : field.type, v, world.stored(entity, path), missing, field)
    }
    const cell = world.cell(entity, path)
    const { status, ...tests } = v
    return all([value(world, field.type, tests, cell.value, open, field), status ? value(world, 'String', status, cell.status, missing) : yes])
  }))
}

/** The truth of a where for a row of a record type. */
export function ofRow(world, where, type, row) {
  if (where === null || where === undefined) return yes
  const record = world.records[type]
  return all(Object.entries(where).filter(([, v]) => v !== null && v !== undefined).map(([name, v]) => {
    if (name === 'and') return all(v.map((w) => ofRow(world, w, type, row)))
    if (name === 'or') return any(v.map((w) => ofRow(world, w, type, row)))
    if (name === 'not') return not(ofRow(world, v, type, row))
    if (name === 'isNull') return truth(v === false)
    const field = record.fields[name]
    if (field.kind === 'join') return joined(world, field, v, row[field.ours] ?? null)
    return value(world, field.type, v, row[name] ?? null, missing, field)
  }))
}

function empty(world, entity, prefix) {
  const fields = world.components[world.field(entity.type, prefix).component]
  return Object.entries(fields).every(([name, f]) => f.kind !== 'static' || world.stored(entity, `${prefix}.${name}`) === null)
}

function joined(world, field, v, ours) {
  const targets = world.joined(field, ours)
  if (targets.status) return field.many && !asks(v) ? yes : open
  return related(world, field, v, targets, (w, t) => (world.records[field.target] ? ofRow(world, w, field.target, t) : ofEntity(world, w, t)))
}

/** Whether an entity is of all types that a filter names, and fulfils what it asks of them. */
const typed = (world, v, entity) => all(Object.entries(v).filter(([, w]) => w !== undefined).map(([type, w]) => (world.is(entity.type, type) ? ofEntity(world, w, entity) : no)))

/** Whether a filter of many asks anything of them. */
const asks = (v) => Object.entries(v).some(([name, w]) => w !== null && w !== undefined && (name !== 'count' || Object.entries(w).some(([n, o]) => n !== 'where' && o !== null)))

function related(world, field, v, targets, test) {
  if (!field.many) {
    const { isNull, ...where } = v
    const parts = []
    if (typeof isNull === 'boolean') parts.push(truth((targets.length === 0) === isNull))
    if (Object.values(where).some((w) => w !== null && w !== undefined) || parts.length === 0) parts.push(any(targets.map((t) => test(where, t))))
    return all(parts)
  }
  return all(Object.entries(v).filter(([, w]) => w !== null && w !== undefined).map(([quantifier, w]) => {
    switch (quantifier) {
      case 'some': return any(targets.map((t) => test(w, t)))
      case 'none': return not(any(targets.map((t) => test(w, t))))
      case 'every': return all(targets.map((t) => test(w, t)))
    }
    const { where, ...tests } = w
    const truths = targets.map((t) => test(where, t))
    let result
    for (let n = truths.filter(holds).length; n <= truths.filter((t) => t[1] === 1).length; n++) {
      const t = value(world, 'Int', tests, n, missing)
      result = result ? [Math.min(result[0], t[0]), Math.max(result[1], t[1])] : t
    }
    return result
  }))
}

/** The truth of the comparisons of one filter for one value; absent is that of a value that is null. */
function value(world, type, tests, v, absent, field) {
  return all(Object.entries(tests).filter(([name, operand]) => name !== 'unit' && (operand !== null && operand !== undefined || name === 'eq' || name === 'ne')).map(([name, operand]) => {
    if (name === 'isNull') return truth((v === null) === operand)
    if (v === null) return absent
    const in_ = (o) => (tests.unit && field?.unit && name !== 'isNull' ? convert(o, tests.unit, field.unit) : o)
    const c = (o) => compare(type, v, in_(o))
    if (operand === null) return missing
    switch (name) {
      case 'eq': return truth(c(operand) === 0)
      case 'ne': return truth(c(operand) !== 0)
      case 'in': return truth(operand.some((o) => c(o) === 0))
      case 'notIn': return truth(!operand.some((o) => c(o) === 0))
      case 'lt': return truth(c(operand) < 0)
      case 'lte': return truth(c(operand) <= 0)
      case 'gt': return truth(c(operand) > 0)
      case 'gte': return truth(c(operand) >= 0)
      case 'startsWith': return truth(v.startsWith(operand))
      case 'contains': return truth(v.includes(operand))
      case 'has': return truth(v.includes(operand))
      case 'hasAny': return truth(operand.some((o) => v.includes(o)))
      case 'isEmpty': return truth((v.length === 0) === operand)
    }
    throw new Error(`the reference does not know ${name}`)
  }))
}
