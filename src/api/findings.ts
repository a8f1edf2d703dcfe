/** `/v1/findings`: what does not add up between the provider and the merchant's orders. */
import { type Context, Hono } from 'hono'
import { bookOf, merchantById } from '../env'
import type { FindingFilter, ListedFinding } from '../merchant/findings'
import { findingView } from '../reconcile/finding-view'
import { type Caller, withKey } from './auth'
import { closeFindingBody, findingsQuery } from './contract'
import { byAccept, csvResponse, wantsCsv } from './csv'
import { FINDING_COLUMNS, findingRow } from './csv-tables'
import { ApiError, success } from './envelope'
import { readBody, readQuery } from './validation'

export const findings = new Hono<Caller>()

/** Rows of a CSV that are fetched at once. */
const CSV_PAGE = 500

/** Newest first, of the key's environment. With `Accept: text/csv`, all of them in one stream, whatever `limit` says. */
findings.get('/findings', withKey('READ-ONLY'), async (c) => {
  const { state = null, kind = null, cursor = null, limit } = readQuery(c, findingsQuery)
  const { merchantId, environment } = c.get('key')
  const filter: FindingFilter = { environment, state, kind, limit, before: cursor }
  const book = bookOf(c.env, merchantId)
  if (wantsCsv(c)) {
    return csvResponse(c, 'findings', FINDING_COLUMNS, cursor, async (before) => {
      const { items, next } = await book.findings({ ...filter, limit: CSV_PAGE, before })
      return { items: items.map((finding) => findingRow(findingView(finding))), next }
    })
  }
  const { items, next } = await book.findings(filter)
  return byAccept(success(c, JSON.stringify({ items: items.map(findingView), next_cursor: next })))
})

findings.get('/findings/:id', withKey('READ-ONLY'), async (c) => {
  const { merchantId, environment } = c.get('key')
  const id = c.req.param('id')
  const finding = await bookOf(c.env, merchantId).finding(environment, id)
  if (finding === null) throw noFinding(id)
  return success(c, JSON.stringify(findingView(finding)))
})

/** For ever. Closed before, it is answered as it was closed then. */
findings.patch('/findings/:id', withKey('READ-WRITE'), async (c) => {
  const { note } = await readBody(c, closeFindingBody)
  return success(c, JSON.stringify(findingView(await closeFinding(c, c.req.param('id'), note))))
})

export async function closeFinding(c: Context<Caller>, id: string, note: string): Promise<ListedFinding> {
  const { merchantId, environment } = c.get('key')
  const book = bookOf(c.env, merchantId)
  const closed = await book.closeFinding(environment, id, { note, by: await keyName(c), at: Date.now() })
  if (closed === null) throw noFinding(id)
  return closed
}

export function noFinding(id: string): ApiError {
  return new ApiError('NOT_FOUND', `Finding '${id}' not found`)
}

/** People know their keys by name; the edge knows only ids. */
async function keyName(c: Context<Caller>): Promise<string> {
  const { merchantId, keyId } = c.get('key')
  const keys = await merchantById(c.env, merchantId).keys()
  return keys.find(({ key }) => key.id === keyId)?.key.name ?? keyId
}
