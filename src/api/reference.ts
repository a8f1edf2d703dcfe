/** The contract for machines. */
import { Hono } from 'hono'
import document from '../openapi/openapi.json'
import type { Caller } from './auth'

export const reference = new Hono<Caller>()

/** OpenAPI 3.1, generated from the schemas in contract.ts by `npm run openapi`. */
reference.get('/openapi.json', (c) => {
  const servers = [{ url: new URL(c.req.url).origin }]
  return c.json({ ...document, servers }, 200, { 'Access-Control-Allow-Origin': '*' })
})
