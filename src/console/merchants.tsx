/** Everybody who may send: who he is, what he may, and the switch that shuts him out. */
import { Hono } from 'hono'
import * as z from 'zod'
import { merchantInFull, mustFindMerchant } from '../api/admin'
import type { Caller } from '../api/auth'
import { changeMerchantBody } from '../api/contract'
import { parse, readForm } from '../api/validation'
import { walletName } from '../order/name'
import { accountName } from './account-cards'
import { merchantsAsked } from './accounts'
import { About, LateOrders, lateOrders } from './late'
import { Code, Facts, More, Tag, Time } from './parts'
import { type Reader, readerOf, withQuery } from './reader'
import { seeOther } from './session'
import { MerchantFacts } from './settings'
import { show } from './shell'
import { fill } from './texts'
import { OPERATOR, written } from './written'

export const merchantPages = new Hono<Caller>()

type Merchant = Awaited<ReturnType<typeof merchantInFull>>

const idQuery = z.object({ id: z.string().default('') })
const stateForm = z.object({ id: z.string(), state: changeMerchantBody.shape.state.unwrap() })

merchantPages.get('/merchants', async (c) => {
  const reader = await readerOf(c)
  const { items, next_cursor: next } = await merchantsAsked(c)
  const { operator } = reader.texts
  const words = operator.merchant
  return show(reader, {
    title: operator.nav.merchants,
    current: 'merchants',
    children: (
      <>
        <h1>{operator.nav.merchants}</h1>
        <p class="soft">{words.about}</p>
        {items.length === 0 && <p class="card soft">{words.none}</p>}
        {items.length > 0 && (
          <table class="card list">
            <thead>
              <tr>
                {[words.name, words.state, words.id, words.since].map((name) => (
                  <th scope="col">{name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map(({ id, name, state, created_at: since }) => (
                <tr>
                  <th scope="row">
                    <a href={`/console/admin/merchant?${new URLSearchParams({ id })}`}>
                      <bdi dir="auto">{name}</bdi>
                    </a>
                  </th>
                  <td>
                    <State reader={reader} state={state} />
                  </td>
                  <td>
                    <Code>{id}</Code>
                  </td>
                  <td>
                    <Time reader={reader} at={since} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { cursor: next })}
          label={words.more}
        />
      </>
    ),
  })
})

merchantPages.get('/merchant', async (c) => {
  const { id } = parse('querystring', c.req.query(), idQuery)
  const { merchant: stub, record } = await mustFindMerchant(c, id)
  const reader = await readerOf(c)
  const [merchant, orders] = await Promise.all([merchantInFull(stub, record), lateOrders(c, id, reader.now)])
  const { operator } = reader.texts
  const words = operator.merchant
  const isActive = merchant.state === 'active'
  const switched = new URLSearchParams({ id, state: isActive ? 'disabled' : 'active' })
  return show(reader, {
    title: merchant.name,
    current: 'merchants',
    children: (
      <>
        <p class="back-link">
          <a href="/console/admin/merchants">{words.all}</a>
        </p>
        <div class="heading">
          <h1 dir="auto">{merchant.name}</h1>
          <State reader={reader} state={merchant.state} />
        </div>
        <MerchantFacts reader={reader} merchant={merchant} />
        <Accounts reader={reader} merchant={merchant} />
        <section class="card">
          <h2>{operator.nav.late}</h2>
          {orders.length === 0 ? (
            <p class="soft">{operator.late.noneHis}</p>
          ) : (
            <>
              <About reader={reader} />
              <LateOrders reader={reader} orders={orders} />
            </>
          )}
        </section>
        <Keys reader={reader} keys={merchant.keys} />
        <p>
          <a class="button" href={`/console/admin/merchant/state?${switched}`}>
            {isActive ? words.disable : words.enable}
          </a>
        </p>
      </>
    ),
  })
})

/** Asks first: it shuts everybody out who has a key of his, or lets them in again. */
merchantPages.get('/merchant/state', async (c) => {
  const { id, state } = parse('querystring', c.req.query(), stateForm)
  const { record } = await mustFindMerchant(c, id)
  const reader = await readerOf(c)
  const words = reader.texts.operator.merchant
  const isOff = state === 'disabled'
  const label = isOff ? words.disable : words.enable
  return show(reader, {
    title: label,
    current: 'merchants',
    children: (
      <section class={`card verdict ${isOff ? 'back' : 'doubt'}`}>
        <h1>{fill(isOff ? words.askDisable : words.askEnable, { name: record.name })}</h1>
        <p>{isOff ? words.disableMeans : words.enableMeans}</p>
        <form class="actions" method="post" action="/console/admin/merchant/state">
          <input type="hidden" name="id" value={id} />
          <input type="hidden" name="state" value={state} />
          <button type="submit" class={isOff ? 'danger' : ''}>
            {label}
          </button>
          <a class="button" href={`/console/admin/merchant?${new URLSearchParams({ id })}`}>
            {words.keep}
          </a>
        </form>
      </section>
    ),
  })
})

merchantPages.post('/merchant/state', async (c) => {
  const { id, state } = await readForm(c, stateForm)
  const { merchant } = await mustFindMerchant(c, id)
  const acting = { merchantId: id, environment: 'production', keyId: OPERATOR } as const
  await written(c, OPERATOR, acting, async () => void (await merchant.change({ state })))
  const done = state === 'disabled' ? 'disabled' : 'enabled'
  return seeOther(`/console/admin/merchant?${new URLSearchParams({ id, done })}`)
})

function State({ reader, state }: { readonly reader: Reader; readonly state: Merchant['state'] }) {
  return <Tag tone={state === 'active' ? 'good' : 'back'}>{reader.texts.operator.merchant[state]}</Tag>
}

function Accounts({ reader, merchant }: { readonly reader: Reader; readonly merchant: Merchant }) {
  const words = reader.texts.operator.merchant
  const { credential, id } = merchant
  const wallets = [walletName(id, 'production', merchant.wallet === 'own'), walletName(id, 'sandbox', false)]
  return (
    <section class="card">
      <h2>{words.accounts}</h2>
      <ul class="rows">
        {wallets.map((wallet) => (
          <li>
            <a href={`/console/admin/account?${new URLSearchParams({ wallet })}`}>
              {accountName(reader, wallet)}
            </a>
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          [
            words.credential,
            credential === null ? (
              words.noCredential
            ) : (
              <>
                <Code>{credential.account}</Code> · <Time reader={reader} at={credential.set_at} />
              </>
            ),
          ],
        ]}
      />
    </section>
  )
}

/** What is kept of them: a key itself is stored nowhere. */
function Keys({ reader, keys }: { readonly reader: Reader; readonly keys: Merchant['keys'] }) {
  const { texts } = reader
  const words = texts.operator.merchant
  return (
    <section class="card">
      <h2>{words.keys}</h2>
      {keys.length === 0 && <p class="soft">{words.noKeys}</p>}
      <ul class="rows">
        {keys.map((key) => (
          <li>
            <b dir="auto">{key.name}</b>
            <Tag tone={key.state === 'active' ? 'good' : 'back'}>
              {key.state === 'active' ? texts.keys.active : texts.keys.revoked}
            </Tag>
            <Tag tone="">{texts.environment[key.environment]}</Tag>
            <Tag tone="">{key.scope === 'READ-ONLY' ? texts.readOnly : texts.keys.readWrite}</Tag>
            <p class="soft">
              <Code>{key.id}</Code> · {words.used}:{' '}
              {key.last_used_at === null ? words.never : <Time reader={reader} at={key.last_used_at} />} ·{' '}
              {texts.keys.from}:{' '}
              {key.allowed_ips.length === 0 ? texts.keys.anywhere : <Code>{key.allowed_ips.join(', ')}</Code>}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}
