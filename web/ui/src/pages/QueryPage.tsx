import { lazy, Suspense, useState } from 'react'
import { amend, useAddress } from '../data/address'
import { useAsk } from '../data/ask'
import { labelText } from '../data/format'
import { Waiting } from '../panel/Notice'

const Editor = lazy(() => import('./Editor'))
const examplesQuery = 'query Examples { examples { name text } }'
const fallback = '{\n  entities(first: 10) {\n    totalCount\n    nodes { id name assetType }\n  }\n}\n'

interface Example { name: string; text: string }

const key = 'mereon.query'

/** What was typed over an example, kept while the browser's tab is open: this page is loaded anew each time it is opened. */
function typed(example: string): string | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as { example?: unknown; text?: unknown } | null
    return kept?.example === example && typeof kept.text === 'string' ? kept.text : null
  } catch {
    return null
  }
}

function keep(example: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify({ example, text }))
  } catch {
    // a browser that keeps nothing still works
  }
}

/** GraphiQL with the project's own operations beside it. */
export function QueryPage() {
  const { query } = useAddress()
  const answer = useAsk<{ examples: Example[] }>(examplesQuery)
  const examples = answer.data?.examples ?? []
  const name = query.get('example')
  const chosen = examples.find((example) => example.name === name) ?? examples[0]
  const [round, setRound] = useState(0)
  return (
    <main className="query-page">
      <h1 className="hidden">Query</h1>
      <nav className="side" aria-label="Example operations">
        <h2 className="side-title">Examples</h2>
        <ul className="list">
          {examples.map((example) => (
            <li key={example.name}><button className="plain" aria-pressed={example === chosen} onClick={() => { keep(example.name, null); amend({ example: example.name }, true); setRound((n) => n + 1) }}>{labelText(example.name)}</button></li>
          ))}
          {answer.data && examples.length === 0 && <li className="muted pad">The project has no examples. Put .graphql files into its folder queries/.</li>}
        </ul>
      </nav>
      <Suspense fallback={<Waiting what="Loading the editor" rows={10} />}>
        {!answer.fetching && <Editor key={`${chosen?.name ?? ''}/${round}`} text={typed(chosen?.name ?? '') ?? chosen?.text ?? fallback} onEdit={(text) => keep(chosen?.name ?? '', text)} />}
      </Suspense>
    </main>
  )
}
