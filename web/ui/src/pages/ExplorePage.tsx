import { useMemo, useState } from 'react'
import { amend, useAddress } from '../data/address'
import { useAsk } from '../data/ask'
import type { Ref } from '../data/entity'
import { firstHierarchy, type Project, useProject } from '../data/model'
import { below, rows, type TreeNode } from '../data/tree'
import { useLater } from '../panel/Command'
import { Failed, Notice, Waiting } from '../panel/Notice'
import { type TreeState, useTree } from '../panel/useTree'
import { Columns, propertyNames } from './Columns'
import { EntityTable, type TableRow } from './EntityTable'

const firstColumns = 2 // shown unasked: the most common ones
const found = 100 // entities a search shows
const searchQuery = `query Find($text: String!, $first: Int!) { entities(search: $text, first: $first) { totalCount nodes { id name assetType states { state severity } } } }`

interface Found { entities: { totalCount: number; nodes: (Ref & { states: { state: string | null; severity: string | null }[] })[] } }

/** All entities by a hierarchy, as an indented table with live columns of one's choice; or what a search finds. */
export function ExplorePage() {
  const project = useProject()
  const { query } = useAddress()
  const { hierarchies } = project.model
  const hierarchy = query.get('hierarchy') ?? firstHierarchy(project)
  const text = query.get('search') ?? ''
  const names = useMemo(() => propertyNames(project.model.types, (type) => Number(type.count)), [project])
  const tree = useTree(hierarchy, null)
  const usual = useMemo(() => usualColumns(project, tree.nodes), [project, tree.nodes])
  const columns = query.get('columns')?.split(',').filter((name) => names.includes(name)) ?? usual
  return (
    <main className="page is-wide">
      <div className="page-head">
        <h1>Explore</h1>
        <div className="tools">
          <SearchField text={text} />
          <div className="choice-row" role="group" aria-label="Hierarchy">
            {hierarchies.map(({ name }) => <button key={name} className="button" aria-pressed={!text && name === hierarchy} onClick={() => amend({ hierarchy: name, search: null })}>by {name}</button>)}
          </div>
          <Columns names={names} chosen={columns} />
        </div>
      </div>
      {project.model.types.every((type) => type.count === 0)
        ? <Notice title="No entities yet">Import a TwinMaker workspace with <code>mereon import twinmaker</code>, or write a type and its entities as the guide for modelers shows.</Notice>
        : text ? <SearchResult text={text} columns={columns} /> : <HierarchyTable tree={tree} hierarchy={hierarchy} columns={columns} />}
    </main>
  )
}

/** What most of a hierarchy's entities measure; the same in a search, so that nothing jumps. */
function usualColumns(project: Project, nodes: readonly TreeNode[]): string[] {
  const counts = new Map<string, number>()
  for (const root of nodes) for (const { ref } of below(root)) counts.set(ref.assetType, (counts.get(ref.assetType) ?? 0) + 1)
  return propertyNames(project.model.types, ({ name }) => counts.get(name) ?? 0).slice(0, firstColumns)
}

function SearchField({ text }: { text: string }) {
  const [typed, setTyped] = useState(text)
  const settled = useLater(typed, 200)
  const [sent, send] = useState(text)
  if (settled !== sent && settled === typed) {
    send(settled)
    queueMicrotask(() => amend({ search: settled }, true))
  }
  return <input type="search" className="field" aria-label="Search entities" placeholder="Search names, ids, texts …" value={typed} onChange={(event) => setTyped(event.target.value)} />
}

function HierarchyTable({ tree, hierarchy, columns }: { tree: TreeState; hierarchy: string; columns: string[] }) {
  const shown = useMemo(() => rows(tree.nodes, (id) => tree.open.has(id)).map((node) => row(node, tree.open)), [tree.nodes, tree.open])
  if (tree.answer.error && !tree.answer.data) return <Failed what="The hierarchy could not be read" error={tree.answer.error} again={tree.answer.again} />
  if (!tree.answer.data) return <Waiting what="Reading the hierarchy" rows={12} />
  if (shown.length === 0) return <Notice title="This hierarchy is empty">No entity is above or below another in it. Relationships with hierarchy “{hierarchy}” make it.</Notice>
  const { totalCount, nodes } = tree.answer.data.entities
  return (
    <>
      <EntityTable rows={shown} columns={columns} onOpen={tree.setOpen} />
      {totalCount > nodes.length && <p className="muted pad">The first {nodes.length} of {totalCount} entities are in this tree. Search finds all.</p>}
    </>
  )
}

function row(node: TreeNode, open: ReadonlySet<string>): TableRow {
  return { ref: node.ref, states: node.ref.states, depth: node.depth, open: node.children.length > 0 ? open.has(node.ref.id) : undefined }
}

function SearchResult({ text, columns }: { text: string; columns: string[] }) {
  const answer = useAsk<Found>(searchQuery, { text, first: found }, 5000)
  if (answer.error && !answer.data) return <Failed what="The search failed" error={answer.error} again={answer.again} />
  if (!answer.data) return <Waiting what="Searching" rows={6} />
  const { nodes, totalCount } = answer.data.entities
  if (nodes.length === 0) return <Notice title={`Nothing is called “${text}”`} action={<button className="button" onClick={() => amend({ search: null })}>Show all</button>}>Search looks at the words of names, ids, external ids and texts, by their beginnings.</Notice>
  return (
    <>
      <p className="muted" role="status">{totalCount} found{totalCount > nodes.length ? `, the first ${nodes.length} shown` : ''}</p>
      <EntityTable rows={nodes.map((ref) => ({ ref, states: ref.states, depth: 0, open: undefined }))} columns={columns} />
    </>
  )
}
