import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import { GraphiQL } from 'graphiql'
import { createClient } from 'graphql-ws'
import { useMemo } from 'react'
import { theme } from '../data/theme'
import { useStore } from '../data/store'

type Fetcher = React.ComponentProps<typeof GraphiQL>['fetcher']

/** The editor itself; it is large and comes only when this page is opened. */
export default function Editor({ text, onEdit }: { text: string; onEdit: (text: string) => void }) {
  const fetcher = useMemo(createFetcher, [])
  const look = useStore(theme)
  return <div className="graphiql"><GraphiQL fetcher={fetcher} initialQuery={text} onEditQuery={onEdit} forcedTheme={look} storage={memory()} /></div>
}

/** Queries and mutations by POST, subscriptions over the socket; both on this host only. */
function createFetcher(): Fetcher {
  const socket = createClient({ url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`, lazy: true })
  return (params, options) => {
    const kind = options?.documentAST?.definitions.find((one) => one.kind === 'OperationDefinition' && (!params.operationName || one.name?.value === params.operationName))
    if (kind?.kind === 'OperationDefinition' && kind.operation === 'subscription') {
      return socket.iterate({ query: params.query, variables: params.variables as Record<string, unknown>, operationName: params.operationName }) as never
    }
    return fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify(params) }).then((answer) => answer.json()) as never
  }
}

/** Tabs are not kept from one example to the next. */
function memory(): Storage {
  const kept = new Map<string, string>()
  return {
    get length() { return kept.size },
    clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => { kept.set(name, value) },
    removeItem: (name) => { kept.delete(name) },
  }
}
