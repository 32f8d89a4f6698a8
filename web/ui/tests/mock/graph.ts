import { buildSchema, type GraphQLSchema } from 'graphql'
import { sdl } from './sdl'

interface Row { id: string; name: string; type: 'Space' | 'Pump' | 'Machine'; serial?: string; in?: string; feeds?: string[] }

const rows: Row[] = [
  { id: 'works', name: 'Brunnthal works', type: 'Space' },
  { id: 'hall-1', name: 'Hall 1', type: 'Space', in: 'works' },
  { id: 'process-area', name: 'Process area', type: 'Space', in: 'hall-1' },
  { id: 'line-a', name: 'Line A', type: 'Space', in: 'hall-1' },
  { id: 'packing-area', name: 'Packing area', type: 'Space', in: 'hall-1' },
  { id: 'tank-1', name: 'Raw water tank', type: 'Machine', serial: 'T-1', in: 'process-area' },
  { id: 'tank-2', name: 'Mixing tank', type: 'Machine', serial: 'T-2', in: 'process-area' },
  { id: 'tank-3', name: 'Cleaning tank', type: 'Machine', serial: 'T-3', in: 'process-area' },
  { id: 'pump-7', name: 'Feed pump 7', type: 'Pump', serial: 'P-7', in: 'process-area', feeds: ['tank-2'] },
  { id: 'pump-8', name: 'Feed pump 8 (standby)', type: 'Pump', serial: 'P-8', in: 'process-area', feeds: ['tank-2'] },
  { id: 'pump-9', name: 'Product pump 9', type: 'Pump', serial: 'P-9', in: 'process-area', feeds: ['filler-1'] },
  { id: 'pump-10', name: 'Cleaning pump 10', type: 'Pump', serial: 'P-10', in: 'process-area', feeds: ['tank-3'] },
  { id: 'filler-1', name: 'Filler', type: 'Machine', serial: 'FL-1', in: 'line-a' },
  { id: 'labeller-1', name: 'Labeller', type: 'Machine', serial: 'LB-1', in: 'line-a' },
  { id: 'conveyor-1', name: 'Infeed conveyor', type: 'Machine', serial: 'CV-1', in: 'line-a' },
  { id: 'packer-1', name: 'Case packer', type: 'Machine', serial: 'CS-1', in: 'packing-area' },
  { id: 'palletiser-1', name: 'Palletiser', type: 'Machine', serial: 'PZ-1', in: 'packing-area' },
]

export const serials = new Map(rows.flatMap((row) => (row.serial ? [[row.serial, row.id]] : [])))
const byId = new Map(rows.map((row) => [row.id, row]))
const started = Date.now()

/** Set by tests: the state of an entity, and whether the source of values answers. */
export const control = { states: new Map<string, string>(), down: false }

export function stateOf(id: string): string {
  return control.states.get(id) ?? (id === 'pump-7' ? 'warning' : id === 'labeller-1' ? 'alarm' : id === 'pump-10' ? 'maintenance' : 'ok')
}

const wave = (id: string, name: string, t: number) => {
  const base: Record<string, number> = { flow: 12.4, speed: 1480, bearingTemperature: 71, power: 4.2, temperature: 22.4 }
  const phase = [...`${id}${name}`].reduce((sum, c) => sum + c.charCodeAt(0), 0)
  return (base[name] ?? 50) * (1 + 0.04 * Math.sin(t / 47 + phase) + 0.015 * Math.sin(t / 7 + phase))
}
const units: Record<string, string> = { flow: 'm3/h', speed: '1/min', bearingTemperature: 'Cel', power: 'kW', temperature: 'Cel' }

function reading(id: string, name: string) {
  const time = control.down ? new Date(started).toISOString() : new Date().toISOString()
  return {
    value: wave(id, name, Date.now() / 1000), unit: units[name], time, quality: 'GOOD', status: control.down ? 'STALE' : 'OK', why: control.down ? 'the source does not answer' : null,
    history({ from, every }: { from: string; every: string }) {
      const step = every.endsWith('M') ? 600 : Number(/\d+/.exec(every)?.[0] ?? 5)
      const measurements = []
      for (let t = Math.ceil(Date.parse(from) / 1000 / step) * step; t < Date.now() / 1000; t += step) measurements.push({ time: new Date(t * 1000).toISOString(), value: wave(id, name, t), quality: 'GOOD' })
      return { measurements, unit: units[name], status: 'OK', why: null }
    },
  }
}

function states(row: Row) {
  if (row.type === 'Space') return []
  const state = stateOf(row.id)
  const t = wave(row.id, 'bearingTemperature', Date.now() / 1000)
  const when = { alarm: 't > limit', warning: 't > 80.0', ok: '' }
  return [{
    ruleSet: 'bearing', state, scalar: 0.5, since: new Date(started).toISOString(), unknown: [], error: null, severity: state === 'alarm' ? 'CRITICAL' : null, message: `bearing of ${row.name} at ${t.toFixed(1)}`,
    inputs: [{ name: 't', path: 'bearingTemperature', value: t, unit: 'Cel', time: new Date().toISOString(), status: 'OK' }],
    steps: Object.entries(when).map(([name, text]) => ({ state: name, when: text, result: name === state ? 'true' : 'false', winner: name === state, holding: null })),
  }]
}

function entity(row: Row | undefined): unknown {
  if (!row) return null
  const up = (at: Row | undefined): Row[] => (at?.in ? [byId.get(at.in) as Row, ...up(byId.get(at.in))] : [])
  const list = (found: Row[]) => ({ totalCount: found.length, nodes: found.map(entity) })
  return {
    __typename: row.type, id: row.id, name: row.name, assetType: row.type, revision: 42, externalIds: row.serial ? { sap: `1000${row.serial.length}711` } : null,
    createdAt: new Date(started).toISOString(), updatedAt: new Date(started).toISOString(), serialNumber: row.serial ?? '', criticality: 'HIGH', ratedFlow: 14,
    parent: ({ hierarchy }: { hierarchy: string }) => (hierarchy === 'place' && row.in ? entity(byId.get(row.in)) : null),
    ancestors: ({ hierarchy }: { hierarchy: string }) => (hierarchy === 'place' ? up(row).map(entity) : []),
    property: ({ name }: { name: string }) => (units[name] ? reading(row.id, name) : null),
    states: () => states(row), location: () => entity(byId.get(row.in ?? '')), feeds: () => list((row.feeds ?? []).map((id) => byId.get(id) as Row)),
    equipment: () => list(rows.filter((one) => one.in === row.id)),
    load: () => ({ ...reading(row.id, 'flow'), value: (wave(row.id, 'flow', Date.now() / 1000) / 14) * 100, unit: '%' }),
    ...Object.fromEntries(Object.keys(units).map((name) => [name, () => reading(row.id, name)])),
    workOrders: () => ({ totalCount: 2, status: 'OK', nodes: row.serial?.startsWith('P') ? [
      { number: 'WO-1183', title: 'Replace drive-end bearing', status: 'OPEN', priority: 'HIGH', due: '2026-11-27' }, { number: 'WO-1190', title: 'Check coupling alignment', status: 'IN_PROGRESS', priority: 'NORMAL', due: '2026-12-04' },
    ] : [] }),
  }
}

const alarms = () => rows.filter((row) => row.serial && stateOf(row.id) === 'alarm').map((row) => ({ entity: entity(row), entityId: row.id, ruleSet: 'bearing', state: 'alarm', severity: 'CRITICAL', message: `Vibration of ${row.name} at 7.3 mm/s`, since: new Date(started).toISOString() }))

async function* every<T>(ms: number, make: () => T): AsyncGenerator<T> {
  for (;;) {
    yield make()
    await new Promise((resolve) => setTimeout(resolve, ms))
  }
}

const field = (name: string, kind: string, type: string, more: Record<string, unknown> = {}) => ({ name, kind, type, list: false, unit: units[name] ?? null, description: null, ...more })
const type = (name: string, fields: unknown[], kind = 'ASSET') => ({ name, kind, singular: name.toLowerCase(), plural: `${name.toLowerCase()}s`, abstract: false, description: null, parents: [], concrete: [name], count: rows.filter((row) => row.type === name).length, fields })
const orders = field('workOrders', 'RECORDS', 'WorkOrder', { list: true })

export const root = {
  server: () => ({ version: '0.1.0', project: 'bottling', revision: 42, startedAt: new Date(started).toISOString(), notice: null }),
  model: () => ({ hash: 'a1', hierarchies: [{ name: 'place' }], types: [
    type('Space', [field('temperature', 'LIVE', 'Float'), field('equipment', 'INVERSE', 'Machine', { list: true })]),
    type('Pump', [field('serialNumber', 'STATIC', 'String'), field('criticality', 'STATIC', 'String'), field('ratedFlow', 'STATIC', 'Float', { unit: 'm3/h' }), field('flow', 'LIVE', 'Float'), field('speed', 'LIVE', 'Float'), field('bearingTemperature', 'LIVE', 'Float'), field('load', 'COMPUTED', 'Float', { unit: '%' }), field('location', 'RELATIONSHIP', 'Space'), field('feeds', 'RELATIONSHIP', 'Machine', { list: true }), orders]),
    type('Machine', [field('serialNumber', 'STATIC', 'String'), field('speed', 'LIVE', 'Float'), field('power', 'LIVE', 'Float'), field('location', 'RELATIONSHIP', 'Space'), orders]),
    type('WorkOrder', ['number', 'title', 'status', 'priority', 'due'].map((name) => field(name, 'STATIC', 'String')), 'RECORD'),
  ] }),
  scenes: () => [{ id: 'hall-1', title: 'Hall 1', parameters: [], views: ['overview', 'line A', 'process'], entities: rows.filter((row) => row.serial).map((row) => row.id), problems: [] }],
  examples: () => [{ name: 'pumps-low-flow', text: '{\n  entities(type: "Pump") {\n    nodes { id name states { ruleSet state } }\n  }\n}\n' }, { name: 'alarms', text: 'subscription { alarms { message since } }\n' }],
  entity: ({ id }: { id: string }) => entity(byId.get(id)),
  nodes: ({ ids }: { ids: string[] }) => ids.map((id) => entity(byId.get(id))),
  entities: ({ search, type, first }: { search?: string; type?: string; first: number }) => {
    const found = rows.filter((row) => (!type || row.type === type) && (!search || `${row.id} ${row.name}`.toLowerCase().includes(search.toLowerCase())))
    return { totalCount: found.length, nodes: found.slice(0, first).map(entity) }
  },
  alarms,
}

export const streams = {
  entity: ({ id }: { id: string }) => every(1000, () => ({ entity: entity(byId.get(id)) })),
  alarms: () => every(1000, () => ({ alarms: alarms() })),
}

export const schema: GraphQLSchema = buildSchema(sdl)
