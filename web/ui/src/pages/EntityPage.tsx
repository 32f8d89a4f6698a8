import { amend, entityHref, useAddress } from '../data/address'
import { type EntityInfo, type Ref, useEntity } from '../data/entity'
import { labelText, timeText } from '../data/format'
import { type TypeInfo, useProject } from '../data/model'
import { Identity, ScenesOf } from '../panel/EntityPanel'
import { History } from '../panel/History'
import { Link } from '../panel/Link'
import { Failed, Notice, Waiting } from '../panel/Notice'
import { chartable, Properties } from '../panel/Properties'
import { Records } from '../panel/Records'
import { Relations } from '../panel/Relations'
import { States } from '../panel/States'

/** Everything known about one entity. */
export function EntityPage({ id }: { id: string }) {
  const { entity, type, error, again } = useEntity(id)
  if (entity === null) return <main className="page"><Notice title="There is no such entity" action={<Link className="button" href="/explore">Explore what there is</Link>}>{`Nothing has the id ${id}. It may have been deleted, or you may not have the right to see it.`}</Notice></main>
  if (error && !entity) return <main className="page"><Failed what="The entity could not be read" error={error} again={again} /></main>
  if (!entity) return <main className="page"><Waiting what="Reading the entity" rows={10} /></main>
  return (
    <main className="page">
      <Places entity={entity} />
      <div className="entity-head">
        <div><h1>{entity.name}</h1><Identity entity={entity} /></div>
        <div className="buttons"><ScenesOf id={entity.id} /></div>
      </div>
      <Details entity={entity} type={type} />
    </main>
  )
}

function Details({ entity, type }: { entity: EntityInfo; type: TypeInfo | undefined }) {
  const { query } = useAddress()
  const path = query.get('chart') ?? (type ? chartable(type.fields)[0]?.path : undefined)
  return (
    <div className="entity-grid">
      <section className="surface">
        <h2>Properties</h2>
        {type ? <Properties entity={entity} type={type} chart={path ?? null} onChart={(next) => amend({ chart: next }, true)} /> : <p className="muted pad">The asset type {entity.assetType} has no fields of its own in the API.</p>}
        <Facts entity={entity} />
      </section>
      <div>
        {type && path && <div className="surface"><History entity={entity} type={type} path={path} span={query.get('span') ?? '10 min'} onSpan={(span) => amend({ span }, true)} /></div>}
        <section className="surface"><h2>States</h2><States states={entity.states} /></section>
        {type && <div className="surface is-bare"><Relations entity={entity} type={type} /></div>}
      </div>
      {type && <div className="surface is-bare is-across"><Records entity={entity} type={type} wide /></div>}
    </div>
  )
}

/** Where it is in every hierarchy, each as a path. */
function Places({ entity }: { entity: EntityInfo }) {
  const { model } = useProject()
  const paths = model.hierarchies.map(({ name }, i) => ({ name, above: [...((entity[`h${i}`] as Ref[] | undefined) ?? [])].reverse() })).filter(({ above }) => above.length > 0)
  return (
    <div className="places">
      {paths.map(({ name, above }) => (
        <nav key={name} aria-label={`By ${name}`}>
          <span className="muted">{labelText(name)}</span>
          {above.map((one) => <span key={one.id} className="step"><Link href={entityHref(one.id)}>{one.name}</Link></span>)}
          <span className="step" aria-current="page">{entity.name}</span>
        </nav>
      ))}
    </div>
  )
}

function Facts({ entity }: { entity: EntityInfo }) {
  const external = Object.entries(entity.externalIds ?? {})
  return (
    <dl className="facts">
      <div><dt>Id</dt><dd><code>{entity.id}</code></dd></div>
      {external.map(([system, id]) => <div key={system}><dt>Id in {system}</dt><dd><code>{id}</code></dd></div>)}
      <div><dt>Changed</dt><dd>{entity.updatedAt ? timeText(entity.updatedAt) : '–'} <span className="muted">rev {entity.revision}</span></dd></div>
    </dl>
  )
}
