import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { createClient as createSocket } from 'graphql-ws'
import { createStore } from './store'

/** How the line to the service is: nothing asked yet, working, or lost since a moment (epoch ms). */
export type Line = { kind: 'new' } | { kind: 'live' } | { kind: 'lost'; since: number }

export const line = createStore<Line>({ kind: 'new' })

function lost(): void { if (line.get().kind !== 'lost') line.set({ kind: 'lost', since: Date.now() }) }
function works(): void { if (line.get().kind !== 'live') line.set({ kind: 'live' }) }

const longestPause = 8000 // ms

const socket = createSocket({
  url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
  lazy: true,
  lazyCloseTimeout: 5000,
  keepAlive: 10_000,
  retryAttempts: Number.MAX_SAFE_INTEGER,
  shouldRetry: () => true,
  retryWait: async (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(longestPause, 300 * 2 ** retries) * (0.75 + Math.random() / 2))),
  on: { connected: works, closed: (event) => { if (!(event instanceof CloseEvent) || !event.wasClean) lost() }, error: lost },
})

/** Fetch that tells the line how it went. */
async function watched(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(input, init)
    works()
    return answer
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) lost()
    throw error
  }
}

/** One client for the page. No document cache: what is shown is live, and the service answers fast. */
export const client = new Client({
  url: '/graphql',
  fetch: watched,
  preferGetMethod: false,
  requestPolicy: 'network-only',
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: request.query ?? '', variables: request.variables as Record<string, unknown> }, sink as never) }),
      }),
    }),
  ],
})
