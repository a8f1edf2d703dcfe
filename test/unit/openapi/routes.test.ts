import { describe, expect, it } from 'vitest'
import document from '../../../public/openapi.json' with { type: 'json' }
import { app } from '../../../src/app'
import { OPERATIONS } from '../../../src/openapi/operations'

/** `GET /v3/mobile/check-ref/{}`: what a parameter is called, and what may be in it, is no part of a route. */
const plain = (method: string, path: string) =>
  `${method.toUpperCase()} ${path.replace(/:\w+(?:\{.*?(\\\.json)?\})?(?=\/|$)/g, (_, json?: string) => (json ? '{}.json' : '{}')).replace(/\{\w+\}/g, '{}')}`

/** `ALL` is middleware, and the refusal of other methods. The console is pages for people, and no contract. */
const mounted = new Set(
  app.routes
    .filter(({ method, path }) => method !== 'ALL' && !/^\/console(?:\/|$)/.test(path))
    .map(({ method, path }) => plain(method, path)),
)
const described = new Set(
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => plain(method, path)),
  ),
)

describe('every route of the gateway is in the document, and nothing else is', () => {
  it.each([...mounted])('%s is described', (route) => {
    expect(described).toContain(route)
  })

  it.each([...described])('%s is mounted', (route) => {
    expect(mounted).toContain(route)
  })

  it('the file was made from the operations of today', () => {
    expect(described).toEqual(new Set(OPERATIONS.map(({ method, path }) => plain(method, path))))
  })
})
