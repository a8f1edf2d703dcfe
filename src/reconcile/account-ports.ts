/** What a reconciliation asks of the world, asked of the objects of this gateway: the account's wallet, orders and books. */
import { bookOf, type Env, merchantById, orderById, orderByName, walletByName } from '../env'
import type { BookedOrder, OnAccount, TimeRange } from '../merchant/comparable'
import type { OrderPlace } from '../merchant/order-row'
import { OPERATOR_WALLET, orderName, sandboxAccount, walletOwner } from '../order/name'
import { readCatalogue } from '../provider/catalogue'
import { refOwner } from '../provider/ownership'
import type { Tracked } from '../provider/watch'
import type { DynamicPlans } from './compare'
import { merchantIds } from './every-merchant'
import type { Finding } from './finding'
import type { OurOrder } from './ours'
import type { Ports } from './ports'

/** The platform allows six open connections per object run. */
const PARALLEL = 6

/** The account that a run is about. */
export interface Subject extends OnAccount {
  /** Its fingerprint: with another credential nothing is read. */
  readonly account: string
  /** Whose orders; null: everybody's. */
  readonly merchantId: string | null
  /** From then on nothing more is read, unix ms: the platform ends an alarm after 15 minutes, and what it was at is lost. */
  readonly until: number
}

/** `findNobodys`: keeps a finding that is no merchant's. */
export function accountPorts(env: Env, subject: Subject, findNobodys: (finding: Finding) => void): Ports {
  const accountOwner = walletOwner(subject.wallet) ?? sandboxAccount(subject.wallet)
  return {
    ...providerPorts(env, subject),
    ...bookPorts(env, subject, accountOwner),
    ...orderPorts(env, subject),
    owner: (shownRef) => refOwner(subject.wallet, shownRef),
    accountOwner,
    find: async (merchantId, finding) => {
      const whose = merchantId ?? accountOwner
      // A ref that a stranger chose may name a merchant who does not exist: no book is opened for him.
      const isHis = whose !== null && (await merchantById(env, whose).describe()) !== null
      if (isHis) await bookOf(env, whose).find(finding)
      else findNobodys(finding)
    },
    random: Math.random,
    now: Date.now,
  }
}

type ProviderPorts = Pick<Ports, 'list' | 'statement' | 'look' | 'topup' | 'dynamicPlans'>

function providerPorts(env: Env, subject: Subject): ProviderPorts {
  const { wallet: name, account, until } = subject
  const wallet = walletByName(env, name)
  const hasTime = () => Date.now() < until
  return {
    list: async (window, page) => (hasTime() ? await wallet.listPage(account, window, page) : null),
    statement: async (window, page) => (hasTime() ? await wallet.statementPage(account, window, page) : null),
    topup: async (id) => (hasTime() ? await wallet.topup(account, id) : null),
    look: async (upstreamRef) => {
      if (hasTime()) return await wallet.lookPatiently(await trackedBy(env, subject, upstreamRef))
      return { outcome: { kind: 'no_answer', reason: 'no_time', retryAfterSeconds: null }, evidence: [] }
    },
    dynamicPlans: async () => {
      const plans = await wallet.plans()
      return plans === null ? null : dynamicPlans(plans.dataJson)
    },
  }
}

/** The order knows which account it went out on. A row without an order is looked for on this one. */
async function trackedBy(env: Env, { wallet, account }: Subject, upstreamRef: string): Promise<Tracked> {
  const owner = refOwner(wallet, upstreamRef)
  const order = owner === null ? null : await (await orderOf(env, owner)).tracked()
  if (order?.upstreamRef === upstreamRef) return order
  return { order: '', upstreamRef, account, planCode: '', submittedAt: 0, providerId: null }
}

async function orderOf(
  env: Env,
  { merchantId, environment, ref }: Pick<OurOrder, 'merchantId' | 'environment' | 'ref'>,
) {
  return orderByName(env, await orderName(merchantId, environment, ref))
}

function dynamicPlans(dataJson: string): DynamicPlans {
  const plans = readCatalogue(dataJson)
  if (plans === null) return null
  const dynamic = Array.from(plans).filter(([, { kind }]) => kind === 'dynamic')
  return new Set(dynamic.map(([code]) => code.toLowerCase()))
}

type OrderPorts = Pick<Ports, 'order' | 'observe' | 'rebook'>

function orderPorts(env: Env, { environment, wallet }: Subject): OrderPorts {
  return {
    order: async (merchantId, ref) => {
      const order = await (await orderOf(env, { merchantId, environment, ref })).comparable(merchantId)
      // Of the same name, on another account: it explains nothing of this one.
      return order?.wallet === wallet ? order : null
    },
    observe: async ({ objectId, merchantId }, told) => {
      const order = orderById(env, objectId)
      await order.observe(told)
      return await order.comparable(merchantId)
    },
    rebook: async (objectId) => await orderById(env, objectId).rebook(),
  }
}

type BookPorts = Pick<Ports, 'merchants' | 'rows' | 'unknown'>

function bookPorts(env: Env, subject: Subject, accountOwner: string | null): BookPorts {
  const { environment, wallet } = subject
  const onAccount: OnAccount = { environment, wallet }
  const candidates = memoized(() => candidatesOf(env, subject, accountOwner))
  return {
    merchants: async (from, to) => {
      const all = await candidates()
      // Of all times: who ever had one is not worth the reading of every row.
      return from <= 0 ? all : await withOrders(env, all, onAccount, { from, to })
    },
    rows: (merchantId, range, after, limit) =>
      pageOf(env, wallet, { after, limit }, (place) =>
        bookOf(env, merchantId).comparable(onAccount, range, place, limit),
      ),
    unknown: (merchantId, before, after, limit) =>
      pageOf(env, wallet, { after, limit }, (place) =>
        bookOf(env, merchantId).unknownOrders(onAccount, before, place, limit),
      ),
  }
}

/** Who may have orders on the account. */
async function candidatesOf(
  env: Env,
  { wallet, merchantId }: Subject,
  accountOwner: string | null,
): Promise<string[]> {
  if (merchantId !== null) return [merchantId]
  if (wallet !== OPERATOR_WALLET) return accountOwner === null ? [] : [accountOwner]
  const all: string[] = []
  for await (const one of merchantIds(env)) all.push(one)
  return all
}

async function withOrders(
  env: Env,
  merchants: readonly string[],
  account: OnAccount,
  range: TimeRange,
): Promise<string[]> {
  const asked = await inParallel(merchants, async (merchantId) => {
    return (await bookOf(env, merchantId).hasOrders(account, range)) ? merchantId : null
  })
  return asked.filter((merchantId) => merchantId !== null)
}

/**
 * A page of rows that are on the account. A row of the time before rows told their account is asked of its order, which is also the
 * truth of it; one whose order is not there is shown as it is.
 */
async function pageOf(
  env: Env,
  wallet: string,
  { after, limit }: { readonly after: OrderPlace | null; readonly limit: number },
  read: (after: OrderPlace | null) => Promise<BookedOrder[]>,
): Promise<readonly OurOrder[]> {
  const found: OurOrder[] = []
  let place = after
  for (;;) {
    const page = await read(place)
    const sure = await inParallel(page, (row) => sureOf(env, wallet, row))
    found.push(...sure.filter((order) => order !== null))
    const last = page.at(-1)?.order
    // Short only at the end: whoever turns the pages goes by that.
    if (last === undefined || page.length < limit || found.length >= limit) return found.slice(0, limit)
    place = { createdAt: last.createdAt, objectId: last.objectId }
  }
}

async function sureOf(env: Env, wallet: string, { order, isSure }: BookedOrder): Promise<OurOrder | null> {
  const own = isSure ? null : await orderById(env, order.objectId).comparable(order.merchantId)
  if (own === null) return order
  return own.wallet === wallet ? own : null
}

/** In the order in which they were asked. */
async function inParallel<T, U>(all: readonly T[], ask: (one: T) => Promise<U>): Promise<U[]> {
  const answers: U[] = []
  for (let start = 0; start < all.length; start += PARALLEL) {
    answers.push(...(await Promise.all(all.slice(start, start + PARALLEL).map(ask))))
  }
  return answers
}

function memoized<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}
