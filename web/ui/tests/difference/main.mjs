// The reference: reads worlds, one a line, executes their operations with graphql-js, and writes a line for every answer that
// differs from the one that came along, then one with the number compared.
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { buildSchema, execute, parse, print, validate } from 'graphql'
import { Seen } from './failures.mjs'
import { Mistake } from './groups.mjs'
import { mistakesOf, Refused } from './mutations.mjs'
import { resolve } from './resolve.mjs'
import { World } from './world.mjs'

const say = (verdict) => process.stdout.write(`${JSON.stringify(verdict)}\n`)

/** Whether two numbers are sums of the same ones in another order: whole numbers that are exact must be equal. */
const exact = (x) => Number.isSafeInteger(x)
const near = (a, b) => typeof a === 'number' && typeof b === 'number' && !(exact(a) && exact(b)) && Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b))

/** The first place where two values differ, null for none. */
function differ(got, want, at = '') {
  if (isDeepStrictEqual(got, want)) return null
  if (/\/(c|endC)ursor$/.test(at) && typeof got === 'string' && typeof want === 'string') return null // each has its own
  if (near(got, want)) return null
  if (got === null || want === null || typeof got !== 'object' || typeof want !== 'object' || Array.isArray(got) !== Array.isArray(want)) return { at, got, want }
  for (const name of new Set([...Object.keys(got), ...Object.keys(want)])) {
    const found = differ(got[name] ?? null, want[name] ?? null, `${at}/${name}`)
    if (found) return found
  }
  const order = (v) => Object.keys(v).join()
  return order(got) === order(want) ? null : { at: `${at} (the order of the fields)`, got: order(got), want: order(want) }
}

/** An answer in which places that may be null, and are, are as they should be. */
function without(got, want, perhaps) {
  for (const path of perhaps) {
    const steps = path.split('/'), last = steps.pop()
    const [here, there] = [got, want].map((data) => steps.reduce((at, step) => at?.[step], data))
    if (here?.[last] === null && there) here[last] = there[last]
  }
  return got
}

const plain = (value) => JSON.parse(JSON.stringify(value ?? null))
const most = 100 // errors that an answer lists
const at = (e) => (e.path ?? []).join('/')
const places = (errors, wanted) => (errors ?? []).filter(wanted).map(at).sort()

/** Whether every mistake in arguments is told at one of the places where they are used. */
function mistakesTold(errors, told) {
  const groups = new Map()
  for (const e of errors) {
    if (!(e.originalError instanceof Mistake)) continue
    const { name, arguments: args } = e.nodes[0], which = name.value + (args ?? []).map(print).sort()
    groups.set(which, [...(groups.get(which) ?? []), at(e)])
  }
  return [...groups.values()].every((paths) => told.some((e) => paths.includes(at(e)) && e.extensions.code === 'INVALID'))
}

/** What differs for one operation, null for nothing. */
function check(world, schema, operation) {
  const document = parse(operation.query)
  const mistakes = validate(schema, document)
  if (mistakes.length > 0) {
    refused++
    return 'data' in operation.answer ? { at: 'validation', got: 'accepted', want: mistakes.map((m) => m.message) } : null
  }
  const seen = new Seen()
  const result = execute({
    schema, document, variableValues: operation.variables ?? {}, contextValue: { world, cursors: operation.cursors ?? {}, seen },
    fieldResolver: resolve, typeResolver: (value) => value.__typename,
  })
  const answer = operation.answer
  if (!('data' in answer)) return { at: 'refused', got: answer.errors, want: plain(result.data) }
  const data = differ(without(plain(answer.data), plain(result.data), seen.perhaps), plain(result.data))
  const said = result.errors?.map((e) => ({ path: e.path, message: e.message }))
  if (data) return { ...data, want: { value: data.want, errors: said?.slice(0, 3) }, got: { value: data.got, errors: answer.errors?.slice(0, 3) } }
  // Errors of sources are data; those of nulls and of units must be where the reference has them.
  const mistaken = new Set((result.errors ?? []).filter((e) => e.originalError instanceof Mistake).map(at))
  const own = (e) => e.extensions?.connector === undefined && !mistaken.has(at(e)) && !seen.perhaps.has(at(e))
  const got = places(answer.errors, own), want = places(result.errors, own)
  if (got.length < most && !isDeepStrictEqual(got, want) || !mistakesTold(result.errors ?? [], answer.errors ?? [])) return { at: 'errors', got: answer.errors, want: said }
  for (const e of result.errors ?? []) {
    if (!(e.originalError instanceof Refused)) continue
    const [got, want] = mistakesOf(answer.errors.find((o) => at(o) === at(e)).extensions.problems ?? [], e.originalError.problems)
    if (want.length < 2 ? !isDeepStrictEqual(got, want) : want.some((p) => !got.includes(p))) return { at: `mistakes of ${at(e)}`, got, want }
  }
  const wrong = seen.wrong(world, answer.errors ?? [], (result.errors ?? []).map(at), /^mutation/.test(operation.query))
  return wrong && { at: `errors of sources: ${wrong}`, got: answer.errors, want: [...seen.places] }
}

/** What is counted of operations beside their number. */
const kinds = {
  filters: /where: /, orders: /orderBy: /, 'nested orders': /orderBy: [^)]*\{\w+: \{/, pages: /(after|before): /, conditions: /@(skip|include)/, aggregates: /aggregate/, groups: /[gG]roups\(/,
  histories: /history\(/, mutations: /^mutation/, 'expected revisions': /ifRevision: /, keys: /idempotencyKey: /, search: /search: /, reach: /reach\(/, paths: /paths?\(/, affected: /affected\(/, 'common ancestors': /commonAncestors\(/,
}
const counted = Object.fromEntries(Object.keys(kinds).map((k) => [k, 0]))

let compared = 0, refused = 0
for await (const line of createInterface({ input: process.stdin })) {
  const json = JSON.parse(line)
  const world = new World(json)
  const schema = buildSchema(json.sdl)
  for (const [index, operation] of (json.operations ?? []).entries()) {
    let found
    try {
      found = check(world, schema, operation)
    } catch (error) {
      found = { at: `the reference: ${error.stack}`, got: operation.answer, want: null }
    }
    compared++
    const text = operation.query + JSON.stringify(operation.variables ?? null).replace(/"(\w+)":/g, '$1: ')
    for (const [kind, is] of Object.entries(kinds)) if (is.test(text)) counted[kind]++
    if (found) say({ seed: json.seed, index, query: operation.query, variables: operation.variables ?? null, where: found.at, got: found.got ?? null, want: found.want ?? null })
  }
}
say({ compared, refused, kinds: counted })
