import { expect, test } from 'vitest'
import { ageText, durationMs, durationText, enumText, labelText, numberText, plainNumber, statusText, unitText, valueText } from './format'

test.each([[101.8611111, '101.9'], [12.4, '12.40'], [0.98, '0.980'], [1481.4, '1 481'], [1234567.8, '1 234 568'], [0.0001234, '0.000123'], [0.04567, '0.04567'], [0, '0'], [-12.345, '-12.35'], [99999.5, '100 000']])('%f has four digits', (value, text) => expect(numberText(value)).toBe(text))

test('whole numbers are whole', () => expect(numberText(20134, 'Int')).toBe('20 134'))

test('what was written keeps its digits', () => expect([14, 12.5, 0.123456789, 1480].map(plainNumber)).toEqual(['14', '12.5', '0.123457', '1 480']))

test('nothing is a dash', () => expect([null, undefined, '', []].map((value) => valueText(value))).toEqual(['–', '–', '–', '–']))

test('names become labels', () => expect(['bearingTemperature', 'oee', 'HIGH', 'IN_PROGRESS', 'pumps-low-flow', 'WO'].map(labelText)).toEqual(['Bearing temperature', 'OEE', 'HIGH', 'In progress', 'Pumps low flow', 'WO']))

test('units as people write them', () => expect(['Cel', 'm3/h', '1/min', 'kW.h', 'mm2', 'W/m3', null, '%'].map(unitText)).toEqual(['°C', 'm³/h', '/min', 'kWh', 'mm²', 'W/m³', '', '%']))

test('ages are short', () => expect([900, 89_000, 100_000, 7_200_000, 200_000_000].map(ageText)).toEqual(['1 s', '89 s', '2 min', '2 h', '2 d']))

test('durations of ISO 8601', () => expect(['PT1M30S', 'P1DT2H', 'PT0S', 'PT0.25S', 'P1Y'].map(durationText)).toEqual(['1 min 30 s', '1 d 2 h', '0 s', '0.3 s', 'P1Y']))

test('enums are words, other text stays', () => expect([enumText('IN_PROGRESS', 'WorkOrderStatus'), enumText('P-7', 'String'), enumText('ABC', 'String')]).toEqual(['In progress', 'P-7', 'ABC']))

test('every status has a reason', () => expect(statusText('NOT_BOUND')).toBe('no source bound'))

test('durations in ms', () => expect(['PT1M30S', 'P1DT2H', 'PT0.25S'].map(durationMs)).toEqual([90_000, 93_600_000, 250]))
