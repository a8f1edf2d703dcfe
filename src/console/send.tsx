/**
 * A top-up sent by hand: typed, checked by a person, sent as the API sends it. The address of the form has the order's
 * ref in it, so going back, reloading and pressing twice are always about the same order; only a new form is a new one.
 */
import { type Context, Hono } from 'hono'
import type { Caller } from '../api/auth'
import { ApiError } from '../api/envelope'
import { plansOf } from '../api/plans'
import { sendTopup } from '../api/topups'
import { readForm } from '../api/validation'
import { randomHex } from '../platform/crypto'
import { walletOf } from '../provider/account'
import type { Catalogue } from '../provider/catalogue'
import { readerOf, withQuery } from './reader'
import { checkPage, knownOf } from './send-check'
import { handBody, NothingReal, readTyped, type Typed, TypedForm, type Wrong, wrongIn } from './send-form'
import { seeOther, withSession } from './session'
import { show } from './shell'

export const sendPages = new Hono<Caller>()

sendPages.get('/send', withSession('READ-WRITE'), (c) => {
  const typed = c.req.query()
  if (typed.ref) return formPage(c, typed, null)
  return seeOther(withQuery(new URL(c.req.url), { ref: `hand-${randomHex(12)}` }))
})

sendPages.get('/send/check', withSession('READ-WRITE'), async (c) => {
  const typed = c.req.query()
  const body = readTyped(typed)
  if (body instanceof ApiError) return formPage(c, typed, wrongIn(body.details, null))
  const known = await knownOf(c, body)
  const { objection } = known
  if (objection === null) return checkPage(c, body, known, null)
  return formPage(c, typed, wrongIn(JSON.parse(objection.detailsJson ?? '{}'), objection.message))
})

sendPages.post('/send', withSession('READ-WRITE'), async (c) => {
  const body = await readForm(c, handBody)
  const answer = await sendTopup(c, body)
  if (answer.kind === 'sent') {
    const done = answer.replayed ? 'sent_before' : 'sent'
    return seeOther(`/console/order?ref=${encodeURIComponent(body.ref)}&done=${done}`)
  }
  const known = await knownOf(c, body)
  const refusal = answer.kind === 'refused' ? answer.refusal : IN_USE
  c.set('refused', refusal.code)
  return checkPage(c, body, known, refusal)
})

/** What the API answers to another body under a ref; the page shows the order that has it. */
const IN_USE = { httpStatus: 403, code: 'DUPLICATED_REF', message: 'This reference ID is already in use' }

async function formPage(c: Context<Caller>, typed: Typed, wrong: Wrong | null): Promise<Response> {
  const reader = await readerOf(c)
  const { wallet } = await walletOf(c.env, c.get('key'))
  const catalogue: Catalogue | null = (await plansOf(c.env, wallet))?.catalogue ?? null
  const { send } = reader.texts
  return show(reader, {
    title: send.title,
    current: 'send',
    status: wrong === null ? 200 : 400,
    children: (
      <>
        <h1>{send.title}</h1>
        <NothingReal reader={reader} />
        <TypedForm reader={reader} typed={typed} wrong={wrong} catalogue={catalogue} />
      </>
    ),
  })
}
