import { entityHref } from '../data/address'
import { type EntityInfo, isRecord, type Ref } from '../data/entity'
import { labelText } from '../data/format'
import { type Field, type TypeInfo, typeOf, useProject } from '../data/model'
import { Link } from './Link'

/** What an entity is related to, by the names of the model. */
export function Relations({ entity, type, onPick }: { entity: EntityInfo; type: TypeInfo; onPick?: (id: string) => void }) {
  const project = useProject()
  const fields = type.fields.filter((field) => (field.kind === 'RELATIONSHIP' || field.kind === 'INVERSE') && typeOf(project, field.type)?.kind !== 'RECORD')
  const shown = fields.map((field) => ({ field, ...others(entity, field) })).filter(({ list }) => list.length > 0)
  if (shown.length === 0) return null
  return (
    <section className="block">
      <h3>Relationships</h3>
      <dl className="relations">
        {shown.map(({ field, list, total }) => (
          <div key={field.name}>
            <dt>{labelText(field.name)}</dt>
            <dd>
              {list.map((other) => <Link key={other.id} href={entityHref(other.id)} onClick={(event) => { if (onPick) { event.preventDefault(); onPick(other.id) } }}>{other.name}</Link>)}
              {total > list.length && <span className="muted">and {total - list.length} more</span>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function others(entity: EntityInfo, field: Field): { list: Ref[]; total: number } {
  const value = entity[field.name]
  if (!isRecord(value)) return { list: [], total: 0 }
  if (Array.isArray(value.nodes)) return { list: value.nodes.filter(isRecord) as unknown as Ref[], total: Number(value.totalCount ?? 0) }
  return { list: [value as unknown as Ref], total: 1 }
}
