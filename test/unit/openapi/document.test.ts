import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ERRORS } from '../../../src/api/contract'
import { buildDocument, type Examples } from '../../../src/openapi/document'
import { errorsOf } from '../../../src/openapi/operation'
import { OPERATIONS } from '../../../src/openapi/operations'

const examples: Examples = JSON.parse(readFileSync('src/openapi/examples.json', 'utf8'))
const document = buildDocument(examples, '1.2.3')
const text = JSON.stringify(document)

/** What a JSON pointer of the document leads to. */
const lookUp = (reference: string) =>
  reference
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((at, name) => (isRecord(at) ? at[name.replaceAll('~1', '/')] : undefined), document)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

describe('the document', () => {
  it('has no reference that leads nowhere', () => {
    const references = new Set(text.match(/(?<="\$ref":")[^"]+/g))
    expect([...references].filter((reference) => lookUp(reference) === undefined)).toEqual([])
  })

  it('forbids no new field in an answer, and has nothing of zod in it', () => {
    expect(text).not.toMatch(/\$schema|\$id|propertyNames|9007199254740991/)
    const { schemas } = z
      .object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) })
      .parse(document).components
    const closed = Object.entries(schemas).filter(([, schema]) =>
      JSON.stringify(schema).includes('"additionalProperties":false'),
    )
    // The operator's bodies refuse what they do not know, and so does what has no second chance.
    expect(closed.map(([name]) => name)).toEqual([
      'ChangeKeyBody',
      'ChangeMerchantBody',
      'ChangeWalletBody',
      'CloseFindingBody',
      'CreateKeyBody',
      'CreateMerchantBody',
      'CredentialBody',
      'ReconciliationBody',
      'ReplayBody',
      'RotateKeysBody',
    ])
  })

  it('gives every operation an id of its own', () => {
    expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length)
  })

  it('says of every field of a query what it is', () => {
    const names = OPERATIONS.flatMap(({ query }) => Object.keys(query?.shape ?? {}))
    expect(names.length).toBeGreaterThan(0)
    const isSaid = (name: string) => text.includes(`"name":"${name}","in":"query","description":"`)
    expect(names.filter((name) => !isSaid(name))).toEqual([])
    expect(text).not.toContain('"description":""')
  })
})

describe.each(OPERATIONS)('$id', (operation) => {
  const at = `#/paths/${operation.path.replaceAll('/', '~1')}/${operation.method}/responses`

  it('shows an example of its success', () => {
    if (operation.content.kind === 'page') return
    const shown = lookUp(`${at}/${operation.status}/content/application~1json/examples`)
    expect(Object.keys(isRecord(shown) ? shown : {})).not.toEqual([])
  })

  it('shows an example of each error under its status', () => {
    for (const code of errorsOf(operation)) {
      if (operation.content.kind === 'page' && code === 'NOT_FOUND') continue
      const response = lookUp(`${at}/${ERRORS[code].status}`)
      const shared =
        isRecord(response) && typeof response.$ref === 'string' ? lookUp(response.$ref) : response
      expect(JSON.stringify(shared), code).toContain(`"examples":{`)
      expect(JSON.stringify(shared), code).toContain(`"${code}":{`)
    }
  })
})
