import { expect, test } from 'vitest'
import { worstSeverity } from './states'

test('the badge of the rail is as bad as the worst alarm', () => {
  const of = (...severities: ('CRITICAL' | 'WARNING' | 'INFO')[]) => worstSeverity(severities.map((severity) => ({ severity })))
  expect([of(), of('INFO'), of('INFO', 'WARNING'), of('WARNING', 'CRITICAL')]).toEqual([undefined, 'INFO', 'WARNING', 'CRITICAL'])
})
