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
export interface Reading { value: unknown; unit: string | null; time: string | null; age?: string | null; quality: string; status: string; why?: string | null }

export interface EntityInfo extends Ref {
  revision: number
  states: StateInfo[]
  externalIds?: Record<string, string> | null
  createdAt?: string
  updatedAt?: string
  [field: string]: unknown
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
