/** Units as people write them; the keys are UCUM codes. */
const pretty: Readonly<Record<string, string>> = {
  Cel: '°C', '[degF]': '°F', K: 'K', 'm3/h': 'm³/h', m3: 'm³', m2: 'm²', '1/min': '/min', '1/h': '/h', '1/s': '/s', um: 'µm', 'kW.h': 'kWh', 'N.m': 'N·m',
  '[ppm]': 'ppm', deg: '°', Ohm: 'Ω', min: 'min', '1': '',
}

export function unitText(unit: string | null | undefined): string {
  if (!unit) return ''
  return pretty[unit] ?? unit.replace(/([a-z])2(?![0-9])/g, '$1²').replace(/([a-z])3(?![0-9])/g, '$1³').replaceAll('.', '·')
}

const digits = 4 // significant
const usualPlaces = 3
const mostPlaces = 6 // of values below 0.01

/** A number for people: four significant digits, never fewer than its whole part. */
export function numberText(value: number, type = 'Float'): string {
  if (!Number.isFinite(value)) return '–'
  if (type === 'Int' || type === 'Long') return Math.round(value).toLocaleString('en-GB').replaceAll(',', ' ')
  if (value === 0) return '0'
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1
  const places = Math.max(0, Math.min(whole > -1 ? usualPlaces : mostPlaces, digits - whole))
  return value.toFixed(places).replace(/^-0(\.0+)?$/, '0$1').replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ' ')
}

/** Any value as text; a dash for nothing. */
export function valueText(value: unknown, type = ''): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'number') return numberText(value, type)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map((one) => valueText(one, type)).join(', ')
  if (type === 'DateTime') return timeText(String(value))
  if (type === 'Duration') return durationText(String(value))
  if (typeof value === 'object') return JSON.stringify(value)
  return enumText(String(value), type)
}

const scalars = new Set(['', 'String', 'ID', 'Date', 'JSON'])

/** IN_PROGRESS as In progress, for values of enums; other text stays as it is. */
export function enumText(value: string, type: string): string {
  return !scalars.has(type) && /^[A-Z][A-Z0-9_]*$/.test(value) ? sentence(value.toLowerCase().replaceAll('_', ' ')) : value
}

/** A number as it was written by somebody: no digits added, at most six significant ones kept. */
export function plainNumber(value: number): string { return numberText(value, 'Float').includes('.') || !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : numberText(value, 'Int') }

export function timeText(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  const today = new Date().toDateString() === time.toDateString()
  const clock = time.toLocaleTimeString('en-GB')
  return today ? clock : `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })} ${clock}`
}

/** How long ago, short: 2 s, 14 min, 3 h, 5 d. */
export function ageText(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 90) return `${s} s`
  if (s < 5400) return `${Math.round(s / 60)} min`
  if (s < 129_600) return `${Math.round(s / 3600)} h`
  return `${Math.round(s / 86_400)} d`
}

/** A duration of ISO 8601 in ms; NaN when it is none. */
export function durationMs(iso: string): number {
  const match = /^P(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/.exec(iso)
  if (!match) return Number.NaN
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

/** PT1M30S as 1 min 30 s. */
export function durationText(iso: string): string {
  const match = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(iso)
  if (!match) return iso
  const names = ['d', 'h', 'min', 's']
  const parts = match.slice(1).flatMap((part, i) => (part && Number(part) !== 0 ? [`${Number(Number(part).toFixed(1))} ${names[i]}`] : []))
  return parts.length > 0 ? parts.join(' ') : '0 s'
}

/** bearingTemperature as Bearing temperature; OEE and WO-1 stay as they are. */
export function labelText(name: string): string {
  if (/^[A-Z0-9_-]+$/.test(name)) return name.length > 4 ? sentence(name.toLowerCase().replaceAll('_', ' ')) : name
  if (/^[a-z]{2,3}$/.test(name)) return abbreviations.has(name) ? name.toUpperCase() : sentence(name)
  return sentence(name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ').toLowerCase())
}

const abbreviations = new Set(['oee', 'rpm', 'id', 'url'])

function sentence(text: string): string { return text.charAt(0).toUpperCase() + text.slice(1) }

/** Why a value is missing, in words. */
const reasons: Readonly<Record<string, string>> = {
  STALE: 'older than it should be', EMPTY: 'no measurements', NO_DATA_YET: 'nothing measured yet', NOT_BOUND: 'no source bound', NOT_FOUND: 'unknown to the source',
  DENIED: 'no right to read it', THROTTLED: 'the source is busy', TIMEOUT: 'the source was too slow', UNAVAILABLE: 'the source does not answer',
  UNSUPPORTED: 'the source cannot tell', TRUNCATED: 'not complete', BAD_DATA: 'the source sent something else', PENDING: 'on its way',
}

export function statusText(status: string): string { return reasons[status] ?? status.toLowerCase().replaceAll('_', ' ') }
