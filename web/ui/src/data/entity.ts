import { useMemo } from 'react'
import { type Answer, useAsk, useLive } from './ask'
import { type TypeInfo, typeOf, useProject } from './model'
import { entityText } from './selection'

export interface StateInput { name: string; path: string; value: unknown; unit: string | null; time: string | null; status: string }
export interface StateStep { state: string; when: string; result: string; winner: boolean; holding: string | null }

export interface StateInfo {
  ruleSet: string
  state: string | null
  since: string | null
  severity: string | null
  message: string | null
  unknown: string[]
  error: string | null
  scalar: number | null
  inputs: StateInput[]
  steps: StateStep[]
}

export interface Ref { id: string; name: string; assetType: string }

/** A live or computed value as it is answered. */
export interface Reading { value: unknown; unit: string | null; time: string | null; quality: string; status: string; why?: string | null }

export interface EntityInfo extends Ref {
  revision: number
  states: StateInfo[]
  externalIds?: Record<string, string> | null
  createdAt?: string
  updatedAt?: string
  [field: string]: unknown
}

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

/** Newer values over what was asked once; components are merged field by field. */
export function merge(before: EntityInfo, now: Partial<EntityInfo>): EntityInfo {
  const merged: EntityInfo = { ...before }
  for (const [name, value] of Object.entries(now)) {
    const old = before[name]
    merged[name] = isRecord(old) && isRecord(value) ? { ...old, ...value } : value
  }
  return merged
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isReading(value: unknown): value is Reading { return isRecord(value) && 'status' in value && 'value' in value }

function firstError(...answers: Answer<unknown>[]): string | undefined { return answers.find((answer) => answer.error)?.error }
