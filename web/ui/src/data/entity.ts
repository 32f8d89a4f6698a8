import { useMemo } from 'react'
import { type Answer, useAsk, useLive } from './ask'
import { type TypeInfo, typeOf, useProject } from './model'
import { type EntityInfo, merge, type Ref } from './reading'
import { entityText } from './selection'

export * from './reading'

export interface Known { entity: EntityInfo | null | undefined; type: TypeInfo | undefined; error: string | undefined; fetching: boolean; again(): void }

const kindQuery = 'query Kind($id: ID!) { entity(id: $id) { id name assetType } }'

/**
 * An entity with everything its page shows, kept current. Asked in three steps: its type, all of it once, and a
 * subscription to what changes; an asset type that is not in the API gives what every entity has.
 */
export function useEntity(id: string | null): Known {
  const project = useProject()
  const kind = useAsk<{ entity: Ref | null }>(id ? kindQuery : null, { id })
  const found = id && kind.data?.entity?.id === id ? kind.data.entity : undefined
  const type = found ? typeOf(project, found.assetType) : undefined
  const whole = useMemo(() => (found ? entityText(project, type, false) : null), [project, type, found?.id])
  const moving = useMemo(() => (found ? entityText(project, type, true) : null), [project, type, found?.id])
  const all = useAsk<{ entity: EntityInfo | null }>(whole, { id })
  const live = useLive<{ entity: EntityInfo | null }>(moving, { id })
  const entity = useMemo(() => {
    if (kind.data?.entity === null) return null
    if (!all.data?.entity || all.data.entity.id !== id) return undefined
    return live.data?.entity?.id === id ? merge(all.data.entity, live.data.entity) : all.data.entity
  }, [kind.data, all.data, live.data, id])
  return { entity, type, error: firstError(kind, all), fetching: kind.fetching || all.fetching, again: () => { kind.again(); all.again(); live.again() } }
}

function firstError(...answers: Answer<unknown>[]): string | undefined { return answers.find((answer) => answer.error)?.error }
