import { type Answer, useLive } from './ask'
import type { Ref } from './entity'
import type { Severity } from './states'

export interface Alarm { entity: Ref | null; entityId: string; ruleSet: string; state: string; severity: Severity; message: string; since: string | null }

const query = 'subscription Alarms { alarms { entity { id name assetType } entityId ruleSet state severity message since } }'

/** What is active now, worst first, as it changes. */
export function useAlarms(): Answer<{ alarms: Alarm[] }> { return useLive<{ alarms: Alarm[] }>(query) }
