/** Reconciliations as their askers reach them, and what it takes to plant damage for them. */
import { expect } from 'vitest'
import type { Owner, Trader } from './accounts'
import { eventually, type Gateway } from './harness'
import type { Provider, ProviderCall } from './provider'
import { type Receiver, type Shop, shopWithKey } from './shop'
import { expectGenuine } from './signature'

const HOUR_MS = 3_600_000
/** A part that was not read waits for 30 s, and a page for its turn among the reads of the books. */
const END_TIMEOUT_MS = 150_000
/** Beyond how long a refund may take, and a top-up may be shown late. */
const LONG_AGO_MS = 10 * 60_000
/** Two clocks agree to the milliseconds that an answer takes: what is made in a window's last moments may be the next one's. */
const EDGE_MS = 1_000
/** Often enough that no answer of the provider runs out of it. */
const ALWAYS = 100_000

// biome-ignore lint/suspicious/noExplicitAny: tests read deep into answers; the assertion is the type check.
type Data = any

const iso = (time: number) => new Date(time).toISOString()

/** A merchant's program that reconciles, with his receiver. */
export interface Reconciling extends Receiver {
  readonly trader: Trader
  readonly shop: Shop
  /** Of the last hour; answers the report when it is over. */
  reconcile(wanted?: object): Promise<Data>
  /** Kind and ref of every finding that he is shown, in alphabetical order. */
  found(): Promise<string[]>
  /** Callbacks so far: type and ref; each was signed as its receiver checks it. */
  genuine(): Promise<string[]>
}

export async function reconcilingAs(gateway: Gateway, trader: Trader): Promise<Reconciling> {
  const shop = shopWithKey(gateway, trader.key)
  const { merchant, endpoint } = await shop.receiver()
  return {
    ...{ trader, shop, merchant, endpoint },
    async reconcile(wanted = {}) {
      const to = Date.now()
      await eventually('the window to be over', () => Date.now() > to + EDGE_MS)
      const window = { from: iso(to + EDGE_MS - HOUR_MS), to: iso(to + EDGE_MS) }
      const asked = await shop.call('POST', '/v1/reconciliations', { ...window, ...wanted })
      expect(asked.status, asked.text).toBe(202)
      return await reportAtEnd(shop, asked.json.data.id)
    },
    async found() {
      return (await trader.findings()).map(({ kind, ref }) => `${kind} ${ref}`).sort()
    },
    async genuine() {
      for (const callback of merchant.callbacks) await expectGenuine(gateway, callback, endpoint)
      return merchant.callbacks.map(({ body }) => `${body.type} ${body.data.ref}`)
    },
  }
}

async function reportAtEnd(shop: Shop, id: string): Promise<Data> {
  return await eventually(
    `the end of ${id}`,
    async () => {
      const { data } = (await shop.call('GET', `/v1/reconciliations/${id}`)).json
      return data.state !== 'running' && data
    },
    END_TIMEOUT_MS,
  )
}

/** The provider has it, and we cannot know: its answer is lost, and look-ups do not find it. */
export function losesAnswer(provider: Provider, { isMine }: Owner, ref: string): void {
  const isIts = (call: ProviderCall) => isMine(call) && call.subject === ref
  const error = { code: 'NOT_FOUND', message: 'not found' }
  provider.fault('send', { when: isIts, ending: 'destroy' })
  const body = { success: false, error, requestId: 'req_theirs' }
  provider.fault('check-ref', { when: isIts, times: ALWAYS, answer: { status: 404, body } })
}

/** Nothing that tracks an order learns of it any more: look-ups find no answer in time, and pages of a moment ago show nothing. */
export function losesLookUps(provider: Provider, { isMine }: Owner, ref: string): void {
  const isIts = (call: ProviderCall) => isMine(call) && call.subject === ref
  provider.fault('check-ref', { when: isIts, times: ALWAYS, ending: 'hang' })
  const pagination = { page: 1, pageSize: 100, totalPages: 0, totalResults: 0 }
  const body = { success: true, data: { items: [], pagination }, requestId: 'req_theirs' }
  const isSweep = (call: ProviderCall) => isMine(call) && !isOfAnHour(call)
  provider.fault('list', { when: isSweep, times: ALWAYS, answer: { body } })
}

/** Of a reconciliation, not of the sweep, which asks for a few minutes. */
export function isOfAnHour({ path }: ProviderCall): boolean {
  const query = new URL(path, 'http://provider').searchParams
  return Date.parse(query.get('to') ?? '') - Date.parse(query.get('from') ?? '') >= HOUR_MS
}

/** As if it had happened ten minutes ago: the book's row says so, which a reconciliation believes where it fits. */
export async function longAgo(
  gateway: Gateway,
  { id, client }: Trader,
  ref: string,
  what: 'created_at' | 'settled_at',
): Promise<void> {
  await client.untilFinal(ref)
  await eventually(`${ref} to be booked as final`, async () => {
    const storage = await gateway.worker.getDurableObjectStorage('Book', { name: id })
    const [row] = await storage.exec('SELECT phase FROM orders WHERE ref = ?', ref)
    return row?.phase === 'settled'
  })
  const storage = await gateway.worker.getDurableObjectStorage('Book', { name: id })
  await storage.exec(`UPDATE orders SET ${what} = ${what} - ${LONG_AGO_MS} WHERE ref = ?`, ref)
  await gateway.evict('Book', id)
}
