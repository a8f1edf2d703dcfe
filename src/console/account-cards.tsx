/** A provider account in cards: money, breaker, budgets, and what is new in the provider's answers. */
import type { Child } from 'hono/jsx'
import { sandboxAccount, walletOwner } from '../order/name'
import { count, dinars, duration } from '../pages/format'
import { type AccountState, differenceDzd, troublesOf } from './account-troubles'
import { Code, Facts, Tag, Time } from './parts'
import type { Reader } from './reader'
import { fill } from './texts'

export interface AccountProps {
  readonly reader: Reader
  readonly state: AccountState
}

type Fact = readonly [name: Child, value: Child]

export function accountName({ texts: { operator } }: Reader, wallet: string): string {
  const merchant = walletOwner(wallet) ?? sandboxAccount(wallet)
  if (merchant === null) return operator.account.shared
  return fill(sandboxAccount(wallet) === null ? operator.account.own : operator.account.sandbox, { merchant })
}

export function Troubles({ reader, state }: AccountProps) {
  const { operator } = reader.texts
  const troubles = troublesOf(state, reader.now)
  return (
    <>
      {troubles.length === 0 && <p class="note good">{operator.account.well}</p>}
      {troubles.map(([trouble, tone]) => (
        <p class={`note ${tone}`}>{operator.troubles[trouble]}</p>
      ))}
    </>
  )
}

export function AccountCards(props: AccountProps) {
  return (
    <div class="columns">
      <div>
        <Balance {...props} />
        <Breaker {...props} />
      </div>
      <Requests {...props} />
    </div>
  )
}

function Balance({ reader, state }: AccountProps) {
  const { texts, language } = reader
  const words = texts.operator.account
  const { balance, settings, id } = state.view
  const { dzd, hours_left: hours } = balance
  const { low_balance_dzd: lowDzd, low_balance_hours: lowHours } = settings
  const marks = [
    ...(lowDzd === null ? [] : [dinars(lowDzd, language)]),
    ...(lowHours === null ? [] : [fill(words.hours, { hours: count(lowHours, language) })]),
  ]
  const time = (at: string | null) => (at === null ? words.notYet : <Time reader={reader} at={at} />)
  const difference = differenceDzd(state.reports)
  const books = new URLSearchParams({ wallet: id })
  return (
    <section class="card">
      <h2>{words.money}</h2>
      <Facts
        facts={[
          [words.balance, dzd === null ? words.notYet : dinars(dzd, language)],
          [words.told, time(balance.at)],
          [words.left, hours === null ? words.cannotTell : duration(hours * 3_600_000, language)],
          [words.lowMark, marks.join(' · ') || words.none],
          [words.statement, time(balance.statement_read_at)],
          [
            words.difference,
            <a href={`/console/admin/reports?${books}`}>
              {difference === null ? words.compared : dinars(difference, language)}
            </a>,
          ],
          [
            words.openFindings,
            <a href={`/console/admin/findings?${books}`}>{count(state.openFindings, language)}</a>,
          ],
        ]}
      />
    </section>
  )
}

export const BREAKER_TONES = { closed: 'good', open: 'back', half_open: 'doubt' } as const

function Breaker({ reader, state }: AccountProps) {
  const { texts } = reader
  const words = texts.operator.account
  const { breaker } = state.view
  const { since, reason, next_probe_at: nextProbeAt } = breaker
  const facts: Fact[] = [
    ...(since === null ? [] : [[words.breakerSince, <Time reader={reader} at={since} exact />] as const]),
    ...(reason === null ? [] : [[words.breakerWhy, texts.sideValues[reason]] as const]),
    ...(nextProbeAt === null
      ? []
      : [[words.nextProbe, <Time reader={reader} at={nextProbeAt} exact />] as const]),
  ]
  return (
    <section class="card">
      <h2>{words.breaker}</h2>
      <p>
        <Tag tone={BREAKER_TONES[breaker.state]}>{words.states[breaker.state]}</Tag>
      </p>
      <p class="soft">{words.stateWords[breaker.state]}</p>
      <Facts facts={facts} />
    </section>
  )
}

function Requests({ reader, state: { view } }: AccountProps) {
  const { texts, language } = reader
  const words = texts.operator.account
  return (
    <section class="card">
      <h2>{words.pace}</h2>
      <Facts
        facts={[
          [words.waiting, count(view.sends.waiting, language)],
          [words.watched, count(view.watched_orders, language)],
          ...budgetFacts(reader, words.sends, view.sends),
          ...budgetFacts(reader, words.reads, view.reads),
        ]}
      />
    </section>
  )
}

function budgetFacts(reader: Reader, direction: string, budget: AccountState['view']['reads']): Fact[] {
  const { texts, language } = reader
  const words = texts.operator.account
  const [rate, limit] = [Math.round(budget.rate_per_minute), budget.limit_per_minute].map((each) =>
    count(each, language),
  )
  const name = (text: string) => fill(text, { direction })
  return [
    [name(words.now), count(budget.left, language)],
    [name(words.rate), fill(words.ofLimit, { rate: rate ?? '', limit: limit ?? '' })],
    [name(words.made), count(budget.total, language)],
    ...(budget.paused_until === null
      ? []
      : [[name(words.pausedUntil), <Time reader={reader} at={budget.paused_until} exact />] as const]),
  ]
}

/** What the provider changed without telling anybody. The samples are its own bytes. */
export function Drift({ reader, state: { view } }: AccountProps) {
  const { texts, language } = reader
  const words = texts.operator.account
  const time = (at: string | null) => (at === null ? '–' : <Time reader={reader} at={at} />)
  return (
    <section class="card">
      <h2>{words.drift}</h2>
      <p class="soft">{view.drift.length === 0 ? words.noDrift : words.driftAbout}</p>
      <ul class="rows">
        {view.drift.map(({ kind, count: times, first_at: first, last_at: last, sample }) => (
          <li>
            <Code>{kind}</Code>
            <span class="soft">
              {fill(words.times, { times: count(times, language) })} · {time(first)} – {time(last)}
            </span>
            <details>
              <summary>{texts.sides.sample}</summary>
              <pre dir="ltr" tabindex={0}>
                {sample}
              </pre>
            </details>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** On pages about one account. */
export function AccountLink({ reader, wallet }: { readonly reader: Reader; readonly wallet: string }) {
  return (
    <p class="back-link">
      <a href={`/console/admin/account?${new URLSearchParams({ wallet })}`}>{accountName(reader, wallet)}</a>
    </p>
  )
}
