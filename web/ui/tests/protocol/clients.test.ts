import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql as apolloGql } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities'
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { createHash } from 'node:crypto'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { type Service, built, start } from '../browser/service'

const page = `query Pumps($after: String) {
  pumps(first: 2, after: $after, orderBy: [{name: ASC}]) { edges { cursor node { id name } } pageInfo { hasNextPage endCursor } totalCount }
}`
const rename = 'mutation Rename($id: ID!, $name: String!) { updatePump(id: $id, set: {name: $name}) { id name } }'
const watch = 'subscription Watch($id: ID!) { pump(id: $id) { id name } }'

interface Pumps { pumps: { edges: { cursor: string, node: { id: string, name: string } }[], pageInfo: { hasNextPage: boolean, endCursor: string | null }, totalCount: number } }
const names = (data: Pumps | undefined): string[] => data?.pumps.edges.map((edge) => edge.node.name) ?? []

/** Waits for something to become true; what it waits for is said when it does not. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !holds(); await new Promise((done) => setTimeout(done, 10))) {
    if (Date.now() > end) throw new Error(`it did not happen within 30 s: ${what}`)
  }
}

describe.skipIf(!built())('clients with a normalised cache', () => {
  let service: Service
  let calls = 0
  const counted: typeof fetch = (input, init) => { calls++; return fetch(input, init) }
  beforeAll(async () => { service = await start(['demo', '--listen', '127.0.0.1:0']) })
  afterAll(() => service.kill())

  const socket = (): ReturnType<typeof createClient> => createClient({ url: `${service.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 })

  it('urql pages, and its cache takes mutations and subscriptions over', async () => {
    const ws = socket()
    const client = new Client({
      url: `${service.url}/graphql`, fetch: counted, preferGetMethod: false,
      exchanges: [
        cacheExchange({ resolvers: { Query: { pumps: relayPagination() } } }),
        fetchExchange,
        subscriptionExchange({ forwardSubscription: (request) => ({ subscribe: (sink) => ({ unsubscribe: ws.subscribe({ query: request.query ?? '', variables: request.variables as Record<string, unknown> }, sink as never) }) }) }),
      ],
    })
    const first = await client.query<Pumps>(gql(page), { after: null }).toPromise()
    expect(first.error).toBeUndefined()
    expect(names(first.data)).toHaveLength(2)
    let shown: Pumps | undefined
    const watching = client.query<Pumps>(gql(page), { after: first.data?.pumps.pageInfo.endCursor }).subscribe((result) => { shown = result.data })
    await until('both pages are one list', () => names(shown).length === 4)
    expect(new Set(shown?.pumps.edges.map((edge) => edge.node.id)).size).toBe(4)

    const { id } = shown!.pumps.edges[0]!.node
    const before = calls
    const changed = await client.mutation(gql(rename), { id, name: 'Aaa by urql' }).toPromise()
    expect(changed.error).toBeUndefined()
    await until('the list has the new name', () => names(shown)[0] === 'Aaa by urql')
    expect(calls - before, 'only the mutation was sent').toBe(1)

    const live = client.subscription(gql(watch), { id }).subscribe(() => {})
    await fetch(`${service.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: rename, variables: { id, name: 'Aab by another' } }) })
    await until('the list has the name that another client gave', () => names(shown)[0] === 'Aab by another')
    expect(calls - before).toBe(1)
    live.unsubscribe()
    watching.unsubscribe()
    await ws.dispose()
  })

  it('Apollo pages, and its cache takes mutations and subscriptions over', async () => {
    const ws = socket()
    const http = new HttpLink({ uri: `${service.url}/graphql`, fetch: counted })
    const client = new ApolloClient({
      cache: new InMemoryCache({ typePolicies: { Query: { fields: { pumps: relayStylePagination(['orderBy']) } } } }),
      link: ApolloLink.split(({ query }) => { const main = getMainDefinition(query); return main.kind === 'OperationDefinition' && main.operation === 'subscription' }, new GraphQLWsLink(ws), http),
    })
    const query = client.watchQuery<Pumps>({ query: apolloGql(page), variables: { after: null } })
    let shown: Pumps | undefined
    const watching = query.subscribe((result) => { shown = result.data as Pumps })
    await until('the first page is there', () => names(shown).length === 2)
    await query.fetchMore({ variables: { after: shown!.pumps.pageInfo.endCursor } })
    await until('both pages are one list', () => names(shown).length === 4)

    const { id } = shown!.pumps.edges[1]!.node
    const before = calls
    await client.mutate({ mutation: apolloGql(rename), variables: { id, name: 'Bbb by Apollo' } })
    await until('the list has the new name', () => names(shown)[1] === 'Bbb by Apollo')
    expect(calls - before, 'only the mutation was sent').toBe(1)

    const live = client.subscribe({ query: apolloGql(watch), variables: { id } }).subscribe(() => {})
    await fetch(`${service.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: rename, variables: { id, name: 'Bbc by another' } }) })
    await until('the list has the name that another client gave', () => names(shown)[1] === 'Bbc by another')
    expect(calls - before).toBe(1)
    live.unsubscribe()
    watching.unsubscribe()
    client.stop()
    await ws.dispose()
  })

  it("Apollo's persisted queries send the text once, by GET", async () => {
    const sent: string[] = []
    const recorded: typeof fetch = (input, init) => { sent.push(`${init?.method ?? 'GET'} ${String(input)} ${String(init?.body ?? '')}`); return fetch(input, init) }
    const link = createPersistedQueryLink({ sha256: (text: string) => createHash('sha256').update(text).digest('hex'), useGETForHashedQueries: true })
      .concat(new HttpLink({ uri: `${service.url}/graphql`, fetch: recorded }))
    const ask = async (): Promise<unknown> => {
      const client = new ApolloClient({ cache: new InMemoryCache(), link })
      const { data } = await client.query({ query: apolloGql('query Role { server { role } }') })
      client.stop()
      return data
    }
    expect(await ask()).toMatchObject({ server: { role: 'operator' } })
    expect(sent.filter((request) => request.includes('query Role') || request.includes('query%20Role') || request.includes('query+Role'))).toHaveLength(1)
    const before = sent.length
    expect(await ask()).toMatchObject({ server: { role: 'operator' } })
    expect(sent.slice(before)).toHaveLength(1)
    expect(sent[before]).toMatch(/^GET .*persistedQuery/)
  })
})
