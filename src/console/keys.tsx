/** The keys of the merchant, in the environment of the one that he has in hand: it can give no more than it has. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { createKeyBody } from '../api/contract'
import { ApiError } from '../api/envelope'
import { parse, readForm } from '../api/validation'
import { merchantById } from '../env'
import { keyView } from '../merchant/keys'
import { Code, Facts, Field, Tag, Time } from './parts'
import { type Reader, readerOf } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'
import { fill } from './texts'

export const keyPages = new Hono<Caller>()

type KeyView = ReturnType<typeof keyView>

const newForm = createKeyBody.pick({ name: true, scope: true })
const idForm = z.object({ id: z.string().min(1) })

keyPages.get('/keys', withSession('READ-ONLY'), async (c) => {
  const reader = await readerOf(c)
  const keys = await keysOf(c)
  const { texts } = reader
  return show(reader, {
    title: texts.nav.keys,
    current: 'keys',
    children: (
      <>
        <h1>{texts.nav.keys}</h1>
        <p class="soft">
          {fill(texts.keys.about, { environment: texts.environment[c.get('key').environment] })}
        </p>
        {keys.map((key) => (
          <Key reader={reader} view={key} />
        ))}
        {reader.mayAct && <New reader={reader} />}
      </>
    ),
  })
})

/** The answer is the page itself: the key is in it this once. It may be used from where the one in hand may be. */
keyPages.post('/keys', withSession('READ-WRITE'), async (c) => {
  const { merchantId, environment, allowedIps } = c.get('key')
  const { name, scope } = await readForm(c, newForm)
  const made = await merchantById(c.env, merchantId).createKey({ environment, name, scope, allowedIps })
  const reader = await readerOf(c)
  const words = reader.texts.keys
  return show(reader, {
    title: words.made,
    current: 'keys',
    status: 201,
    children: (
      <section class="card verdict good">
        <h1>{words.made}</h1>
        <label>
          <span dir="auto">{made.record.name}</span>
          <input readonly value={made.key} dir="ltr" data-copy />
        </label>
        <p>{words.once}</p>
        <p>
          <a class="button" href="/console/keys">
            {reader.texts.endpoints.kept}
          </a>
        </p>
        <template id="copy" data-label={reader.texts.copy} data-done={reader.texts.copied} />
      </section>
    ),
  })
})

/** Asks first: a revoked key is refused for ever, wherever it is in use. */
keyPages.get('/keys/revoke', withSession('READ-WRITE'), async (c) => {
  const { id } = parse('querystring', c.req.query(), idForm)
  const key = await mustFind(c, id)
  const reader = await readerOf(c)
  const words = reader.texts.keys
  return show(reader, {
    title: words.revoke,
    current: 'keys',
    children: (
      <section class="card verdict back">
        <h1>{fill(words.ask, { name: key.name })}</h1>
        <p>{key.id === c.get('key').keyId ? words.own : words.forEver}</p>
        <form class="actions" method="post" action="/console/keys/revoke">
          <input type="hidden" name="id" value={key.id} />
          <button type="submit" class="danger">
            {words.revoke}
          </button>
          <a class="button" href="/console/keys">
            {words.keep}
          </a>
        </form>
      </section>
    ),
  })
})

keyPages.post('/keys/revoke', withSession('READ-WRITE'), async (c) => {
  const { id } = await readForm(c, idForm)
  await mustFind(c, id)
  await merchantById(c.env, c.get('key').merchantId).changeKey(id, { state: 'disabled' })
  return seeOther('/console/keys?done=revoked')
})

async function keysOf(c: Context<Caller>): Promise<KeyView[]> {
  const { merchantId, environment } = c.get('key')
  const keys = await merchantById(c.env, merchantId).keys()
  return keys
    .map(({ key, lastUsedAt }) => keyView(key, lastUsedAt))
    .filter((key) => key.environment === environment)
    .sort((a, b) => b.created_at.localeCompare(a.created_at))
}

async function mustFind(c: Context<Caller>, id: string): Promise<KeyView> {
  const key = (await keysOf(c)).find((each) => each.id === id)
  if (key === undefined) throw new ApiError('NOT_FOUND', `Key '${id}' not found`)
  return key
}

function Key({ reader, view }: { readonly reader: Reader; readonly view: KeyView }) {
  const { texts } = reader
  const words = texts.keys
  const isActive = view.state === 'active'
  return (
    <section class="card">
      <h2 dir="auto">{view.name}</h2>
      <p>
        <Tag tone={isActive ? 'good' : 'back'}>{isActive ? words.active : words.revoked}</Tag>{' '}
        <Tag tone="">{view.scope === 'READ-ONLY' ? texts.readOnly : words.readWrite}</Tag>{' '}
        {view.id === reader.key?.keyId && <Tag tone="wait">{words.inHand}</Tag>}
      </p>
      <Facts
        facts={[
          [texts.orders.made, <Time reader={reader} at={view.created_at} />],
          [words.used, view.last_used_at === null ? '–' : <Time reader={reader} at={view.last_used_at} />],
          [
            words.from,
            view.allowed_ips.length === 0 ? words.anywhere : <Code>{view.allowed_ips.join(', ')}</Code>,
          ],
        ]}
      />
      {reader.mayAct && isActive && (
        <p>
          <a class="button" href={`/console/keys/revoke?id=${encodeURIComponent(view.id)}`}>
            {words.revoke}
          </a>
        </p>
      )}
    </section>
  )
}

function New({ reader: { texts } }: { readonly reader: Reader }) {
  const words = texts.keys
  return (
    <form class="card" method="post" action="/console/keys">
      <h2>{words.create}</h2>
      <Field label={texts.settings.name}>
        <input name="name" required maxlength={100} dir="auto" autocomplete="off" />
      </Field>
      <Field label={words.scope}>
        <select name="scope">
          <option value="READ-WRITE">{words.readWrite}</option>
          <option value="READ-ONLY">{texts.readOnly}</option>
        </select>
      </Field>
      <button type="submit" class="main">
        {words.create}
      </button>
    </form>
  )
}
