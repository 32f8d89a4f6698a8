import { useMemo, useState } from 'react'
import type { Condition } from '../scene'
import { amend, useAddress } from '../data/address'
import { firstHierarchy, type SceneSummary, useProject } from '../data/model'
import { type Shown, shownState, worst } from '../data/states'
import { prune, type TreeNode } from '../data/tree'
import { Icon } from '../panel/Icon'
import { Failed, Notice, Waiting } from '../panel/Notice'
import { StateMark } from '../panel/StateMark'
import { count, Tree } from '../panel/Tree'
import { useTree } from '../panel/useTree'

interface Props {
  scene: SceneSummary
  selected: string | null
  hovered: string | null
  conditions: ReadonlyMap<string, Condition>
  onSelect: (id: string) => void
  onHover: (id: string | null) => void
  onClose?: () => void
}

const kinds = ['alarm', 'warning', 'unknown'] as const
const none: Readonly<Record<string, string>> = { alarm: 'No alarms now', warning: 'No warnings now', unknown: 'All states are known' }

/** The hierarchy around what the scene shows, with the state of each; the same selection as in the picture. */
export function SceneTree({ scene, selected, hovered, conditions, onSelect, onHover, onClose }: Props) {
  const project = useProject()
  const { model } = project
  const { query } = useAddress()
  const hierarchy = query.get('hierarchy') ?? firstHierarchy(project)
  const tree = useTree(hierarchy, selected)
  const [only, setOnly] = useState<string | null>(null)
  const shown = useMemo(() => {
    const inScene = new Set([...scene.entities, ...conditions.keys()])
    const around = prune(tree.nodes, (node) => inScene.has(node.ref.id))
    const list = around.length > 0 ? around : tree.nodes
    return only ? prune(list, (node) => iconOf(node, conditions) === only) : list
  }, [tree.nodes, scene, only, conditions])
  return (
    <section className="side" aria-label="Entities of the scene">
      <div className="side-head">
        <select aria-label="Hierarchy" value={hierarchy} onChange={(event) => amend({ hierarchy: event.target.value }, true)}>
          {model.hierarchies.map(({ name }) => <option key={name} value={name}>by {name}</option>)}
        </select>
        <span className="filters" role="group" aria-label="Only those that are">
          {kinds.map((kind) => <button key={kind} className="plain" aria-pressed={only === kind} aria-label={`Only ${kind}`} title={`Only ${kind}`} onClick={() => setOnly(only === kind ? null : kind)}><StateMark icon={kind} word={kind} quiet /></button>)}
        </span>
        {onClose && <button className="icon-button" onClick={onClose} aria-label="Close the tree"><Icon name="close" size={18} /></button>}
      </div>
      {tree.answer.error && !tree.answer.data ? <Failed what="The tree could not be read" error={tree.answer.error} again={tree.answer.again} />
        : !tree.answer.data ? <Waiting what="Reading the hierarchy" rows={9} />
        : shown.length === 0 ? <Notice title={only ? (none[only] ?? '') : 'Nothing here yet'} action={only ? <button className="button" onClick={() => setOnly(null)}>Show all</button> : undefined}>{only ? 'What becomes so appears here by itself.' : `No entities are in the hierarchy ${hierarchy}.`}</Notice>
        : <Tree label={`Hierarchy ${hierarchy}`} nodes={shown} open={tree.open} onOpen={tree.setOpen} selected={selected} hovered={hovered} onSelect={onSelect} onHover={onHover} mark={(node, open) => <Mark node={node} open={open} conditions={conditions} />} />}
    </section>
  )
}

/** A node's own state: the worse of what the picture shows and what the rules say; not fresh is said of the picture. */
function stateOf(node: TreeNode, conditions: ReadonlyMap<string, Condition>): Shown | undefined {
  const condition = conditions.get(node.ref.id)
  const told = worst(node.ref.states)
  if (!condition) return told
  const { icon, severity } = condition.look
  if (condition.stale) return { icon: icon === 'ok' ? 'stale' : icon, word: `${condition.state ?? 'unknown'}, not fresh`, severity, stale: true }
  return told && told.severity > severity ? told : { icon, word: condition.state ?? 'unknown', severity }
}

function iconOf(node: TreeNode, conditions: ReadonlyMap<string, Condition>): string { return stateOf(node, conditions)?.icon ?? '' }

function Mark({ node, open, conditions }: { node: TreeNode; open: boolean; conditions: ReadonlyMap<string, Condition> }) {
  if (node.children.length > 0 && !open) return <Counts node={node} conditions={conditions} />
  const state = stateOf(node, conditions)
  return state ? <StateMark icon={state.icon} word={state.word} stale={state.stale} quiet /> : null
}

/** A closed branch says how many below it are not well. */
function Counts({ node, conditions }: { node: TreeNode; conditions: ReadonlyMap<string, Condition> }) {
  const icons = new Map<string, string>()
  const collect = (one: TreeNode) => { icons.set(one.ref.id, iconOf(one, conditions)); one.children.forEach(collect) }
  collect(node)
  const marks = (['alarm', 'warning'] as const).flatMap((kind) => {
    const n = count(node, (id) => icons.get(id) === kind)
    return n > 0 ? [<span key={kind} className="count"><StateMark icon={kind} word={`${n} ${shownState(kind).word}`} quiet /><span aria-hidden="true">{n}</span></span>] : []
  })
  return <span className="counts">{marks}</span>
}
