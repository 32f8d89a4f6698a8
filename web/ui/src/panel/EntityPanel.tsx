import { useState } from 'react'
import { entityHref, sceneHref } from '../data/address'
import { type EntityInfo, type Known, type Ref, useEntity } from '../data/entity'
import { labelText } from '../data/format'
import { firstHierarchy, useProject } from '../data/model'
import { worst } from '../data/states'
import { History } from './History'
import { Icon } from './Icon'
import { Link } from './Link'
import { Failed, Notice, Waiting } from './Notice'
import { chartable, Properties } from './Properties'
import { Records } from './Records'
import { Relations } from './Relations'
import { StateMark } from './StateMark'
import { States } from './States'

/** Everything about one entity beside the picture. */
export function EntityPanel({ id, onPick, onClose, onFocus }: { id: string; onPick: (id: string) => void; onClose: () => void; onFocus?: () => void }) {
  const known = useEntity(id)
  return (
    <aside className="panel" aria-label="Entity">
      <Content known={known} onPick={onPick}
        tools={<>
          {onFocus && <button className="icon-button" onClick={onFocus} aria-label="Show in 3D" title="Show in 3D"><Icon name="cube" size={18} /></button>}
          <Link className="icon-button" href={entityHref(id)} aria-label="Open its page" title="Open its page"><Icon name="page" size={18} /></Link>
          <button className="icon-button" onClick={onClose} aria-label="Close" title="Close"><Icon name="close" size={18} /></button>
        </>} />
    </aside>
  )
}

function Content({ known, onPick, tools }: { known: Known; onPick: (id: string) => void; tools: React.ReactNode }) {
  const { entity, type, error, again } = known
  if (entity === null) return <><div className="panel-head"><div />{tools}</div><Notice title="There is no such entity">It may have been deleted, or you may not have the right to see it.</Notice></>
  if (error && !entity) return <><div className="panel-head"><div />{tools}</div><Failed what="The entity could not be read" error={error} again={again} /></>
  if (!entity) return <><div className="panel-head"><div />{tools}</div><Waiting what="Reading the entity" /></>
  return (
    <>
      <div className="panel-head">
        <div>
          <h2>{entity.name}</h2>
          <Identity entity={entity} onPick={onPick} />
        </div>
        {tools}
      </div>
      <Body entity={entity} known={known} onPick={onPick} />
      {!type && <p className="muted pad">The asset type {entity.assetType} has no fields of its own in the API.</p>}
    </>
  )
}

function Body({ entity, known, onPick }: { entity: EntityInfo; known: Known; onPick: (id: string) => void }) {
  const { type } = known
  const [chosen, choose] = useState<{ id: string; path: string } | null>(null)
  const [span, setSpan] = useState('10 min')
  const first = type ? chartable(type.fields)[0]?.path : undefined
  const path = chosen && chosen.id === entity.id ? chosen.path : first
  return (
    <div className="panel-body">
      {type && <Properties entity={entity} type={type} chart={path ?? null} onChart={(next) => choose({ id: entity.id, path: next })} />}
      {type && path && <History entity={entity} type={type} path={path} span={span} onSpan={setSpan} />}
      <section className="block"><h3>States</h3><States states={entity.states} /></section>
      {type && <Records entity={entity} type={type} />}
      {type && <Relations entity={entity} type={type} onPick={onPick} />}
    </div>
  )
}

/** Type and worst state; with `onPick`, also where it is. */
export function Identity({ entity, onPick }: { entity: EntityInfo; onPick?: (id: string) => void }) {
  const state = worst(entity.states)
  const project = useProject()
  const index = project.model.hierarchies.findIndex(({ name }) => name === firstHierarchy(project))
  const place = (entity[`h${index}`] as Ref[] | undefined) ?? []
  return (
    <p className="identity">
      <span>{labelText(entity.assetType)}</span>
      {state && <StateMark icon={state.icon} word={state.word} />}
      {onPick && <span className="muted">{[...place].reverse().map((one) => <span key={one.id} className="step"><button className="plain" onClick={() => onPick(one.id)}>{one.name}</button></span>)}</span>}
    </p>
  )
}

/** The scenes that show an entity. */
export function ScenesOf({ id }: { id: string }) {
  const { scenes } = useProject()
  const showing = scenes.filter((scene) => scene.entities.includes(id))
  return showing.map((scene) => <Link key={scene.id} className="button" href={sceneHref(scene.id, { select: id })}><Icon name="cube" size={16} /> Show in {scene.title || scene.id}</Link>)
}
