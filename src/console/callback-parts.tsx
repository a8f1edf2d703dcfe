/** What the pages about callbacks share: the way between them, a delivery in a list, and a secret that is shown once. */
import type { DeliveryView } from '../merchant/delivery-view'
import type { EndpointView } from '../merchant/endpoint-view'
import { count } from '../pages/format'
import { Code, Tag, Time } from './parts'
import type { Reader } from './reader'
import { fill, word } from './texts'

interface Read {
  readonly reader: Reader
}

const PAGES = ['endpoints', 'deliveries', 'events', 'replays'] as const

/** Beside the heading: the navigation above has room for the first of them. */
export function CallbackPages({ reader, current }: Read & { current: (typeof PAGES)[number] }) {
  const words = reader.texts.callbacks
  return (
    <nav class="switch" aria-label={reader.texts.nav.endpoints}>
      {PAGES.map((page) => (
        <a href={`/console/${page}`} {...(page === current ? { 'aria-current': 'page' } : {})}>
          {words.pages[page]}
        </a>
      ))}
    </nav>
  )
}

export function endpointPath(id: string): string {
  return `/console/endpoints/${encodeURIComponent(id)}`
}

const STATE_TONES = { active: 'good', paused: 'doubt', disabled: 'back', unverified: 'wait' } as const
const HEALTH_TONES = { ok: 'good', failing: 'doubt', silent: 'back' } as const

export function EndpointTags({ reader, endpoint }: Read & { endpoint: EndpointView }) {
  const { states, health } = reader.texts.endpoints
  const { state } = endpoint
  return (
    <>
      <Tag tone={STATE_TONES[state]}>{states[state]}</Tag>{' '}
      {state === 'active' && (
        <Tag tone={HEALTH_TONES[endpoint.health.state]}>{health[endpoint.health.state]}</Tag>
      )}
    </>
  )
}

export function OrderLink({ text }: { readonly text: string }) {
  return (
    <a href={`/console/order?ref=${encodeURIComponent(text)}`}>
      <Code>{text}</Code>
    </a>
  )
}

/** Of `<select>` and of boxes to tick: what people call it, and what the code does. */
export function typeInWords(type: string, { texts }: Reader): string {
  return `${word(texts.callbacks.types, type)} (\u2066${type}\u2069)`
}

type Attempted = Pick<DeliveryView['attempts'][number], 'outcome' | 'http_status' | 'duration_ms'>

/** `Server error · 504 · 312 ms`. */
export function Answered({ reader, attempt }: Read & { attempt: Attempted }) {
  const { outcome, http_status, duration_ms } = attempt
  const parts = [
    word(reader.texts.callbacks.outcomes, outcome),
    ...(http_status === null ? [] : [String(http_status)]),
    `\u2066${count(duration_ms, reader.language)} ms\u2069`,
  ]
  return <span class="soft">{parts.join(' · ')}</span>
}

const TONES = { delivered: 'good', failed: 'back', held: 'doubt', pending: 'wait' } as const

export function DeliveryTag({ reader, state }: Read & { state: string }) {
  const tone = Object.entries(TONES).find(([name]) => name === state)?.[1] ?? ''
  return <Tag tone={tone}>{word(reader.texts.deliveries, state)}</Tag>
}

export function DeliveryRows({ reader, items }: Read & { items: readonly DeliveryView[] }) {
  const words = reader.texts.callbacks
  if (items.length === 0) return <p class="soft">{words.noDeliveries}</p>
  const isOfSeveral = items.some(({ endpoint_id }) => endpoint_id !== items[0]?.endpoint_id)
  return (
    <ul class="rows">
      {items.map((delivery) => {
        const newest = delivery.attempts.at(-1)
        return (
          <li>
            {newest === undefined ? (
              <span class="soft">{words.untried}</span>
            ) : (
              <Time reader={reader} at={newest.at} exact />
            )}
            <OrderLink text={delivery.ref} />
            <span>{word(words.types, delivery.event_type)}</span>
            {isOfSeveral && <Code>{delivery.url}</Code>}
            <DeliveryTag reader={reader} state={delivery.state} />
            {newest !== undefined && <Answered reader={reader} attempt={newest} />}
            <a href={`/console/deliveries/${encodeURIComponent(delivery.id)}`}>
              {fill(words.attempts, { attempts: count(delivery.attempts.length, reader.language) })}
            </a>
            {delivery.why !== null && <p dir="auto">{delivery.why[reader.language]}</p>}
          </li>
        )
      })}
    </ul>
  )
}

interface SecretProps extends Read {
  readonly title: string
  readonly url: string
  readonly secret: string
  readonly href: string
}

/** The secret is in this answer and in no other. */
export function Secret({ reader, title, url, secret, href }: SecretProps) {
  const words = reader.texts.endpoints
  return (
    <section class="card verdict good">
      <h1>{title}</h1>
      <p>
        <Code>{url}</Code>
      </p>
      <label>
        <span>{words.secret}</span>
        <input readonly value={secret} dir="ltr" data-copy />
      </label>
      <p>{words.secretOnce}</p>
      <p>
        <a class="button" href={href}>
          {words.kept}
        </a>
      </p>
      <template id="copy" data-label={reader.texts.copy} data-done={reader.texts.copied} />
    </section>
  )
}
