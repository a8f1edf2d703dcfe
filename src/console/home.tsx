/** The home page: how the day goes, what is in doubt, and whether callbacks arrive. */
import { type Context, Hono } from 'hono'
import type { Caller } from '../api/auth'
import { listEndpoints } from '../api/endpoints'
import { bookOf, walletByName } from '../env'
import type { EndpointView } from '../merchant/endpoint-view'
import { algerianDay } from '../merchant/limits'
import { dayStart } from '../merchant/summary'
import { OPERATOR_WALLET } from '../order/name'
import { count, dinars, duration } from '../pages/format'
import { walletOf } from '../provider/account'
import type { MoneyView } from '../provider/money'
import { Charts, type StatisticsProps, Tiles } from './figures'
import { Code, Facts, StatusTag, Time } from './parts'
import { bucketsOf, RANGE_NAMES, type RangeName, rangeOf } from './ranges'
import { type Reader, readerOf } from './reader'
import { withSession } from './session'
import { show } from './shell'
import { fill } from './texts'

export const homePage = new Hono<Caller>()

homePage.get('/', withSession('READ-ONLY'), async (c) => {
  const reader = await readerOf(c)
  const { merchantId, environment } = c.get('key')
  const range = rangeOf(c.req.query('range'))
  const buckets = bucketsOf(range, reader.now)
  const today = dayStart(algerianDay(reader.now))
  const [statistics, endpoints, money] = await Promise.all([
    bookOf(c.env, merchantId).statistics({ environment, today, ...buckets }),
    listEndpoints(c),
    moneyOf(c),
  ])
  const { from, bucketMs } = buckets
  const starts = statistics.buckets.map((_, index) => from + index * bucketMs)
  return show(reader, {
    title: reader.texts.nav.home,
    current: 'home',
    children: (
      <>
        <Heading reader={reader} range={range} />
        <Tiles reader={reader} statistics={statistics} range={range} />
        <Charts reader={reader} statistics={statistics} range={range} starts={starts} />
        <div class="columns">
          <Doubtful reader={reader} statistics={statistics} />
          <div>
            <Callbacks reader={reader} endpoints={endpoints} />
            {money !== null && <Money reader={reader} money={money} />}
          </div>
        </div>
      </>
    ),
  })
})

/** Null on the account that merchants share: what is there is not his. */
async function moneyOf(c: Context<Caller>): Promise<MoneyView | null> {
  const { wallet } = await walletOf(c.env, c.get('key'))
  return wallet === OPERATOR_WALLET ? null : (await walletByName(c.env, wallet).describe()).money
}

function Heading({ reader: { texts }, range }: { readonly reader: Reader; readonly range: RangeName }) {
  return (
    <div class="heading">
      <h1>{texts.nav.home}</h1>
      <nav class="switch" aria-label={texts.home.range}>
        {RANGE_NAMES.map((name) => (
          <a href={`?range=${name}`} {...(name === range ? { 'aria-current': 'true' } : {})}>
            {texts.ranges[name]}
          </a>
        ))}
      </nav>
    </div>
  )
}

function Doubtful({ reader, statistics: { doubtful, doubtfulTotal } }: StatisticsProps) {
  const { texts, language, now } = reader
  return (
    <section class="card">
      <h2>{texts.home.doubtful}</h2>
      {doubtful.length === 0 ? (
        <p class="soft">{texts.home.noDoubt}</p>
      ) : (
        <ul class="rows">
          {doubtful.map(({ ref, phase, status, createdAt }) => (
            <li>
              <a href={`/console/order?ref=${encodeURIComponent(ref)}`}>
                <Code>{ref}</Code>
              </a>
              <StatusTag reader={reader} status={status} phase={phase} />
              <span class="soft">
                {fill(texts.home.openFor, { time: duration(now - createdAt, language) })}
              </span>
            </li>
          ))}
        </ul>
      )}
      {doubtfulTotal > doubtful.length && (
        <p class="soft">
          {fill(texts.home.moreDoubt, { orders: count(doubtfulTotal - doubtful.length, language) })}
        </p>
      )}
    </section>
  )
}

function Callbacks({ reader, endpoints }: { readonly reader: Reader; readonly endpoints: EndpointView[] }) {
  const { texts, language } = reader
  const active = endpoints.filter(({ state }) => state === 'active').length
  const held = endpoints.reduce((total, endpoint) => total + endpoint.held, 0)
  const troubled = endpoints.filter(({ state, health }) => state === 'disabled' || health.state !== 'ok')
  const words = texts.home.callbacks
  return (
    <section class="card">
      <h2>{words.title}</h2>
      {endpoints.length === 0 ? (
        <p class="soft">{words.none}</p>
      ) : (
        <>
          <p class={troubled.length === 0 ? 'note good' : 'note back'}>
            {troubled.length === 0
              ? words.well
              : fill(words.troubled, { endpoints: count(troubled.length, language) })}
          </p>
          <Facts
            facts={[
              [words.active, `${count(active, language)} / ${count(endpoints.length, language)}`],
              [words.held, count(held, language)],
            ]}
          />
        </>
      )}
      <p>
        <a href="/console/endpoints">{words.link}</a>
      </p>
    </section>
  )
}

function Money({
  reader,
  money: { balance, hoursLeft },
}: {
  readonly reader: Reader
  readonly money: MoneyView
}) {
  const { texts, language } = reader
  const words = texts.home.money
  return (
    <section class="card">
      <h2>{words.title}</h2>
      {balance === null ? (
        <p class="soft">{words.notRead}</p>
      ) : (
        <Facts
          facts={[
            [words.balance, dinars(balance.dzd, language)],
            [words.at, <Time reader={reader} at={balance.at} />],
            [words.left, hoursLeft === null ? words.cannotTell : duration(hoursLeft * 3_600_000, language)],
          ]}
        />
      )}
    </section>
  )
}
