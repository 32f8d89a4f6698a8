import { parse } from 'graphql'
import { propertyNames } from '../pages/Columns'
import { expect, test } from 'vitest'
import { merge } from './reading'
import type { Field, Project, TypeInfo } from './model'
import { entityText, historyText } from './selection'
import { grow, prune, rows } from './tree'

const field = (name: string, kind: Field['kind'], type: string, more: Partial<Field> = {}): Field => ({ name, kind, type, list: false, unit: null, description: null, ...more })
const type = (name: string, fields: Field[], more: Partial<TypeInfo> = {}): TypeInfo => ({ name, kind: 'ASSET', singular: null, plural: null, abstract: false, description: null, parents: [], concrete: [name], count: 1, fields, ...more })
const pump = type('Pump', [
  field('serialNumber', 'STATIC', 'String'), field('flow', 'LIVE', 'Float'), field('motor', 'COMPONENT', 'Motor', { fields: [field('speed', 'LIVE', 'Float')] }),
  field('feeds', 'RELATIONSHIP', 'Pump', { list: true }), field('location', 'RELATIONSHIP', 'Pump'), field('workOrders', 'RECORDS', 'WorkOrder', { list: true }),
])
const project: Project = {
  server: { version: '', project: '', revision: 1, startedAt: '', notice: null }, scenes: [],
  model: { hash: '', hierarchies: [{ name: 'place' }, { name: 'parts' }], types: [pump, type('WorkOrder', [field('number', 'STATIC', 'ID'), field('asset', 'RECORDS', 'Pump')], { kind: 'RECORD' })] },
}

test('the question for an entity is made from the model and is valid GraphQL', () => {
  const text = entityText(project, pump, false)
  expect(() => parse(text)).not.toThrow()
  for (const part of ['h1: ancestors(hierarchy: "parts")', 'flow { value', 'motor { speed { value', 'feeds(first: 20) { totalCount nodes', 'location { id name', 'workOrders(first: 50) { totalCount status nodes { number } }']) expect(text).toContain(part)
})

test('the subscription asks only for what changes', () => {
  const text = entityText(project, pump, true)
  expect(text).toMatch(/^subscription/)
  expect(text).not.toMatch(/feeds|workOrders|ancestors/)
})

test('an asset type outside the API still gives what every entity has', () => expect(() => parse(entityText(project, undefined, false))).not.toThrow())

test('the history of a property in a component', () => {
  const text = historyText(pump, 'motor.speed')
  expect(() => parse(text)).not.toThrow()
  expect(text).toContain('motor { speed { history')
})

test('newer values go over older ones, component by component', () => {
  const base = { id: 'a', name: 'A', assetType: 'Pump', revision: 1, states: [], motor: { speed: 1, power: 2 }, feeds: { nodes: [] } }
  expect(merge(base, { motor: { speed: 3 } })).toMatchObject({ motor: { speed: 3, power: 2 }, feeds: { nodes: [] } })
})

const node = (id: string, parent: string | null) => ({ id, name: id, assetType: 'T', parent: parent === null ? null : { id: parent }, states: [] })
const forest = { entities: { totalCount: 5, nodes: [node('b10', 'a'), node('a', null), node('b2', 'a'), node('c', 'b2'), node('alone', null)] } }

test('a hierarchy grows in natural order, without those who are alone in it', () => {
  const [root, ...others] = grow(forest)
  expect([others.length, root?.ref.id, root?.children.map(({ ref }) => ref.id), root?.children[0]?.children[0]?.depth]).toEqual([0, 'a', ['b2', 'b10'], 2])
})

test('a filter keeps what is above a match', () => expect(rows(prune(grow(forest), ({ ref }) => ref.id === 'c'), () => true).map(({ ref }) => ref.id)).toEqual(['a', 'b2', 'c']))

test('closed branches hide what is below', () => expect(rows(grow(forest), (id) => id === 'a').map(({ ref }) => ref.id)).toEqual(['a', 'b2', 'b10']))

test('the columns shown unasked are those that most of what is shown has', () => {
  const motor = type('Drive', [field('winding', 'LIVE', 'Float')], { count: 9 })
  expect(propertyNames([pump, motor], ({ count }) => count)[0]).toBe('winding')
  expect(propertyNames([pump, motor], ({ name }) => (name === 'Pump' ? 4 : 0))).toEqual(['flow', 'motor.speed'])
})
