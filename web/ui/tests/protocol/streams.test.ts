import { type AddressInfo, type Socket, connect as dial, createServer } from 'node:net'
import { createClient as createEventsClient } from 'graphql-sse'
import { createClient as createSocketClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { launch } from '../browser/browser'
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

  it('EventSource: a feed of changes goes on behind the last one, however often the connection breaks', async () => {
    const line = await breakable(service.url)
    const browser = await launch()
    try {
      const page = await browser.newPage()
      await page.goto(line.url)
      await page.evaluate(() => {
        const feed = { opened: 0, names: [] as string[] }
        Object.assign(window, { feed })
        const source = new EventSource(`/graphql?query=${encodeURIComponent('subscription { entityChanges(type: "Pump") { entity { name } } }')}`)
        source.addEventListener('open', () => { feed.opened++ })
        source.addEventListener('next', (event) => {
          const { data } = JSON.parse((event as MessageEvent<string>).data) as { data: { entityChanges: { entity: { name: string } } } }
          feed.names.push(`${data.entityChanges.entity.name} ${(event as MessageEvent).lastEventId}`)
        })
      })
      const feed = (): Promise<{ opened: number, names: string[] }> => page.evaluate(() => (window as unknown as { feed: { opened: number, names: string[] } }).feed)
      const until = async (held: (f: { opened: number, names: string[] }) => boolean): Promise<void> => {
        await expect.poll(async () => held(await feed()), { timeout: 60_000, interval: 100 }).toBe(true)
      }
      await until((f) => f.opened === 1)
      const revisions: number[] = []
      const names: string[] = []
      for (let round = 1; round <= 3; round++) {
        line.cut() // before the first change too
        for (const part of ['away', 'and away']) {
          const name = `Round ${round}, ${part}`
          revisions.push(await revise(name))
          names.push(name)
        }
        await until((f) => f.opened > round && f.names.length >= names.length)
        revisions.push(await revise(`Round ${round}, there`))
        names.push(`Round ${round}, there`)
        await until((f) => f.names.length >= names.length)
      }
      expect((await feed()).names.map((n) => n.split(' ').at(-1))).toEqual(revisions.map((r) => `${r}.1`))
    } finally {
      await browser.close()
      line.close()
    }
  })

  /** Renames the pump and returns the revision that did. */
  const revise = async (name: string): Promise<number> => {
    const query = `mutation { updatePump(id: "pump-10", set: {name: ${JSON.stringify(name)}}) { revision } }`
    const response = await fetch(`${service.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) })
    return (await response.json() as { data: { updatePump: { revision: number } } }).data.updatePump.revision
  }
})

/** A way to the service whose connections can be cut. */
async function breakable(target: string): Promise<{ url: string, cut(): void, close(): void }> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  const cut = (): void => { for (const socket of open) socket.destroy() }
  const server = createServer((near) => {
    const far = dial(Number(port), hostname)
    for (const [from, to] of [[near, far], [far, near]] as const) {
      open.add(from)
      from.on('error', () => to.destroy()).on('close', () => { open.delete(from); to.destroy() }).pipe(to)
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut, close: () => { cut(); server.close() } }
}
