/** Small things that several pages show. */
import type { Child } from 'hono/jsx'
import type { ApiError } from '../api/envelope'
import type { Phase, Status } from '../order/state'
import { count, duration, shortDateTime } from '../pages/format'
import { OPERATOR_ROOT, type Reader } from './reader'
import { word } from './texts'

interface Read {
  readonly reader: Reader
}

/** Words in letters of their own direction: refs, ids, addresses. */
export function Code({ children }: { readonly children: Child }) {
  return (
    <bdi dir="auto" class="code">
      {children}
    </bdi>
  )
}

export function Time({ reader, at, exact = false }: Read & { at: string | number; exact?: boolean }) {
  const time = new Date(at)
  const text = shortDateTime(time.getTime(), reader.language, exact)
  return <time datetime={time.toISOString()}>{text}</time>
}

type Tone = 'good' | 'back' | 'doubt' | 'wait' | ''

export function Tag({ tone, children }: { readonly tone: Tone; readonly children: Child }) {
  return <span class={`tag ${tone}`}>{children}</span>
}

const TONES: Record<Status, Tone> = {
  PENDING: 'wait',
  HANDLING: 'wait',
  UNKNOWN_ERROR: 'doubt',
  FULFILLED: 'good',
  REFUNDED: 'back',
}

/** What is shown of an order in one word: the phase where that says more than the status. */
export function StatusTag({ reader, status, phase }: Read & { status: string; phase: Phase }) {
  const { texts } = reader
  const tone = Object.entries(TONES).find(([name]) => name === status)?.[1] ?? ''
  if (phase === 'in_doubt') return <Tag tone="doubt">{texts.phases.in_doubt}</Tag>
  return <Tag tone={tone}>{word(texts.statuses, status)}</Tag>
}

/** What is shown of an order in one word, told to who cannot see that it changes. */
export function saidOf(
  { texts }: Reader,
  { ref, status, phase }: { ref: string; status: string; phase: Phase },
) {
  const state = phase === 'in_doubt' ? texts.phases.in_doubt : word(texts.statuses, status)
  return { 'data-said': `${ref}: ${state}` }
}

/** A part of a page that scripts keep as it is on the server while `isOpen`. */
export function live(id: string, isOpen: boolean) {
  return { id, ...(isOpen && { 'data-live': '' }) }
}

/** Where scripts say what has changed. */
export function Said() {
  return <p id="said" class="unseen" role="status" />
}

/** A form that does one thing to one thing. */
export function Act(props: {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  readonly label: string
  readonly danger?: boolean
  readonly main?: boolean
}) {
  return (
    <form method="post" action={props.action}>
      {Object.entries(props.fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={props.danger ? 'danger' : props.main ? 'main' : ''}>
        {props.label}
      </button>
    </form>
  )
}

export function Field({ label, children }: { readonly label: string; readonly children: Child }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: what is labelled comes with the children.
    <label>
      <span>{label}</span>
      {children}
    </label>
  )
}

/** Of a `<select>`; the empty one asks nothing. */
export function Choice(props: {
  readonly name: string
  readonly label: string
  readonly all: string
  readonly options: readonly string[]
  readonly words: Readonly<Record<string, string>>
  readonly chosen: string
}) {
  return (
    <Field label={props.label}>
      <select name={props.name}>
        <option value="">{props.all}</option>
        {props.options.map((option) => (
          <option value={option} selected={option === props.chosen}>
            {word(props.words, option)}
          </option>
        ))}
      </select>
    </Field>
  )
}

/** Forward only: a cursor knows no way back, and the browser does. */
export function More({ href, label }: { readonly href: string | null; readonly label: string }) {
  return href === null ? null : (
    <p class="more">
      <a class="button" href={href} rel="next">
        {label}
      </a>
    </p>
  )
}

export function Facts({ facts }: { readonly facts: readonly (readonly [name: Child, value: Child])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

type Told = Readonly<Record<string, string | number | null>>

/** What somebody says, in words where there are some: names end in what they are, `_at`, `_ms`. */
export function toldFacts(reader: Reader, told: Told): (readonly [string, Child])[] {
  return Object.entries(told).map(([name, value]) => [
    word(reader.texts.sides, name),
    <ToldValue reader={reader} name={name} value={value} />,
  ])
}

function ToldValue({ reader, name, value }: Read & { name: string; value: string | number | null }) {
  const { language, texts } = reader
  if (value === null || value === '') return '–'
  if (name === 'at' || name.endsWith('_at')) return <Time reader={reader} at={value} exact />
  if (typeof value === 'number') return (name.endsWith('_ms') ? duration : count)(value, language)
  return Object.hasOwn(texts.sideValues, value) ? word(texts.sideValues, value) : <Code>{value}</Code>
}

/** What the API refused, in words; its own words are for whoever asks its author. */
export function Refusal({ reader, error }: Read & { error: ApiError }) {
  return (
    <div class="note back" role="alert">
      <p>{errorInWords(error.code, reader)}</p>
      <p lang="en" dir="ltr" class="soft">
        {`${error.code}: ${error.message}`}
      </p>
    </div>
  )
}

/** What a refusal means to who reads it. */
export function errorInWords(code: string, { root, texts }: Reader): string {
  const codes = { ...texts.errors.codes, ...(root === OPERATOR_ROOT ? texts.operator.codes : {}) }
  return word(codes, Object.hasOwn(codes, code) ? code : 'other')
}
