import { auditServer } from 'graphql-http'
import { buildClientSchema, getIntrospectionQuery, isObjectType, type IntrospectionQuery, validateSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, built, start } from '../browser/service'

describe.skipIf(!built())('GraphQL over HTTP', () => {
  let service: Service
  beforeAll(async () => { service = await start(['demo', '--listen', '127.0.0.1:0']) })
  afterAll(() => service.kill())

  it('passes every audit of graphql-http', async () => {
    const results = await auditServer({ url: `${service.url}/graphql` })
    const failed = results.filter((result) => result.status !== 'ok').map((result) => `${result.id} ${result.status}: ${result.name}: ${'reason' in result ? result.reason : ''}`)
    expect(failed).toEqual([])
    expect(results.length).toBe(61)
  })

  it('gives a schema that graphql-js accepts', async () => {
    const query = getIntrospectionQuery({ descriptions: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true, schemaDescription: true, specifiedByUrl: true })
    const response = await fetch(`${service.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) })
    const { data, errors } = await response.json() as { data: IntrospectionQuery, errors?: unknown }
    expect(errors).toBeUndefined()
    const schema = buildClientSchema(data)
    expect(validateSchema(schema)).toEqual([])
    for (const name of ['Pump', 'ServerStatus']) expect(isObjectType(schema.getType(name)), name).toBe(true)
  })
})
