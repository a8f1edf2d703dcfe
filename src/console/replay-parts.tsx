/** A bulk replay in words: what is chosen for it, and how far it has come. */
import type * as z from 'zod'
import type { replayBody } from '../api/contract'
import type { ReplayView } from '../merchant/replay'
import { DELIVERY_STATES, EVENT_TYPES } from '../order/state'
import { count } from '../pages/format'
import { Choice, Code, Facts, Field, Tag, Time } from './parts'
import type { Reader } from './reader'
import { fill, word } from './texts'

export type ReplayBody = z.output<typeof replayBody>
export type Asked = Readonly<Record<string, string>>

interface ChooseProps {
  readonly reader: Reader
  readonly asked: Asked
  /** Of the endpoints, by id. */
  readonly urls: Readonly<Record<string, string>>
}

export function Choose({ reader: { texts }, asked, urls }: ChooseProps) {
  const words = texts.replays
  return (
    <form class="card" method="get" action="/console/replays/count">
      <h2>{words.choose}</h2>
      <div class="fields">
        <Field label={words.from}>
          <input type="datetime-local" name="from" value={asked.from ?? ''} />
        </Field>
        <Field label={words.to}>
          <input type="datetime-local" name="to" value={asked.to ?? ''} />
        </Field>
        <Choice
          name="status"
          label={texts.orders.status}
          all={words.any}
          options={DELIVERY_STATES}
          words={texts.deliveries}
          chosen={asked.status ?? 'failed'}
        />
        <Choice
          name="event_type"
          label={texts.callbacks.event}
          all={texts.orders.all}
          options={EVENT_TYPES}
          words={texts.callbacks.types}
          chosen={asked.event_type ?? ''}
        />
        <Choice
          name="endpoint_id"
          label={texts.callbacks.address}
          all={words.any}
          options={Object.keys(urls)}
          words={urls}
          chosen={asked.endpoint_id ?? ''}
        />
      </div>
      <button type="submit" class="main">
        {words.count}
      </button>
    </form>
  )
}

interface ChosenProps {
  readonly reader: Reader
  readonly body: ReplayBody
  readonly urls: Readonly<Record<string, string>>
}

export function Chosen({ reader, body, urls }: ChosenProps) {
  const { texts } = reader
  const { from, to, status, event_type, endpoint_id } = body
  const time = (at: string | undefined) => (at === undefined ? '–' : <Time reader={reader} at={at} exact />)
  const named = (words: Readonly<Record<string, string>>, key: string | undefined) =>
    key === undefined ? texts.replays.any : word(words, key)
  return (
    <Facts
      facts={[
        [texts.replays.from, time(from)],
        [texts.replays.to, time(to)],
        [texts.orders.status, named(texts.deliveries, status)],
        [texts.callbacks.event, named(texts.callbacks.types, event_type)],
        [texts.callbacks.address, <Code>{named(urls, endpoint_id)}</Code>],
      ]}
    />
  )
}

const TONES = { running: 'wait', complete: 'good', cancelled: 'doubt' } as const

export function Progress({ reader, replay }: { readonly reader: Reader; readonly replay: ReplayView }) {
  const { texts, language } = reader
  const words = texts.replays
  const { state, matched, done, skipped } = replay
  const behind = Object.values(skipped).reduce((sum, each) => sum + each, done)
  const text = fill(words.progress, { done: count(behind, language), all: count(matched, language) })
  return (
    <>
      <p>
        <Tag tone={TONES[state]}>{words.states[state]}</Tag> <span>{text}</span>
      </p>
      {state === 'running' && (
        <progress max={matched} value={behind} aria-label={words.one}>
          {text}
        </progress>
      )}
    </>
  )
}

export function Figures({ reader, replay }: { readonly reader: Reader; readonly replay: ReplayView }) {
  const { texts, language } = reader
  const words = texts.replays
  const { done, skipped, finished_at } = replay
  return (
    <Facts
      facts={[
        [words.done, count(done, language)],
        ...Object.entries(skipped).map(
          ([reason, number]) => [word(words.skipped, reason), count(number, language)] as const,
        ),
        [words.begun, <Time reader={reader} at={replay.created_at} exact />],
        ...(finished_at === null
          ? []
          : [[words.finished, <Time reader={reader} at={finished_at} exact />] as const]),
      ]}
    />
  )
}
