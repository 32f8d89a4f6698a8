import { lazy, Suspense, useState } from 'react'
import { amend, useAddress } from '../data/address'
import { useAsk } from '../data/ask'
import { labelText } from '../data/format'
import { Waiting } from '../panel/Notice'

const Editor = lazy(() => import('./Editor'))
const examplesQuery = 'query Examples { examples { name text } }'
const fallback = '{\n  entities(first: 10) { totalCount nodes { id name assetType } }\n}\n'

interface Example { name: string; text: string }

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
            <li key={example.name}><button className="plain" aria-pressed={example === chosen} onClick={() => { amend({ example: example.name }, true); setRound((n) => n + 1) }}>{labelText(example.name)}</button></li>
          ))}
          {answer.data && examples.length === 0 && <li className="muted pad">The project has no examples. Put .graphql files into its folder queries/.</li>}
        </ul>
      </nav>
      <Suspense fallback={<Waiting what="Loading the editor" rows={10} />}>
        {!answer.fetching && <Editor key={`${chosen?.name ?? ''}/${round}`} text={chosen?.text ?? fallback} />}
      </Suspense>
    </main>
  )
}
