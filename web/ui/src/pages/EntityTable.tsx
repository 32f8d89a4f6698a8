import { useMemo } from 'react'
import { columnText, livePaths } from './Columns'
import { entityHref } from '../data/address'
import { useAsk } from '../data/ask'
import { isReading, type Ref } from '../data/entity'
import { labelText } from '../data/format'
import { useProject } from '../data/model'
import { worst } from '../data/states'
import { Icon } from '../panel/Icon'
import { Link } from '../panel/Link'
import { StateMark } from '../panel/StateMark'
import { LiveValue, Quantity } from '../panel/Value'

export interface TableRow { ref: Ref; states: { state: string | null; severity: string | null }[]; depth: number; open: boolean | undefined }

const refresh = 2000 // ms between two readings of the live columns
const mostRows = 300 // rows whose live columns are read

/** Rows of entities with their state and live columns; indented where they have a depth. */
export function EntityTable({ rows, columns, onOpen }: { rows: readonly TableRow[]; columns: string[]; onOpen?: (id: string, open: boolean) => void }) {
  const values = useColumns(rows, columns)
  return (
    <div className="surface scroll" tabIndex={0} role="region" aria-label="Entities">
      <table className="grid entities">
        <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Type</th>{columns.map((name) => <th key={name} scope="col" className="number">{columnText(name)}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => {
            const { ref, depth, open, states } = row
            const state = worst(states)
            return (
              <tr key={ref.id}>
                <th scope="row" className={`depth-${Math.min(depth, 8)}`}>
                  {onOpen && (open === undefined ? <span className="twist is-leaf" /> : <button className="twist" aria-expanded={open} aria-label={`${open ? 'Close' : 'Open'} ${ref.name}`} onClick={() => onOpen(ref.id, !open)}><Icon name="chevron" size={14} /></button>)}
                  <Link href={entityHref(ref.id)}>{ref.name}</Link>
                </th>
                <td>{state && <StateMark icon={state.icon} word={state.word} />}</td>
                <td className="muted">{labelText(ref.assetType)}</td>
                {columns.map((name) => <td key={name} className="number"><Cell value={values.get(ref.id)?.[name]} /></td>)}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Cell({ value }: { value: unknown }) {
  if (value === null || value === undefined) return null
  return isReading(value) ? <LiveValue reading={value} type="" /> : <Quantity value={value} type="" />
}

type Values = Map<string, Record<string, unknown>>

/** The live columns of the rows that are shown, in one question for each time, and only for types that have them. */
function useColumns(rows: readonly TableRow[], columns: string[]): Values {
  const { model } = useProject()
  const text = useMemo(() => (columns.length === 0 ? null : `query Columns($ids: [ID!]!) { nodes(ids: $ids) { id ... on Entity { ${columns.map((name, i) => `c${i}: property(name: ${JSON.stringify(name)})`).join(' ')} } } }`), [columns.join()])
  const having = useMemo(() => new Set(model.types.filter((type) => livePaths(type.fields).some((path) => columns.includes(path))).map(({ name }) => name)), [model, columns.join()])
  const ids = rows.filter(({ ref }) => having.has(ref.assetType)).slice(0, mostRows).map(({ ref }) => ref.id)
  const answer = useAsk<{ nodes: (Record<string, unknown> | null)[] }>(ids.length > 0 ? text : null, { ids }, refresh)
  return useMemo(() => {
    const values: Values = new Map()
    for (const node of answer.data?.nodes ?? []) if (node) values.set(String(node.id), Object.fromEntries(columns.map((name, i) => [name, node[`c${i}`]])))
    return values
  }, [answer.data, columns.join()])
}
