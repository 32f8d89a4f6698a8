// Time as clocks show it: spans of the calendar in a time zone, without any library.

const clocks = new Map()

/** What a clock in zone shows at an instant (ms), as if it were UTC. */
export function local(ms, zone) {
  if (zone === 'UTC') return ms
  if (!clocks.has(zone)) clocks.set(zone, new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }))
  const shown = Object.fromEntries(clocks.get(zone).formatToParts(ms).map((p) => [p.type, +p.value]))
  return Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second) + (((ms % 1000) + 1000) % 1000)
}

const hour = 3600_000
export const day = 24 * hour

/** The instant at which a clock in zone shows that much; the first one when it does so twice, the next one when never. */
export function instant(shown, zone) {
  for (let offset = 15 * hour; offset >= -15 * hour; offset -= hour / 4) if (local(shown - offset, zone) === shown) return shown - offset
  return instant(shown + hour / 4, zone)
}

/** Where the span begins that holds what a clock shows. */
function floor(shown, unit) {
  const d = new Date(shown)
  const [year, month] = [d.getUTCFullYear(), d.getUTCMonth()]
  switch (unit) {
    case 'HOUR': return Math.floor(shown / hour) * hour
    case 'DAY': return Math.floor(shown / day) * day
    case 'WEEK': return Math.floor(shown / day) * day - ((d.getUTCDay() + 6) % 7) * day
    case 'MONTH': return Date.UTC(year, month, 1)
    case 'QUARTER': return Date.UTC(year, month - (month % 3), 1)
    case 'YEAR': return Date.UTC(year, 0, 1)
  }
}

const stamp = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z')

/** The beginning of the span of a Date or DateTime: days and longer ones begin in zone, hours are counted from 1970 UTC. */
export function begin(type, value, unit, zone) {
  if (value === null || unit === 'VALUE') return value
  if (type === 'Date') return stamp(floor(Date.parse(value), unit)).slice(0, 10)
  const at = Date.parse(value)
  return stamp(unit === 'HOUR' ? floor(at, unit) : instant(floor(local(at, zone), unit), zone))
}
