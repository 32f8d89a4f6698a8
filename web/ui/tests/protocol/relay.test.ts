import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, built, start } from '../browser/service'

const compiler = resolve(import.meta.dirname, '../../node_modules/relay-compiler/cli.js')

/** What an application asks in Relay's way: fragments, connections that page, an interface, a mutation and a subscription. */
const source = `
import { graphql } from 'relay-runtime'
graphql\`fragment app_pump on Pump @refetchable(queryName: "app_pump_Query") { id name serialNumber flow { value unit status } feedsInto: feeds(first: 3) { edges { node { id } } } }\`
graphql\`fragment app_pumps on Query @argumentDefinitions(first: {type: "Int", defaultValue: 2}, after: {type: "String"}) @refetchable(queryName: "app_pumps_Query") {
  pumps(first: $first, after: $after, orderBy: [{name: ASC}]) @connection(key: "app_pumps_pumps") { edges { node { id ...app_pump } } totalCount }
}\`
graphql\`fragment app_children on Entity @argumentDefinitions(first: {type: "Int", defaultValue: 5}, after: {type: "String"}) @refetchable(queryName: "app_children_Query") {
  children(hierarchy: "place", first: $first, after: $after) @connection(key: "app_children") { edges { node { id name ... on Pump { serialNumber } } } }
}\`
graphql\`query app_Query($id: ID!) { ...app_pumps entity(id: $id) { ...app_children } node(id: $id) { id ... on Pump { workOrders(first: 3) { edges { node { number } } status } } } }\`
graphql\`mutation app_Mutation($id: ID!, $name: String!) { updatePump(id: $id, set: {name: $name}) { id name } }\`
graphql\`subscription app_Subscription($id: ID!) { pump(id: $id) { ...app_pump } }\`
`

describe.skipIf(!built())('Relay', () => {
  let service: Service
  const folder = mkdtempSync(join(tmpdir(), 'mereon-relay-'))
  beforeAll(async () => { service = await start(['demo', '--listen', '127.0.0.1:0']) })
  afterAll(async () => { await service.kill(); rmSync(folder, { recursive: true, force: true }) })

  const ask = async (body: object): Promise<{ data?: Record<string, unknown>, errors?: unknown }> => {
    const response = await fetch(`${service.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return await response.json() as { data?: Record<string, unknown>, errors?: unknown }
  }

  it('its compiler takes the published schema, and what it makes is answered', async () => {
    const { data } = await ask({ query: getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, specifiedByUrl: true }) })
    mkdirSync(join(folder, 'src'))
    writeFileSync(join(folder, 'schema.graphql'), printSchema(buildClientSchema(data as unknown as IntrospectionQuery)))
    writeFileSync(join(folder, 'src/app.js'), source)
    writeFileSync(join(folder, 'relay.config.json'), JSON.stringify({ src: 'src', schema: 'schema.graphql', language: 'javascript', artifactDirectory: 'made', persistConfig: { file: 'persisted.json', algorithm: 'SHA256' }, eagerEsModules: true }))
    mkdirSync(join(folder, 'made'))
    writeFileSync(join(folder, 'persisted.json'), '{}')
    const said = execFileSync(process.execPath, [compiler, join(folder, 'relay.config.json')], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    expect(said).not.toMatch(/error/i)
    expect(readdirSync(join(folder, 'made')).filter((name) => name.endsWith('.graphql.js')).length).toBeGreaterThanOrEqual(9)

    const persisted = Object.values(JSON.parse(readFileSync(join(folder, 'persisted.json'), 'utf8')) as Record<string, string>)
    expect(persisted.length).toBeGreaterThanOrEqual(5)
    for (const query of persisted) {
      const variables = { id: 'pump-10', name: 'By Relay', first: 2 }
      if (query.startsWith('subscription')) continue // answered over a stream
      const answer = await ask({ query, variables: Object.fromEntries(Object.entries(variables).filter(([name]) => query.includes(`$${name}:`) || query.includes(`$${name} `))) })
      expect(answer.errors, query).toBeUndefined()
    }
  })
})
