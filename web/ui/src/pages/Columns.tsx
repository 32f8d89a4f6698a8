import { amend } from '../data/address'
import { labelText } from '../data/format'
import type { Field, Project } from '../data/model'

/** The names of live and computed properties, the most common first. */
export function propertyNames(project: Project): string[] {
  const uses = new Map<string, number>()
  const visit = (fields: readonly Field[], weight: number) => {
    for (const field of fields) if (field.kind === 'LIVE' || field.kind === 'COMPUTED') uses.set(field.name, (uses.get(field.name) ?? 0) + weight)
  }
  for (const type of project.model.types) if (type.kind === 'ASSET' && !type.abstract) visit(type.fields, Number(type.count))
  return [...uses].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name)
}

/** Chooses the live columns of the table; the address remembers them. */
export function Columns({ names, chosen }: { names: string[]; chosen: string[] }) {
  const toggle = (name: string) => amend({ columns: (chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]).join(',') || 'none' }, true)
  return (
    <details className="menu">
      <summary className="button">Columns{chosen.length > 0 && ` (${chosen.length})`}</summary>
      <div className="menu-list" role="group" aria-label="Live columns">
        {names.map((name) => <label key={name}><input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {labelText(name)}</label>)}
        {names.length === 0 && <p className="muted">The model has no live properties.</p>}
      </div>
    </details>
  )
}
