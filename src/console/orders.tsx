/** The list of orders: one box for whatever a customer reads out, and the filters that the API has. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import type { Caller } from '../api/auth'
import { ordersQuery } from '../api/contract'
import { ordersCsv, ordersPage, toFilter } from '../api/orders'
import { parse } from '../api/validation'
import { type OrderFilter, type OrderView, readPlace, writePlace } from '../merchant/order-row'
import { readMsisdn } from '../order/msisdn'
import { LISTED_PHASES, STATUSES } from '../order/state'
import { dinars } from '../pages/format'
import { Choice, Code, Field, live, More, Said, StatusTag, saidOf, Time } from './parts'
import { filled, type Reader, readerOf, withQuery } from './reader'
import { withSession } from './session'
import { show } from './shell'

export const orderPages = new Hono<Caller>()

const SHOWN = 25

orderPages.get('/orders', withSession('READ-ONLY'), async (c) => {
  const reader = await readerOf(c)
  const asked = c.req.query()
  const query = queryOf(asked)
  const before = query.cursor === undefined ? null : readPlace(query.cursor)
  const { items, next } = await ordersPage(c, await filterOf(c, asked, query), before, query.limit)
  const url = new URL(c.req.url)
  const more = next === null ? null : withQuery(url, { cursor: writePlace(next) })
  const csv = withQuery(new URL(`/console/orders.csv${url.search}`, url), { cursor: null, lang: null })
  const { texts } = reader
  return show(reader, {
    title: texts.nav.orders,
    current: 'orders',
    children: (
      <>
        <div class="heading">
          <h1>{texts.nav.orders}</h1>
          <a class="button" href={csv} download>
            {texts.orders.csv}
          </a>
        </div>
        <Search reader={reader} asked={asked} />
        {items.length === 0 ? (
          <p class="card soft">{more === null ? texts.orders.none : texts.orders.noneYet}</p>
        ) : (
          <List reader={reader} orders={items} />
        )}
        <More href={more} label={texts.orders.more} />
        <Said />
      </>
    ),
  })
})

orderPages.get('/orders.csv', withSession('READ-ONLY'), async (c) => {
  const asked = c.req.query()
  return ordersCsv(c, await filterOf(c, asked, queryOf(asked)), null)
})

type Asked = Readonly<Record<string, string>>
type Query = z.output<typeof ordersQuery>

/** Days are Algerian. */
function queryOf({ status, phase, plan, from, to, cursor }: Asked): Query {
  const given = filled({
    status,
    phase,
    plan: plan?.trim(),
    from: from && `${from}T00:00:00+01:00`,
    to: to && `${to}T23:59:59.999+01:00`,
    cursor,
  })
  return parse('querystring', { ...given, limit: SHOWN }, ordersQuery)
}

/** What was typed is a number if it reads as one, else a ref, and else an id. */
async function filterOf(c: Context<Caller>, { q = '' }: Asked, query: Query): Promise<OrderFilter | null> {
  const text = q.trim()
  if (text === '') return await toFilter(c, query)
  const number = readMsisdn(text)
  if (number !== null) return await toFilter(c, { ...query, number })
  return (await toFilter(c, { ...query, ref: text })) ?? (await toFilter(c, { ...query, id: text }))
}

function Search({ reader, asked }: { readonly reader: Reader; readonly asked: Asked }) {
  const { texts } = reader
  const words = texts.orders
  const isNarrowed = ['status', 'phase', 'plan', 'from', 'to'].some((name) => asked[name])
  return (
    <search>
      <form class="card search" method="get" action="/console/orders">
        <label class="wide">
          <span>{words.search}</span>
          <input type="search" name="q" value={asked.q ?? ''} dir="auto" autocomplete="off" data-search />
        </label>
        <button type="submit" class="main">
          {words.find}
        </button>
        <details class="wide" open={isNarrowed}>
          <summary>{words.filters}</summary>
          <div class="fields">
            <Choice
              name="status"
              label={words.status}
              all={words.all}
              options={STATUSES}
              words={texts.statuses}
              chosen={asked.status ?? ''}
            />
            <Choice
              name="phase"
              label={words.phase}
              all={words.all}
              options={LISTED_PHASES}
              words={texts.phases}
              chosen={asked.phase ?? ''}
            />
            <Field label={words.plan}>
              <input name="plan" value={asked.plan ?? ''} dir="ltr" autocomplete="off" />
            </Field>
            <Field label={words.from}>
              <input type="date" name="from" value={asked.from ?? ''} />
            </Field>
            <Field label={words.to}>
              <input type="date" name="to" value={asked.to ?? ''} />
            </Field>
          </div>
        </details>
      </form>
    </search>
  )
}

function List({ reader, orders }: { readonly reader: Reader; readonly orders: readonly OrderView[] }) {
  const { texts, language } = reader
  const words = texts.orders
  return (
    <table class="card list">
      <thead>
        <tr>
          {[words.ref, words.status, words.number, words.amount, words.plan, words.made].map((name) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody
        {...live(
          'rows',
          orders.some(({ final }) => !final),
        )}
      >
        {orders.map((order) => (
          <tr id={`order:${order.ref}`} {...saidOf(reader, order)}>
            <th scope="row">
              <a href={`/console/order?ref=${encodeURIComponent(order.ref)}`}>
                <Code>{order.ref}</Code>
              </a>
            </th>
            <td>
              <StatusTag reader={reader} status={order.status} phase={order.phase} />
            </td>
            <td>
              <bdi dir="ltr">{order.MSSIDN}</bdi>
            </td>
            <td>{dinars(order.topup_amount, language)}</td>
            <td>
              <Code>{order.plan_code}</Code>
            </td>
            <td>
              <Time reader={reader} at={order.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
