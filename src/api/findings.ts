/** `/v1/findings`: what does not add up between the provider and the merchant's orders. */
import { Hono } from 'hono'
import { bookOf } from '../env'
import type { ListedFinding, Side } from '../merchant/findings'
import { inSnakeCase } from '../platform/snake-case'
import { type Caller, withKey } from './auth'
import { findingsQuery } from './contract'
import { success } from './envelope'
import { readQuery } from './validation'

export const findings = new Hono<Caller>()

/** Newest first, of the key's environment. */
findings.get('/findings', withKey('READ-ONLY'), async (c) => {
  const { state = null, kind = null, cursor = null, limit } = readQuery(c, findingsQuery)
  const { merchantId, environment } = c.get('key')
  const filter = { environment, state, kind, limit, before: cursor }
  const { items, next } = await bookOf(c.env, merchantId).findings(filter)
  return success(c, JSON.stringify({ items: items.map(findingView), next_cursor: next }))
})

function findingView({ id, kind, state, foundAt, ref, upstream, ours }: ListedFinding) {
  const found_at = new Date(foundAt).toISOString()
  return { id, kind, state, found_at, ref, upstream: sideView(upstream), ours: sideView(ours) }
}

/** It is kept under the names of the code. Its id and kind are the finding's. */
function sideView(side: Side | null) {
  if (side === null) return null
  const { id, kind, at, ...facts } = side
  return { at: typeof at === 'number' ? new Date(at).toISOString() : null, ...inSnakeCase(facts) }
}
