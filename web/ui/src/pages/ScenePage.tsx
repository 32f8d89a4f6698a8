import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Condition, LaneState, MereonScene, PickDetail } from '../scene'
import { amend, useAddress } from '../data/address'
import { line } from '../data/client'
import { firstView, useProject } from '../data/model'
import { useStore } from '../data/store'
import { theme } from '../data/theme'
import { EntityPanel } from '../panel/EntityPanel'
import { Icon } from '../panel/Icon'
import { Link } from '../panel/Link'
import { Notice } from '../panel/Notice'
import { Splitter, usePane } from '../panel/Splitter'
import { useWide } from '../panel/useWide'
import { SceneTree } from './SceneTree'
import { ViewBar } from './ViewBar'

/** A scene: tree, picture and entity side by side; the selection is one in all three and in the address. */
export function ScenePage({ id }: { id: string }) {
  const { scenes } = useProject()
  const { query } = useAddress()
  const scene = scenes.find((one) => one.id === id)
  const element = useRef<MereonScene>(null)
  const [conditions, setConditions] = useState<ReadonlyMap<string, Condition>>(new Map())
  const [hovered, setHovered] = useState<string | null>(null)
  const [treeOpen, setTreeOpen] = useState(false)
  const wide = useWide()
  const [left, setLeft] = usePane('tree', 288, 180, 480)
  const [right, setRight] = usePane('panel', 368, 280, 640)
  const selected = query.get('select')
  const parameters = useMemo(() => parametersOf(query, scene?.parameters ?? []), [query, scene])
  const select = useCallback((entity: string | null) => amend({ select: entity }), [])
  useSceneEvents(element, select, setHovered, setConditions)
  useLoaded()
  const look = useStore(theme)
  if (!scene) return <main className="page"><Notice title="There is no such scene" action={<Link className="button" href="/scenes">Show the scenes there are</Link>}>{`No scene has the id ${id}. It may have been renamed or taken away.`}</Notice></main>

  const tree = (
    <SceneTree scene={scene} selected={selected} hovered={hovered} conditions={conditions} onHover={setHovered}
      onSelect={(entity) => { select(entity); if (!wide) setTreeOpen(false) }} onClose={wide ? undefined : () => setTreeOpen(false)} />
  )
  return (
    <main className="scene-page" style={{ '--left': `${left}px`, '--right': `${right}px` } as React.CSSProperties} data-panel={selected ? '' : undefined}>
      <h1 className="hidden">{scene.title || scene.id}</h1>
      {(wide || treeOpen) && tree}
      {wide && <Splitter label="Width of the tree" width={left} set={setLeft} side="left" low={180} high={480} />}
      <div className="stage">
        <mereon-scene ref={element} src={`/scenes/${encodeURIComponent(id)}`} view={query.get('view') ?? firstView(scene)} selected={selected ?? undefined} hovered={hovered ?? undefined} parameters={parameters} theme={look} />
        {!wide && !treeOpen && <button className="button floating" onClick={() => setTreeOpen(true)}><Icon name="tree" size={16} /> Tree</button>}
        <ViewBar scene={scene} element={element} query={query} />
      </div>
      {wide && selected && <Splitter label="Width of the entity panel" width={right} set={setRight} side="right" low={280} high={640} />}
      {selected && <EntityPanel id={selected} onPick={select} onClose={() => select(null)} onFocus={() => element.current?.focusEntity(selected)} />}
    </main>
  )
}

/** The element comes with three.js and is loaded beside the page, not before it. */
function useLoaded(): void { useEffect(() => { void import('../scene') }, []) }

/** Parameters of the scene that the address sets: ?p.pump=pump-7. */
function parametersOf(query: URLSearchParams, known: { name: string }[]): string {
  const set = known.flatMap(({ name }) => (query.get(`p.${name}`) ? [[name, query.get(`p.${name}`)]] : []))
  return JSON.stringify(Object.fromEntries(set))
}

function useSceneEvents(element: React.RefObject<MereonScene | null>, select: (entity: string | null) => void, hover: (entity: string | null) => void, conditions: (map: ReadonlyMap<string, Condition>) => void): void {
  useEffect(() => {
    const target = element.current
    if (!target) return
    const { signal, abort } = controller()
    const on = <T,>(name: string, handler: (detail: T) => void) => target.addEventListener(name, (event) => handler((event as CustomEvent<T>).detail), { signal })
    on<PickDetail>('mereon-select', ({ entity }) => select(entity))
    on<PickDetail>('mereon-hover', ({ entity }) => hover(entity))
    on<Map<string, Condition>>('mereon-conditions', conditions)
    on<LaneState>('mereon-connection', (state) => { if (state.kind === 'lost') line.set({ kind: 'lost', since: state.since }); else if (state.kind === 'live') line.set({ kind: 'live' }) })
    return abort
  }, [element.current === null])
}

function controller(): { signal: AbortSignal; abort: () => void } {
  const made = new AbortController()
  return { signal: made.signal, abort: () => made.abort() }
}
