import { createClient as createEventsClient } from 'graphql-sse'
import { createClient as createSocketClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { type Service, built, start } from '../browser/service'

interface Answer { data?: Record<string, unknown> | null, errors?: readonly { message: string }[] }
interface Client { iterate(payload: { query: string }): AsyncIterableIterator<Answer>, dispose(): void | Promise<void> }

describe.skipIf(!built())('streams', () => {
  let service: Service
  beforeAll(async () => { service = await start(['demo', '--listen', '127.0.0.1:0']) })
  afterAll(() => service.kill())

  const rename = async (name: string): Promise<void> => {
    const query = `mutation { updatePump(id: "pump-10", set: {name: ${JSON.stringify(name)}}) { id } }`
    const response = await fetch(`${service.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) })
    expect((await response.json() as Answer).errors).toBeUndefined()
  }

  const clients: Record<string, () => Client> = {
    'graphql-ws': () => createSocketClient({ url: `${service.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 }) as Client,
    'graphql-sse': () => createEventsClient({ url: `${service.url}/graphql`, retryAttempts: 0 }) as Client,
  }

  for (const [name, connect] of Object.entries(clients)) {
    it(`${name}: a query is one answer`, async () => {
      const client = connect()
      const answers: Answer[] = []
      for await (const answer of client.iterate({ query: '{ pump(id: "pump-10") { id } server { role } }' })) answers.push(answer)
      expect(answers).toEqual([{ data: { pump: { id: 'pump-10' }, server: { role: 'operator' } } }])
      await client.dispose()
    })

    it(`${name}: a subscription answers every change until it is left`, async () => {
      const client = connect()
      await rename('Before')
      const answers = client.iterate({ query: 'subscription { pump(id: "pump-10") { name } }' })
      expect((await answers.next()).value).toEqual({ data: { pump: { name: 'Before' } } })
      for (const next of ['After', 'Later']) {
        await rename(next)
        expect((await answers.next()).value).toEqual({ data: { pump: { name: next } } })
      }
      await answers.return?.()
      await client.dispose()
    })

    it(`${name}: what is invalid is an error of the operation`, async () => {
      const client = connect()
      const ask = async (query: string): Promise<Answer[]> => {
        const answers: Answer[] = []
        for await (const answer of client.iterate({ query })) answers.push(answer)
        return answers
      }
      const refused = await ask('{ nope }').catch((reason: unknown) => [{ errors: reason as Answer['errors'] }])
      expect(refused[0]?.errors?.[0]?.message).toContain('nope')
      expect(await ask('{ __typename }')).toEqual([{ data: { __typename: 'Query' } }])
      await client.dispose()
    })
  }
})
