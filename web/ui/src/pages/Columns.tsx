import { amend } from '../data/address'
import { labelText } from '../data/format'
import type { Field, TypeInfo } from '../data/model'

/** The paths of live and computed properties of a type; those in components are dotted. */
export function livePaths(fields: readonly Field[], before = ''): string[] {
  return fields.flatMap((field) => {
    if (field.kind === 'COMPONENT' && !field.list) return livePaths(field.fields ?? [], `${before}${field.name}.`)
    return field.kind === 'LIVE' || field.kind === 'COMPUTED' ? [before + field.name] : []
  })
}

/** The paths that entities have, those of the most first; `count` says how many entities of a type there are. */
export function propertyNames(types: readonly TypeInfo[], count: (type: TypeInfo) => number): string[] {
  const uses = new Map<string, number>()
  for (const type of types) {
    if (type.kind !== 'ASSET' || type.abstract) continue
    for (const path of livePaths(type.fields)) uses.set(path, (uses.get(path) ?? 0) + count(type))
  }
  return [...uses].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name)
}

/** A path as the heading of a column: the last name, with the component before it. */
export function columnText(path: string): string { return path.split('.').map((name, i) => (i === 0 ? labelText(name) : labelText(name).toLowerCase())).join(' › ') }

/** Chooses the live columns of the table; the address remembers them. */
export function Columns({ names, chosen }: { names: string[]; chosen: string[] }) {
  const toggle = (name: string) => amend({ columns: (chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]).join(',') || 'none' }, true)
  return (
    <details className="menu">
      <summary className="button">Columns{chosen.length > 0 && ` (${chosen.length})`}</summary>
      <div className="menu-list" role="group" aria-label="Live columns">
        {names.map((name) => <label key={name}><input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {columnText(name)}</label>)}
        {names.length === 0 && <p className="muted">The model has no live properties.</p>}
      </div>
    </details>
  )
}
