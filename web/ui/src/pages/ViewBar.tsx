import type { RefObject } from 'react'
import type { MereonScene } from '../scene'
import { amend } from '../data/address'
import { firstView, type SceneSummary } from '../data/model'
import { labelText } from '../data/format'
import { useAsk } from '../data/ask'
import type { Ref } from '../data/entity'
import { Icon } from '../panel/Icon'

/** The named views of a scene, one that shows all, and the choice of what a scene with parameters is about. */
export function ViewBar({ scene, element, query }: { scene: SceneSummary; element: RefObject<MereonScene | null>; query: URLSearchParams }) {
  const view = query.get('view') ?? firstView(scene)
  return (
    <div className="view-bar">
      {scene.parameters.map((parameter) => <ParameterChoice key={parameter.name} {...parameter} value={query.get(`p.${parameter.name}`)} />)}
      <div className="views" role="group" aria-label="Views">
        {[...scene.views].sort((a, b) => Number(b === firstView(scene)) - Number(a === firstView(scene))).map((name) => (
          <button key={name} className="button" aria-pressed={name === view} onClick={() => { if (name === view) element.current?.flyTo(name); else amend({ view: name }) }}>{name.charAt(0).toUpperCase() + name.slice(1)}</button>
        ))}
        <button className="button" onClick={() => element.current?.fit()}><Icon name="fit" size={14} /> <span className="word">Fit</span></button>
      </div>
    </div>
  )
}

const choices = 'query Choices($type: String!) { entities(type: $type, first: 200) { nodes { id name assetType } } }'

function ParameterChoice({ name, type, default: initial, value }: { name: string; type: string; default: string | null; value: string | null }) {
  const { data } = useAsk<{ entities: { nodes: Ref[] } }>(choices, { type })
  return (
    <label className="choice">{labelText(name)}
      <select value={value ?? initial ?? ''} onChange={(event) => amend({ [`p.${name}`]: event.target.value })}>
        {(data?.entities.nodes ?? []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
      </select>
    </label>
  )
}
