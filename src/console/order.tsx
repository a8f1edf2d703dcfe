/** One order for whoever must explain it: a verdict, what may be done, what to tell the customer, and the evidence. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { retryDelivery } from '../api/deliveries'
import { ApiError } from '../api/envelope'
import { orderOf } from '../api/orders'
import { readForm } from '../api/validation'
import { whyTextsOf } from '../callback/why-texts'
import { story } from '../order/story'
import { calendarDate, clockTime, dinars, duration } from '../pages/format'
import { LANGUAGE_NAMES, LANGUAGES } from '../pages/language'
import { Deliveries, openOf, Steps, type Story } from './order-story'
import { Act, Code, Facts, live, Said, StatusTag, saidOf, Time } from './parts'
import { type Reader, readerOf } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'
import { fill, type Texts, textsOf } from './texts'

export const orderPage = new Hono<Caller>()

const refForm = z.object({ ref: z.string().min(1) })
const deliveryForm = z.object({ ref: z.string().min(1), delivery: z.string().min(1) })

orderPage.get('/order', withSession('READ-ONLY'), async (c) => {
  const ref = c.req.query('ref') ?? ''
  const told = await (await orderOf(c, ref)).story(c.get('key').merchantId)
  if (told === null) throw new ApiError('NOT_FOUND', `Order with reference '${ref}' not found`)
  const [reader, whyTexts] = await Promise.all([readerOf(c), whyTextsOf(c.env)])
  const order = story(told.order, told.snapshot, whyTexts)
  const link = `${new URL(c.req.url).origin}/t/${told.snapshot.statusToken}`
  const replies = await repliesOf(c, order, link)
  const { texts } = reader
  const isOpen = openOf(order)
  return show(reader, {
    title: order.ref,
    current: 'orders',
    children: (
      <>
        <p class="back-link">
          <a href="/console/orders">{texts.order.all}</a>
        </p>
        <div class="heading" {...live('state', isOpen)} {...saidOf(reader, order)}>
          <h1>
            <Code>{order.ref}</Code>
          </h1>
          <StatusTag reader={reader} status={order.status} phase={order.phase} />
        </div>
        <Verdict reader={reader} order={order} />
        <div class="columns">
          <div>
            <About reader={reader} order={order} />
            <Deliveries reader={reader} order={order} />
          </div>
          <Reply reader={reader} order={order} replies={replies} link={link} />
        </div>
        <Steps reader={reader} order={order} />
        <Said />
      </>
    ),
  })
})

/** Only asks the provider how it stands: nothing is sent. */
orderPage.post('/order/look', withSession('READ-WRITE'), async (c) => {
  const { ref } = await readForm(c, refForm)
  const order = await orderOf(c, ref)
  if ((await order.status(c.get('key').merchantId)) === null) {
    throw new ApiError('NOT_FOUND', `Order with reference '${ref}' not found`)
  }
  await order.wake()
  return backTo(ref, 'looked')
})

orderPage.post('/order/callback', withSession('READ-WRITE'), async (c) => {
  const { ref, delivery } = await readForm(c, deliveryForm)
  await retryDelivery(c, delivery)
  return backTo(ref, 'resent')
})

function backTo(ref: string, done: string): Response {
  return seeOther(`/console/order?ref=${encodeURIComponent(ref)}&done=${done}`)
}

type VerdictName = keyof Texts['verdicts']

/** The one sentence that support needs. What is not final is never called either way. */
export function verdictOf(order: Pick<Story, 'phase' | 'status' | 'final' | 'flag'>): VerdictName {
  if (order.final) return order.status === 'FULFILLED' ? 'fulfilled' : 'refunded'
  if (order.flag !== null) return 'flagged'
  switch (order.phase) {
    case 'queued':
    case 'in_doubt':
    case 'unknown':
      return order.phase
    default:
      return 'waiting'
  }
}

const TONES: Record<VerdictName, string> = {
  fulfilled: 'good',
  refunded: 'back',
  flagged: 'doubt',
  in_doubt: 'doubt',
  unknown: 'doubt',
  queued: 'wait',
  waiting: 'wait',
}

function Verdict({ reader, order }: { readonly reader: Reader; readonly order: Story }) {
  const { texts, language, now } = reader
  const name = verdictOf(order)
  const age = duration(Math.max(0, now - Date.parse(order.created_at)), language)
  return (
    <section class={`card verdict ${TONES[name]}`} {...live('verdict', openOf(order))}>
      <h2>{texts.verdicts[name].said}</h2>
      <p>{fill(texts.verdicts[name].todo, { age })}</p>
      {order.refund_message !== undefined && order.refund_message !== '' && (
        <p>
          {texts.order.providerSays} <bdi dir="auto">{order.refund_message}</bdi>
        </p>
      )}
      {reader.mayAct && !order.final && (
        <Act action="/console/order/look" fields={{ ref: order.ref }} label={texts.order.look} />
      )}
    </section>
  )
}

function About({ reader, order }: { readonly reader: Reader; readonly order: Story }) {
  const { texts, language } = reader
  const words = texts.order
  const amount = order.topup_amount > 0 ? dinars(order.topup_amount, language) : '–'
  const taken = order.balance_amount > 0 ? dinars(order.balance_amount, language) : '–'
  return (
    <section class="card" {...live('about', openOf(order))}>
      <h2>{words.about}</h2>
      <Facts
        facts={[
          [texts.orders.number, <bdi dir="ltr">{order.MSSIDN}</bdi>],
          [texts.orders.amount, amount],
          [words.taken, taken],
          [texts.orders.plan, <Code>{order.plan_code}</Code>],
          [words.id, <Code>{order._id}</Code>],
          ...(order.provider_id === null
            ? []
            : [[words.providerId, <Code>{order.provider_id}</Code>] as const]),
          [texts.orders.made, <Time reader={reader} at={order.created_at} />],
          [words.settled, order.settled_at === null ? '–' : <Time reader={reader} at={order.settled_at} />],
          ...(order.next_check_at === null
            ? []
            : [[words.nextLook, <Time reader={reader} at={order.next_check_at} />] as const]),
        ]}
      />
    </section>
  )
}

type Replies = readonly { readonly language: (typeof LANGUAGES)[number]; readonly text: string }[]

/** In the customer's language, which need not be the reader's. */
async function repliesOf(c: Context<Caller>, order: Story, link: string): Promise<Replies> {
  const at = Date.parse(order.created_at)
  return await Promise.all(
    LANGUAGES.map(async (language) => {
      const texts = await textsOf(c.env, language)
      const text = fill(texts.replies[verdictOf(order)], {
        amount: dinars(order.topup_amount, language),
        number: `\u2066${order.MSSIDN}\u2069`,
        date: calendarDate(at, language),
        time: clockTime(at, language),
      })
      return { language, text: `${text}\n${link}` }
    }),
  )
}

interface ReplyProps {
  readonly reader: Reader
  readonly order: Story
  readonly replies: Replies
  readonly link: string
}

function Reply({ reader, order, replies, link }: ReplyProps) {
  const { texts } = reader
  return (
    <section class="card" {...live('reply', openOf(order))}>
      <h2>{texts.order.reply}</h2>
      {replies.map(({ language, text }) => (
        <label class="reply">
          <span>{LANGUAGE_NAMES[language]}</span>
          <textarea readonly rows={5} lang={language} dir={language === 'ar' ? 'rtl' : 'ltr'} data-copy>
            {text}
          </textarea>
        </label>
      ))}
      <label class="reply">
        <span>{texts.order.link}</span>
        <input readonly value={link} dir="ltr" data-copy />
      </label>
      <p>
        <a href={link}>{texts.order.open}</a>
      </p>
      <template id="copy" data-label={texts.copy} data-done={texts.copied} />
    </section>
  )
}
