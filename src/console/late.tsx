/** Orders that are open for longer than nearly all of them ever are. */
import { type Context, Hono } from 'hono'
import type { Caller } from '../api/auth'
import { bookOf } from '../env'
import { YOUNG_MS } from '../merchant/watchdog'
import { sandboxAccount } from '../order/name'
import { count, duration } from '../pages/format'
import type { OurOrder } from '../reconcile/ours'
import { merchantsAsked } from './accounts'
import { Code, More, StatusTag, Tag } from './parts'
import { type Reader, readerOf, withQuery } from './reader'
import { show } from './shell'
import { fill } from './texts'

export const latePages = new Hono<Caller>()

const SHOWN = 50

latePages.get('/late', async (c) => {
  const reader = await readerOf(c)
  const { items, next_cursor: next } = await merchantsAsked(c)
  const asked = items.map(async ({ id, name }) => ({ id, name, orders: await lateOrders(c, id, reader.now) }))
  const late = (await Promise.all(asked)).filter(({ orders }) => orders.length > 0)
  const words = reader.texts.operator.late
  return show(reader, {
    title: reader.texts.operator.nav.late,
    current: 'late',
    children: (
      <>
        <h1>{reader.texts.operator.nav.late}</h1>
        <About reader={reader} />
        {late.length === 0 && <p class="card soft">{words.none}</p>}
        {late.map(({ id, name, orders }) => (
          <section class="card">
            <h2>
              <a href={`/console/admin/merchant?${new URLSearchParams({ id })}`}>
                <bdi dir="auto">{name}</bdi>
              </a>
            </h2>
            <LateOrders reader={reader} orders={orders} />
          </section>
        ))}
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { cursor: next })}
          label={words.more}
        />
      </>
    ),
  })
})

/** Of one merchant, on whatever account, the oldest first. */
export async function lateOrders(
  c: Context<Caller>,
  merchantId: string,
  now: number,
): Promise<readonly OurOrder[]> {
  const book = bookOf(c.env, merchantId)
  const before = now - YOUNG_MS
  const wallets = await book.walletsOfUnknown(before)
  const found = await Promise.all(
    wallets.map((wallet) => {
      const environment = sandboxAccount(wallet) === null ? 'production' : 'sandbox'
      return book.unknownOrders({ environment, wallet }, before, null, SHOWN)
    }),
  )
  // A row of an earlier version does not tell its account: it may be on several.
  const orders = new Map(found.flat().map(({ order }) => [order.objectId, order]))
  return [...orders.values()].sort((a, b) => a.createdAt - b.createdAt).slice(0, SHOWN)
}

export function About({ reader: { texts, language } }: { readonly reader: Reader }) {
  const words = texts.operator.late
  return (
    <>
      <p class="soft">{fill(words.about, { time: duration(YOUNG_MS, language) })}</p>
      <p class="soft">{words.todo}</p>
    </>
  )
}

interface LateProps {
  readonly reader: Reader
  readonly orders: readonly OurOrder[]
}

export function LateOrders({ reader, orders }: LateProps) {
  const { texts, language, now } = reader
  const words = texts.operator.late
  return (
    <>
      <ul class="rows">
        {orders.map(({ ref, environment, status, phase, createdAt, planCode, providerId }) => (
          <li>
            <Code>{ref}</Code>
            <StatusTag reader={reader} status={status} phase={phase} />
            <Tag tone="">{texts.environment[environment]}</Tag>
            <span class="soft">{fill(words.openFor, { time: duration(now - createdAt, language) })}</span>
            <p class="soft">
              {planCode} · {texts.sides.provider_id}: <Code>{providerId ?? words.noId}</Code>
            </p>
          </li>
        ))}
      </ul>
      {orders.length === SHOWN && <p class="soft">{fill(words.cut, { orders: count(SHOWN, language) })}</p>}
    </>
  )
}
