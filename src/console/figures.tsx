/** The figures of the home page: four numbers, and two drawings of how they came about. */
import { LOOKED_AT, type Statistics } from '../merchant/statistics'
import { successRate } from '../merchant/statistics-maths'
import { calendarDate, clockTime, count, dinars, duration, percent, shortDateTime } from '../pages/format'
import { Chart } from './charts'
import type { RangeName } from './ranges'
import type { Reader } from './reader'
import { fill } from './texts'

export interface StatisticsProps {
  readonly reader: Reader
  readonly statistics: Statistics
}

export function Tiles({ reader, statistics, range }: StatisticsProps & { readonly range: RangeName }) {
  const { texts, language } = reader
  const { today, times, buckets, since } = statistics
  const rate = successRate(sum(buckets))
  const time = (ms: number | null) => (ms === null ? '–' : duration(ms, language))
  const inRange = texts.inRange[range]
  return (
    <>
      <dl class="tiles">
        <Tile
          name={texts.home.today}
          value={count(today.fulfilled + today.refunded + today.open, language)}
          more={fill(texts.home.delivered, { amount: dinars(today.fulfilledDzd, language) })}
        />
        <Tile
          name={texts.home.success}
          value={rate === null ? '–' : percent(rate, language)}
          more={inRange}
        />
        <Tile name={texts.home.median} value={time(times.medianMs)} more={inRange} />
        <Tile name={texts.home.p95} value={time(times.p95Ms)} more={inRange} />
      </dl>
      {since !== null && (
        <p class="note wait">
          {fill(texts.home.since, {
            time: shortDateTime(since, language),
            orders: count(LOOKED_AT, language),
          })}
        </p>
      )}
    </>
  )
}

function Tile({
  name,
  value,
  more,
}: {
  readonly name: string
  readonly value: string
  readonly more: string
}) {
  return (
    <div class="card">
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <small>{more}</small>
      </dd>
    </div>
  )
}

export function Charts(
  props: StatisticsProps & { readonly range: RangeName; readonly starts: readonly number[] },
) {
  const { reader, statistics, range, starts } = props
  const { texts, language } = reader
  const { buckets } = statistics
  const total = sum(buckets)
  const times = starts.map((at) =>
    range === '24h'
      ? clockTime(at, language)
      : range === '7d'
        ? shortDateTime(at, language)
        : calendarDate(at, language),
  )
  const numbers = {
    fulfilled: count(total.fulfilled, language),
    refunded: count(total.refunded, language),
    open: count(total.open, language),
  }
  const { medianMs } = statistics.times
  const median = medianMs === null ? '–' : duration(medianMs, language)
  return (
    <div class="columns">
      <Chart
        reader={reader}
        title={texts.home.orders}
        summary={fill(texts.home.ordersSummary, numbers)}
        times={times}
        series={[
          { name: texts.home.fulfilled, tone: 'good', values: buckets.map(({ fulfilled }) => fulfilled) },
          { name: texts.home.refunded, tone: 'back', values: buckets.map(({ refunded }) => refunded) },
          { name: texts.home.open, tone: 'wait', values: buckets.map(({ open }) => open) },
        ]}
        format={(value) => count(value, language)}
      />
      <Chart
        reader={reader}
        title={texts.home.times}
        summary={fill(texts.home.timesSummary, { median })}
        times={times}
        series={[{ name: texts.home.median, tone: 'wait', values: buckets.map(({ medianMs }) => medianMs) }]}
        format={(value) => duration(value, language)}
      />
    </div>
  )
}

function sum(buckets: Statistics['buckets']) {
  const add = (name: 'fulfilled' | 'refunded' | 'open') =>
    buckets.reduce((total, bucket) => total + bucket[name], 0)
  return { fulfilled: add('fulfilled'), refunded: add('refunded'), open: add('open') }
}
