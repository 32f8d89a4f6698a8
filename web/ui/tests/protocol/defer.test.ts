import { ApolloClient, HttpLink, InMemoryCache, gql as apolloGql } from '@apollo/client'
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental'
import { LocalState } from '@apollo/client/local-state'
import { createClient as createEvents } from 'graphql-sse'
import { createClient } from 'graphql-ws'
import { meros } from 'meros/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { type Service, built, start } from '../browser/service'

const document = `query Deferred {
  pumps(first: 2, orderBy: [{name: ASC}]) { nodes { __typename id name ...live @defer(label: "live") } }
}
fragment live on Pump { flow { unit status } }`
const whole = document.replace('@defer(label: "live")', '')

interface Pump { __typename: string, id: string, name: string, flow?: { unit: string, status: string } }
interface Pumps { pumps: { nodes: Pump[] } }

describe.skipIf(!built())('deferred fragments', () => {
  let service: Service
  let expected: Pumps
  beforeAll(async () => {
    service = await start(['demo', '--listen', '127.0.0.1:0'])
    const response = await fetch(`${service.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: whole }) })
    expected = (await response.json() as { data: Pumps }).data
    expect(expected.pumps.nodes).toHaveLength(2)
  })
  afterAll(() => service.kill())

  for (const [name, handler, format] of [
    ['Apollo with deferSpec=20220824', () => new Defer20220824Handler(), 'deferSpec=20220824'],
    ['Apollo with incrementalSpec=v0.2', () => new GraphQL17Alpha9Handler(), 'incrementalSpec=v0.2'],
  ] as const) {
    it(`${name} shows the graph first and the values after`, async () => {
      let type = ''
      const counted: typeof fetch = async (input, init) => {
        const response = await fetch(input, init)
        type = response.headers.get('content-type') ?? ''
        return response
      }
      const client = new ApolloClient({
        cache: new InMemoryCache(), link: new HttpLink({ uri: `${service.url}/graphql`, fetch: counted }),
        incrementalHandler: handler(), localState: new LocalState(),
      })
      const states: { partial: boolean, nodes: Pump[] }[] = []
      await new Promise<void>((done, failed) => {
        const watched = client.watchQuery<Pumps>({ query: apolloGql(document) }).subscribe({
          next: (result) => {
            if (result.error) failed(result.error)
            if (result.data) states.push({ partial: result.dataState !== 'complete', nodes: (result.data as Pumps).pumps.nodes })
            if (result.dataState === 'complete') { watched.unsubscribe(); done() }
          },
          error: failed,
        })
      })
      expect(type).toContain(format)
      expect(states[0]!.partial).toBe(true)
      expect(states[0]!.nodes.map((pump) => pump.name)).toEqual(expected.pumps.nodes.map((pump) => pump.name))
      expect(states[0]!.nodes[0]!.flow).toBeUndefined()
      expect(states.at(-1)!.nodes).toMatchObject(expected.pumps.nodes)
    })
  }

  it('meros reads the parts as they come', async () => {
    const response = await fetch(`${service.url}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json', accept: 'multipart/mixed;deferSpec=20220824' }, body: JSON.stringify({ query: document }),
    })
    const parts: { hasNext: boolean, incremental?: { path: (string | number)[], label: string }[] }[] = []
    for await (const part of await meros(response) as AsyncGenerator<{ json: boolean, body: unknown }>) {
      expect(part.json).toBe(true)
      parts.push(part.body as typeof parts[number])
    }
    expect(parts.map((part) => part.hasNext)).toEqual([true, false])
    expect(parts[1]!.incremental!.map((item) => [item.label, ...item.path])).toEqual([['live', 'pumps', 'nodes', 0], ['live', 'pumps', 'nodes', 1]])
  })

  it('graphql-ws and graphql-sse hand the payloads on, when they were asked for', async () => {
    const ws = createClient({ url: `${service.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { accept: 'multipart/mixed; incrementalSpec=v0.2' } })
    const asking: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...init?.headers, accept: 'text/event-stream; incrementalSpec=v0.2' } })
    const events = createEvents({ url: `${service.url}/graphql`, fetchFn: asking, retryAttempts: 0 })
    for (const client of [ws, events]) {
      const got: Record<string, unknown>[] = []
      for await (const payload of client.iterate({ query: document })) got.push(payload as unknown as Record<string, unknown>)
      expect(got.map((payload) => Object.keys(payload).sort())).toEqual([['data', 'hasNext', 'pending'], ['completed', 'hasNext', 'incremental']])
    }
    await ws.dispose()
    events.dispose()
    const plain = createClient({ url: `${service.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 })
    for await (const payload of plain.iterate<Pumps>({ query: document })) expect(payload.data).toMatchObject(expected)
    await plain.dispose()
  })
})
