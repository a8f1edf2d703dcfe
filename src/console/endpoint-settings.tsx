/** What a callback address is told, and the keys that sign for it. */
import { FEED_EVENT_TYPES } from '../order/state'
import { endpointPath, typeInWords } from './callback-parts'
import type { EndpointProps } from './endpoint'
import { Code, Facts, Field, Time } from './parts'
import { word } from './texts'

const MOST_HOURS = 168

export function Settings({ reader, endpoint }: EndpointProps) {
  const { texts } = reader
  const words = texts.callbacks
  const made = [texts.orders.made, <Time reader={reader} at={endpoint.created_at} />] as const
  const id = [words.id, <Code>{endpoint.id}</Code>] as const
  if (reader.mayAct) {
    return (
      <form class="card" method="post" action={`${endpointPath(endpoint.id)}/settings`}>
        <h2>{texts.nav.settings}</h2>
        <Facts facts={[id, made]} />
        <Fields reader={reader} endpoint={endpoint} />
        <button type="submit" class="main">
          {words.save}
        </button>
      </form>
    )
  }
  return (
    <section class="card">
      <h2>{texts.nav.settings}</h2>
      <Facts
        facts={[
          id,
          made,
          [words.event, endpoint.events.map((type) => word(words.types, type)).join(' · ')],
          [words.notify, endpoint.notify_url === null ? '–' : <Code>{endpoint.notify_url}</Code>],
          [words.fold, endpoint.fold_superseded ? words.yes : words.no],
        ]}
      />
    </section>
  )
}

function Fields({ reader, endpoint }: EndpointProps) {
  const words = reader.texts.callbacks
  return (
    <>
      <Field label={reader.texts.endpoints.url}>
        <input type="url" name="url" required maxlength={2_048} dir="ltr" value={endpoint.url} />
      </Field>
      <p class="soft">{words.aboutUrl}</p>
      <Field label={words.notify}>
        <input type="url" name="notify_url" maxlength={2_048} dir="ltr" value={endpoint.notify_url ?? ''} />
      </Field>
      <fieldset>
        <legend>{reader.texts.endpoints.events}</legend>
        {FEED_EVENT_TYPES.map((type) => (
          <Box name={type} label={typeInWords(type, reader)} checked={endpoint.events.includes(type)} />
        ))}
      </fieldset>
      <Box name="fold_superseded" label={words.fold} checked={endpoint.fold_superseded} />
    </>
  )
}

function Box({ name, label, checked }: { name: string; label: string; checked: boolean }) {
  return (
    <label class="box">
      <input type="checkbox" name={name} value="on" checked={checked} />
      <span>{label}</span>
    </label>
  )
}

export function Keys({ reader, endpoint }: EndpointProps) {
  const { texts } = reader
  const words = texts.callbacks
  const [, ...former] = endpoint.public_keys
  return (
    <section class="card">
      <h2>{texts.nav.keys}</h2>
      <p>
        {words.publicKey} <Code>{endpoint.public_key}</Code>
      </p>
      {former.length > 0 && (
        <>
          <h3>{words.former}</h3>
          <ul class="rows">
            {former.map((key) => (
              <li>
                <Code>{key.public_key}</Code>
                {key.expires_at !== null && (
                  <span class="soft">
                    {words.ends} <Time reader={reader} at={key.expires_at} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {reader.mayAct && former.length > 0 && (
        <p>
          <a class="button danger" href={`${endpointPath(endpoint.id)}/revoke`}>
            {words.revoke}
          </a>
        </p>
      )}
      {reader.mayAct && <Rotate reader={reader} endpoint={endpoint} />}
    </section>
  )
}

function Rotate({ reader, endpoint }: EndpointProps) {
  const words = reader.texts.callbacks
  return (
    <details>
      <summary>{words.rotate}</summary>
      <form method="post" action={`${endpointPath(endpoint.id)}/rotate`}>
        <p>{words.aboutRotate}</p>
        <div class="search">
          <Field label={words.overlap}>
            <input type="number" name="overlap_hours" required min={0} max={MOST_HOURS} value={24} />
          </Field>
          <button type="submit" class="danger">
            {words.rotate}
          </button>
        </div>
      </form>
    </details>
  )
}
