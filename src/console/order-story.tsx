/** What was done for an order, step by step, with what was sent and what came back; and who was told of it. */
import type { story } from '../order/story'
import { Act, Code, live, StatusTag, Tag, Time } from './parts'
import type { Reader } from './reader'
import { fill, word } from './texts'

export type Story = ReturnType<typeof story>

interface Props {
  readonly reader: Reader
  readonly order: Story
}

/** Something on its page may still change by itself. */
export function openOf({ final, deliveries }: Story): boolean {
  return !final || deliveries.some(({ state }) => state === 'pending')
}

/** The beginning is enough to recognise an answer; the whole is in the API. */
const SHOWN = 2_000

export function Steps({ reader, order }: Props) {
  const { texts } = reader
  return (
    <section class="card" {...live('steps', openOf(order))}>
      <h2>{texts.order.story}</h2>
      {order.folded_at !== null && <p class="soft">{texts.order.folded}</p>}
      <ol class="story">
        {order.steps.map((step) => (
          <li>
            <p>
              {step.at !== null && <Time reader={reader} at={step.at} exact />}{' '}
              <strong>{word(texts.deeds, step.did)}</strong> {resultInWords(step.result, reader)}{' '}
              {step.times > 1 && <span class="soft">{fill(texts.order.times, { times: step.times })}</span>}
              <StatusTag reader={reader} status={step.status} phase={step.phase} />
            </p>
            {step.exchanges.map((exchange) => (
              <Exchange reader={reader} exchange={exchange} />
            ))}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** `found: PENDING`: the first word is ours, what follows the provider's or a cause. */
function resultInWords(result: string, { texts }: Reader) {
  const [kind = '', ...more] = result.split(': ')
  const detail = more.join(': ')
  return (
    <>
      {word(texts.results, kind)}
      {detail !== '' && (
        <>
          {' '}
          <Code>{detail}</Code>
        </>
      )}
    </>
  )
}

type Exchanged = Story['steps'][number]['exchanges'][number]

function Exchange({ reader, exchange }: { readonly reader: Reader; readonly exchange: Exchanged }) {
  const { method, path, sent, http_status, failure, received, duration_ms } = exchange
  return (
    <details>
      <summary>
        <bdi dir="ltr" class="code">
          {`${method} ${path} → ${http_status ?? failure ?? '?'} (${duration_ms} ms)`}
        </bdi>
      </summary>
      {sent !== null && <Raw name={reader.texts.order.sent} text={sent} />}
      {received !== '' && <Raw name={reader.texts.order.received} text={received} />}
    </details>
  )
}

function Raw({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <>
      <p class="soft">{name}</p>
      <pre dir="ltr" tabindex={0}>
        {text.slice(0, SHOWN)}
      </pre>
    </>
  )
}

const TONES = { delivered: 'good', failed: 'back', held: 'doubt', pending: 'wait' } as const

export function Deliveries({ reader, order }: Props) {
  const { texts, language } = reader
  const words = texts.order
  return (
    <section class="card" {...live('deliveries', openOf(order))}>
      <h2>{words.callbacks}</h2>
      {order.deliveries.length === 0 && <p class="soft">{words.noCallbacks}</p>}
      <ul class="rows">
        {order.deliveries.map((delivery) => (
          <li>
            <Code>{delivery.event_type}</Code>
            <Tag tone={Object.entries(TONES).find(([state]) => state === delivery.state)?.[1] ?? ''}>
              {word(texts.deliveries, delivery.state)}
            </Tag>
            <Code>{delivery.url}</Code>
            <span class="soft">{fill(words.attempts, { attempts: delivery.attempts.length })}</span>
            {delivery.why !== null && <p dir="auto">{delivery.why[language]}</p>}
            {reader.mayAct && delivery.state !== 'cancelled' && (
              <Act
                action="/console/order/callback"
                fields={{ ref: order.ref, delivery: delivery.id }}
                label={words.resend}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
