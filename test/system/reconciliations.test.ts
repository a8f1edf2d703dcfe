/** What a merchant and the operator see of reconciliations and findings. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/reconcile/report'
import { report } from '../unit/reconcile/builders'
import { asOperator } from './accounts'
import { expectError } from './client'
import { foundByNobody } from './found'
import { startGateway } from './harness'
import { startProvider } from './provider'
import { openShop, type Shop } from './shop'

const HOUR_MS = 3_600_000
const HEADER =
  'id,state,trigger,from,to,started_at,ended_at,upstream,ours,matched,open,healed,adopted,looked_up,index_checked,index_repaired,findings,charged_dzd,refunded_dzd,fulfilled_dzd,opening_dzd,closing_dzd,moved_dzd,difference_dzd,reasons'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const now = Date.now()
const iso = (time: number) => new Date(time).toISOString()
const WINDOW = { from: iso(now - HOUR_MS), to: iso(now - 1_000) }

async function bookOf(shop: Shop) {
  const { BOOK } = await gateway.worker.getEnv()
  return BOOK.get(BOOK.idFromName((await shop.call('GET', '/v3/validate')).json.data.username))
}

/** As the reconciler of his account would. */
async function tell(shop: Shop, ...reports: Partial<Report>[]): Promise<void> {
  const book = await bookOf(shop)
  for (const one of reports) await book.reported(report({ environment: 'sandbox', ...one }))
}

async function find(shop: Shop, id: string, change: object = {}): Promise<void> {
  const rest = { environment: 'sandbox', kind: 'missing', foundAt: now, ref: 'order-1', upstream: null }
  await (await bookOf(shop)).find({ id, ...rest, ours: { amountDzd: 500, createdAt: now }, ...change })
}

const csvOf = (shop: Shop, path: string) =>
  gateway.call('GET', path, { key: shop.key, headers: { Accept: 'text/csv' } })

async function readOnly(shop: Shop): Promise<string> {
  const id = (await shop.call('GET', '/v3/validate')).json.data.username
  const body = { environment: 'sandbox', name: 'auditor', scope: 'READ-ONLY' }
  const made = await gateway.call('POST', `/admin/merchants/${id}/keys`, { headers: asOperator, body })
  return made.json.data.key
}

describe('a reconciliation that is asked for', () => {
  it('is running, listed at once, and one at a time', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const answers = await Promise.all([1, 2, 3].map(() => shop.call('POST', '/v1/reconciliations', WINDOW)))
    const [started] = answers.filter(({ status }) => status === 202)
    expect(started?.json.data).toMatchObject({
      ...{ state: 'running', trigger: 'demand', progress: 0, ended_at: null, ...WINDOW },
      ...{ reasons: [], findings: {}, balance: null },
    })
    const id = started?.json.data.id
    const refused = answers.filter(({ status }) => status !== 202)
    expect(refused).not.toEqual([])
    for (const answer of refused) {
      expectError(answer, 409, 'RECONCILIATION_RUNNING')
      expect(answer.json.error.details).toEqual({ id })
    }
    expect((await shop.call('GET', '/v1/reconciliations')).json.data.items).toMatchObject([{ id }])
    const shown = await shop.call('GET', `/v1/reconciliations/${id}`)
    expect(shown.json.data).toMatchObject({ id, ...WINDOW })
  })

  it('ends now where more is wanted', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const body = { from: WINDOW.from, to: iso(now + HOUR_MS), index: 'all' }
    const { to } = (await shop.call('POST', '/v1/reconciliations', body)).json.data
    expect(Date.parse(to)).toBeGreaterThanOrEqual(now)
    expect(Date.parse(to)).toBeLessThanOrEqual(Date.now())
  })

  it.each([
    [{ from: WINDOW.from }, "body must have required property 'to'"],
    [{ from: WINDOW.to, to: WINDOW.from }, 'body/from must be before to'],
    [{ from: iso(now + HOUR_MS), to: iso(now + 2 * HOUR_MS) }, 'body/from must be in the past'],
    [{ from: iso(now - 32 * 24 * HOUR_MS), to: iso(now) }, 'body/from must be at most 31 days before to'],
    [{ from: 'yesterday', to: WINDOW.to }, 'body/from must match pattern'],
    [{ from: '2026-13-01', to: WINDOW.to }, 'body/from must match format "date-time"'],
    [{ ...WINDOW, index: 'none' }, 'body/index must be equal to one of the allowed values: sample, all'],
    [{ ...WINDOW, until: WINDOW.to }, 'body must NOT have additional properties: until'],
  ])('is refused as %j', async (body, says) => {
    const shop = await openShop(gateway, 'sandbox')
    const answer = await shop.call('POST', '/v1/reconciliations', body)
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.message).toContain(says)
    expect((await shop.call('GET', '/v1/reconciliations')).json.data.items).toEqual([])
  })

  it('is not for a key that is READ-ONLY, which may read', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const key = await readOnly(shop)
    const asked = await gateway.call('POST', '/v1/reconciliations', { key, body: WINDOW })
    expectError(asked, 403, 'PERMISSION_DENIED')
    expect((await gateway.call('GET', '/v1/reconciliations', { key })).status).toBe(200)
  })
})

describe('reports', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop(gateway, 'sandbox')
    const balance = { openingCentimes: 5, closingCentimes: 0, movedCentimes: 0, differenceCentimes: -5 }
    await tell(
      shop,
      { id: 'rec_1', startedAt: now - 3, balance, chargedCentimes: 48_050, findings: { missing: 1 } },
      { id: 'rec_2', startedAt: now - 2, state: 'incomplete', reasons: ['the list, was cut'] },
      { id: 'rec_3', startedAt: now - 1, trigger: 'recent' },
    )
  })
  const ids = async (query: string) =>
    (await shop.call('GET', `/v1/reconciliations${query}`)).json.data.items.map(
      ({ id }: { id: string }) => id,
    )

  it('are listed newest first, by state, page by page', async () => {
    expect(await ids('')).toEqual(['rec_3', 'rec_2', 'rec_1'])
    expect(await ids('?state=incomplete')).toEqual(['rec_2'])
    expect(await ids('?state=running')).toEqual([])
    const { next_cursor } = (await shop.call('GET', '/v1/reconciliations?limit=2')).json.data
    expect(await ids(`?cursor=${next_cursor}`)).toEqual(['rec_1'])
    for (const wrong of ['state=over', 'limit=0', 'cursor=x'])
      expectError(await shop.call('GET', `/v1/reconciliations?${wrong}`), 400, 'ERR_VALIDATION')
  })

  it('show what came of them; another merchant, and the other environment, see none', async () => {
    const { data } = (await shop.call('GET', '/v1/reconciliations/rec_1')).json
    expect(data).toMatchObject({
      state: 'complete',
      progress: 1,
      charged_dzd: 480.5,
      findings: { missing: 1 },
    })
    expect(data.balance).toEqual({ opening_dzd: 0.05, closing_dzd: 0, moved_dzd: 0, difference_dzd: -0.05 })
    const stranger = await openShop(gateway, 'sandbox')
    expectError(await stranger.call('GET', '/v1/reconciliations/rec_1'), 404, 'NOT_FOUND')
    expectError(await shop.call('GET', '/v1/reconciliations/nobody'), 404, 'NOT_FOUND')
  })

  it('are a CSV for those who ask for it, a line each', async () => {
    const answer = await csvOf(shop, '/v1/reconciliations?limit=1')
    const [head, ...lines] = answer.text.split('\r\n').slice(0, -1)
    expect(head).toBe(HEADER)
    expect(lines.map((line) => line.split(',')[0])).toEqual(['rec_3', 'rec_2', 'rec_1'])
    expect(lines[1]).toMatch(/^rec_2,incomplete,daily,.*,"the list, was cut"$/)
    expect(lines[2]).toMatch(/,1,480\.5,0,0,0\.05,0,0,-0\.05,$/)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="reconciliations.csv"')
    const json = await shop.call('GET', '/v1/reconciliations')
    for (const { headers } of [answer, json]) expect(headers.get('vary')).toMatch(/\bAccept\b/)
  })

  it('of each day are events, for who reads them', async () => {
    const { items } = (await shop.call('GET', '/v1/events')).json.data
    expect(items).toMatchObject([
      { type: 'reconciliation.completed', ref: null, state_version: null },
      { type: 'reconciliation.completed' },
    ])
    const shown = (await shop.call('GET', '/v1/reconciliations/rec_1')).json.data
    expect(JSON.parse(items[0].body).data).toEqual({ ...shown, environment: 'sandbox' })
  })
})

describe('a finding', () => {
  const closing = { state: 'closed', note: ' The provider gave it back. ' }

  it('says what may be done, and is closed once, by the name of the key', async () => {
    const shop = await openShop(gateway, 'sandbox')
    await find(shop, 'missing-1')
    const open = (await shop.call('GET', '/v1/findings/missing-1')).json.data
    expect(open).toMatchObject({
      ...{ kind: 'missing', state: 'open', ref: 'order-1', upstream: null, closed_at: null, note: null },
      action: expect.stringMatching(/^The provider shows this top-up neither/),
      ours: { amount_dzd: 500, created_at: iso(now) },
    })
    const closed = await shop.call('PATCH', '/v1/findings/missing-1', closing)
    const note = 'The provider gave it back.'
    expect(closed.json.data).toEqual({
      ...{ ...open, state: 'closed', note },
      closed_at: expect.any(String),
      closed_by: expect.stringMatching(/\S/),
    })
    expect(closed.json.data.closed_by).not.toMatch(/^key_|^rsd_/)
    const again = await shop.call('PATCH', '/v1/findings/missing-1', { ...closing, note: 'another' })
    expect(again.json.data).toEqual(closed.json.data)
    expect((await shop.call('GET', '/v1/findings?state=open')).json.data.items).toEqual([])
    expect((await shop.call('GET', '/v1/findings?state=closed')).json.data.items).toEqual([closed.json.data])
  })

  it('is a line of a CSV', async () => {
    const shop = await openShop(gateway, 'sandbox')
    await find(shop, 'missing-1', { foundAt: now, ref: '=1+1' })
    await find(shop, 'orphan-2', { foundAt: now + 1, kind: 'orphan' })
    const { text } = await csvOf(shop, '/v1/findings?kind=missing')
    expect(text.split('\r\n')).toEqual([
      'id,kind,state,found_at,ref,upstream,ours,action,closed_at,closed_by,note',
      expect.stringMatching(/^missing-1,missing,open,[^,]+,'=1\+1,,"\{""amount_dzd"":500,[^}]*\}",.*,,,$/),
      '',
    ])
  })

  it('is not closed without a note, by a READ-ONLY key, or by a stranger', async () => {
    const shop = await openShop(gateway, 'sandbox')
    await find(shop, 'missing-1')
    const wrong = [{}, { state: 'closed' }, { ...closing, note: '  ' }, { ...closing, state: 'open' }]
    for (const body of [...wrong, { ...closing, by: 'me' }, { ...closing, note: 'n'.repeat(1_001) }])
      expectError(await shop.call('PATCH', '/v1/findings/missing-1', body), 400, 'ERR_VALIDATION')
    const key = await readOnly(shop)
    const refused = await gateway.call('PATCH', '/v1/findings/missing-1', { key, body: closing })
    expectError(refused, 403, 'PERMISSION_DENIED')
    const stranger = await openShop(gateway, 'sandbox')
    expectError(await stranger.call('PATCH', '/v1/findings/missing-1', closing), 404, 'NOT_FOUND')
    expectError(await stranger.call('GET', '/v1/findings/missing-1'), 404, 'NOT_FOUND')
    expect((await shop.call('GET', '/v1/findings/missing-1')).json.data.state).toBe('open')
  })
})

describe('the operator', () => {
  const ask = (method: string, path: string, body?: object) =>
    gateway.call(method, `/admin/wallets/operator/${path}`, {
      headers: asOperator,
      ...(body === undefined ? {} : { body }),
    })

  it('has a whole account compared, one at a time, and sees how far it is', async () => {
    const answers = await Promise.all([1, 2].map(() => ask('POST', 'reconciliations', WINDOW)))
    const [started] = answers.filter(({ status }) => status === 202)
    expect(started?.json.data).toMatchObject({ state: 'running', trigger: 'demand', ...WINDOW })
    const id = started?.json.data.id
    for (const answer of answers.filter(({ status }) => status !== 202)) {
      expectError(answer, 409, 'RECONCILIATION_RUNNING')
      expect(answer.json.error.details).toEqual({ id })
    }
    expect((await ask('GET', 'reconciliations')).json.data.items).toMatchObject([{ id }])
    expect((await ask('GET', `reconciliations/${id}`)).json.data).toMatchObject({ id, ...WINDOW })
    expectError(await ask('GET', 'reconciliations/nobody'), 404, 'NOT_FOUND')
    expectError(await ask('POST', 'reconciliations', { ...WINDOW, to: WINDOW.from }), 400, 'ERR_VALIDATION')
    expectError(await ask('GET', 'reconciliations?limit=0'), 400, 'ERR_VALIDATION')
  })

  it('sees what no merchant can be told of, and closes it', async () => {
    await foundByNobody(gateway, 'operator', 'orphan-1')
    const { items } = (await ask('GET', 'findings?state=open&kind=orphan')).json.data
    expect(items).toMatchObject([{ id: 'orphan-1', state: 'open', upstream: { amount_dzd: 500 } }])
    const closing = { state: 'closed', note: 'By hand.' }
    const closed = (await ask('PATCH', 'findings/orphan-1', closing)).json.data
    expect(closed).toMatchObject({ state: 'closed', closed_by: 'operator', note: 'By hand.' })
    const again = await ask('PATCH', 'findings/orphan-1', { ...closing, note: 'another' })
    expect(again.json.data).toEqual(closed)
    expect((await ask('GET', 'findings?state=open')).json.data.items).toEqual([])
    expectError(await ask('PATCH', 'findings/nobody', closing), 404, 'NOT_FOUND')
    expectError(await ask('PATCH', 'findings/orphan-1', { note: 'x' }), 400, 'ERR_VALIDATION')
  })

  it('asks about accounts that there are', async () => {
    for (const wallet of ['nobody', 'own:nobody', 'sandbox:nobody']) {
      for (const what of ['reconciliations', 'reconciliations/rec_1', 'findings']) {
        const path = `/admin/wallets/${encodeURIComponent(wallet)}/${what}`
        expectError(await gateway.call('GET', path, { headers: asOperator }), 404, 'NOT_FOUND')
      }
    }
  })
})
