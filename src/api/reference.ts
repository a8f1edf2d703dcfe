/** The contract for machines. */
import { Hono } from 'hono'
import type { Caller } from './auth'

export const reference = new Hono<Caller>()

/** OpenAPI 3.1, generated from the schemas in contract.ts by `npm run openapi`. */
reference.get('/openapi.json', async (c) => {
  const file = await c.env.ASSETS.fetch(new URL('/openapi.json', c.req.url))
  const document: object = await file.json()
  const servers = [{ url: new URL(c.req.url).origin }]
  return c.json({ ...document, servers }, 200, { 'Access-Control-Allow-Origin': '*' })
})
