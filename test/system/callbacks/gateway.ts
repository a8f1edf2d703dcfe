/**
 * The gateway that the suites here are run against: one of their own, or with RASID_URL any other that has the
 * sandbox. They use nothing but the public API, a sandbox key and sandbox numbers.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { atEnd } from '../cleanup'
import { eventually, type Reachable, reach } from '../harness'
import { type LocalOptions, startLocalGateway } from '../local'
import { type Handler, listen } from '../loopback'
import { startMerchant } from '../merchant'
import { type DeliveryAnswer, openShop, type Receiver, type Shop, shopWithKey } from '../shop'
import { expectGenuine } from '../signature'

const { RASID_URL, RASID_KEY = '', RASID_RECEIVER = '', RASID_RECEIVER_PORT = '8788' } = process.env

/** What needs the gateway's process, or bytes that no tunnel would pass on, is skipped there. */
export const remote = RASID_URL !== undefined

/** Locally each test has a merchant of its own; elsewhere all share one, one after the other. */
export const together = remote ? describe : describe.concurrent

/** Longer than the first three pauses of the schedule together, on a busy machine. */
export const RETRY_MS = 120_000

/** Sandbox numbers: what becomes of a top-up to them, a second after the send, or 20 s where it says so. */
export const FULFILLED = '0600010099'
export const FULFILLED_IN_20_S = '0600020099'
export const REFUNDED = '0600010001'
export const UNKNOWN_THEN_FULFILLED = '0600010003'
export const UNKNOWN_THEN_REFUNDED = '0600010004'

export interface Suite {
  readonly gateway: Reachable
  /** A merchant with no endpoints. Elsewhere it is always the same one, and what the test before gave him is taken off. */
  shop(): Promise<Shop>
}

const open: { readonly gateway: Reachable; readonly shop: Shop; readonly receiver: Receiver }[] = []

export async function openSuite(options: LocalOptions = {}): Promise<Suite> {
  if (RASID_URL === undefined) {
    const gateway = await startLocalGateway(options)
    atEnd(closeReceivers)
    return { gateway, shop: () => openShop(gateway, 'sandbox') }
  }
  if (RASID_KEY === '' || RASID_RECEIVER === '') {
    throw new Error('RASID_URL also needs RASID_KEY, a sandbox key, and RASID_RECEIVER, an https address')
  }
  const gateway = reach(RASID_URL)
  atEnd(closeReceivers)
  return {
    gateway,
    async shop() {
      await closeReceivers()
      run = newRun()
      return shopWithKey(gateway, RASID_KEY)
    },
  }
}

/** A merchant's server that is registered as an endpoint. All that it ever gets must be genuine. */
export async function receiverOf({ gateway }: Suite, shop: Shop, wanted: object = {}): Promise<Receiver> {
  const merchant = await startMerchant({ serve })
  const receiver = { merchant, endpoint: await shop.register(merchant.url, wanted) }
  open.push({ gateway, shop, receiver })
  return receiver
}

/** A server that the gateway can reach, registered nowhere. */
export function bystander(): ReturnType<typeof startMerchant> {
  return startMerchant({ serve })
}

/** Every delivery so far is held against two published libraries and the public key; then all are taken off. */
export async function closeReceivers(): Promise<void> {
  for (const { gateway, shop, receiver } of open.splice(0)) {
    const { merchant, endpoint } = receiver
    for (const received of [...merchant.verifications, ...merchant.callbacks]) {
      await expectGenuine(gateway, received, endpoint)
    }
    const answer = await shop.call('DELETE', `/v1/endpoints/${endpoint.id}?held=cancel`)
    expect(answer.status, answer.text).toBe(200)
  }
}

const newRun = () => randomUUID().slice(0, 8)
/** Other runs against the same gateway, and other tests with the same merchant, have other refs. */
let run = newRun()
export const refOf = (name: string): string => `${name} ${run}`
export const about = (ref: string): string => `ref=${encodeURIComponent(ref)}`

/** The newest delivery about `ref`, once so many of its attempts are listed. */
export function attemptsListed(shop: Shop, ref: string, count: number): Promise<DeliveryAnswer> {
  return eventually(
    `${count} attempts of ${ref} to be listed`,
    async () => {
      const [delivery] = await shop.deliveries(about(ref))
      return delivery !== undefined && delivery.attempts.length >= count && delivery
    },
    RETRY_MS,
  )
}

/** The deliveries about `ref` to so many endpoints, once each has had its first attempt. */
export function tried(shop: Shop, ref: string, count: number): Promise<readonly DeliveryAnswer[]> {
  return eventually(
    `${count} endpoints to be tried`,
    async () => {
      const all = await shop.deliveries(about(ref))
      return all.length === count && all.every(({ attempts }) => attempts.length > 0) && all
    },
    RETRY_MS,
  )
}

/** So many deliveries of this merchant are in this state. */
export function countIn(shop: Shop, state: string, count: number, timeoutMs = RETRY_MS): Promise<unknown> {
  return eventually(
    `${count} deliveries to be ${state}`,
    async () => (await allIn(shop, state)).length === count,
    timeoutMs,
  )
}

/** All of this run, page by page; others of the merchant are older. */
export async function allIn(shop: Shop, state: string): Promise<DeliveryAnswer[]> {
  const found: DeliveryAnswer[] = []
  for (let cursor = ''; ; ) {
    const answer = await shop.call('GET', `/v1/deliveries?state=${state}&limit=100${cursor}`)
    expect(answer.status, answer.text).toBe(200)
    const { items, next_cursor } = answer.json.data
    const own = items.filter(({ ref }: DeliveryAnswer) => ref.endsWith(run))
    found.push(...own)
    if (next_cursor === null || own.length < items.length) return found
    cursor = `&cursor=${encodeURIComponent(next_cursor)}`
  }
}

/** Elsewhere there is one port, which RASID_RECEIVER leads to: the first part of the path says whose it is. */
const served = new Map<string, Handler>()
let shared: Promise<string> | undefined

async function serve(handler: Handler): Promise<string> {
  if (!remote) return await listen(handler)
  shared ??= listen((request, body, response) => {
    const serving = served.get(request.url?.split('/').at(-2) ?? '') ?? unknown
    return serving(request, body, response)
  }, Number(RASID_RECEIVER_PORT))
  await shared
  const name = randomUUID()
  served.set(name, handler)
  return `${RASID_RECEIVER.replace(/\/$/, '')}/${name}`
}

const unknown: Handler = (_request, _body, response) => {
  response.writeHead(404).end()
  return Promise.resolve()
}
