/** What would be sent, for a person to check against what he was told; the button under it sends. */
import type { Context } from 'hono'
import type { Caller } from '../api/auth'
import { orderOf } from '../api/orders'
import { termsFromPlans } from '../api/plans'
import { merchantById } from '../env'
import type { Limits } from '../merchant/limits'
import type { Refusal } from '../order/state'
import { count, dinars } from '../pages/format'
import { walletOf } from '../provider/account'
import { usualNetwork } from '../provider/catalogue'
import { Act, Code, errorInWords, Facts } from './parts'
import { type Reader, readerOf } from './reader'
import { type HandBody, NothingReal } from './send-form'
import { show } from './shell'
import { fill, word } from './texts'

type Known = Awaited<ReturnType<typeof knownOf>>
type Told = Pick<Refusal, 'httpStatus' | 'code' | 'message'>

/** What the catalogue says of it, as the API asks it before a send. */
export async function knownOf(c: Context<Caller>, { plan_code: planCode, MSSIDN: msisdn, amount }: HandBody) {
  const { wallet } = await walletOf(c.env, c.get('key'))
  return await termsFromPlans(c.env, wallet, { planCode, msisdn, amountDzd: amount ?? null })
}

/** `refusal` is what a send was answered; before one, what it would be answered. */
export async function checkPage(
  c: Context<Caller>,
  body: HandBody,
  known: Known,
  refusal: Told | null,
): Promise<Response> {
  const { merchantId, environment } = c.get('key')
  const { ref, MSSIDN: msisdn, allow_duplicate: allowDuplicate = false } = body
  const merchant = merchantById(c.env, merchantId)
  const [before, foreseen, record] = await Promise.all([
    orderOf(c, ref).then((order) => order.status(merchantId)),
    merchant.foresee({ environment, ref, msisdn, valueDzd: known.valueDzd, allowDuplicate }),
    merchant.describe(),
  ])
  const { verdict, sentTodayDzd } = foreseen
  const told = refusal ?? (verdict.kind === 'refused' ? verdict.refusal : null)
  const warnings = [...known.warnings, ...(verdict.kind === 'admitted' ? verdict.warnings : [])]
  const reader = await readerOf(c)
  const words = reader.texts.send
  return show(reader, {
    title: words.check,
    current: 'send',
    status: refusal?.httpStatus ?? 200,
    children: (
      <>
        <h1>{words.check}</h1>
        <NothingReal reader={reader} />
        {before === null ? (
          <>
            {told !== null && <Refused reader={reader} told={told} />}
            {warnings.map(({ code, message }) => (
              <Note tone="doubt" words={word(words.warnings, code)} said={message} />
            ))}
          </>
        ) : (
          <Used reader={reader} bodyRef={ref} />
        )}
        <section class="card">
          <Asked reader={reader} body={body} valueDzd={known.valueDzd} />
          {record !== null && <Left reader={reader} limits={record.limits} sentTodayDzd={sentTodayDzd} />}
          {before === null && <Buttons reader={reader} body={body} code={told?.code ?? null} />}
        </section>
      </>
    ),
  })
}

interface Props {
  readonly reader: Reader
}

function Refused({ reader, told }: Props & { readonly told: Told }) {
  return <Note tone="back" words={errorInWords(told.code, reader)} said={`${told.code}: ${told.message}`} />
}

function Note({ tone, words, said }: { tone: 'back' | 'doubt'; words: string; said: string }) {
  return (
    <div class={`note ${tone}`} role="alert">
      <p>{words}</p>
      <p lang="en" dir="ltr">
        {said}
      </p>
    </div>
  )
}

/** Nothing new can be sent under it: the way on leads to the order that has it. */
function Used({ reader: { texts }, bodyRef }: Props & { readonly bodyRef: string }) {
  return (
    <div class="note doubt" role="alert">
      <p>{texts.send.used}</p>
      <p>
        <a href={`/console/order?ref=${encodeURIComponent(bodyRef)}`}>{texts.send.see}</a>
      </p>
    </div>
  )
}

function Asked({ reader, body, valueDzd }: Props & { body: HandBody; valueDzd: number | null }) {
  const { texts, language } = reader
  const words = texts.send
  const amount = valueDzd ?? body.amount
  return (
    <>
      <p class="read-out">
        <bdi dir="ltr">{body.MSSIDN.match(/../g)?.join(' ')}</bdi>
        <span>{amount === undefined ? words.priceUnknown : dinars(amount, language)}</span>
      </p>
      <Facts
        facts={[
          [texts.orders.plan, <Code>{body.plan_code}</Code>],
          [words.operator, usualNetwork(body.MSSIDN) ?? '–'],
          [texts.orders.ref, <Code>{body.ref}</Code>],
        ]}
      />
    </>
  )
}

/** The merchant's limits, before this send. */
function Left(props: Props & { readonly limits: Limits; readonly sentTodayDzd: number }) {
  const { reader, limits, sentTodayDzd } = props
  const { texts, language } = reader
  const words = texts.settings
  const { dailyAmountDzd: daily, largestAmountDzd: largest, repeat } = limits
  const left = daily === null ? 0 : Math.max(0, daily - sentTodayDzd)
  const amounts = { left: dinars(left, language), limit: dinars(daily ?? 0, language) }
  return (
    <Facts
      facts={[
        [words.daily, daily === null ? words.none : fill(texts.send.left, amounts)],
        [words.largest, largest === null ? words.none : dinars(largest, language)],
        [
          words.repeat,
          repeat === null
            ? words.none
            : fill(words.repeats[repeat.action], { minutes: count(repeat.minutes, language) }),
        ],
      ]}
    />
  )
}

/** What is refused for a limit is not offered; what was sent a moment ago may be meant, and then it is said. */
function Buttons({ reader: { texts }, body, code }: Props & { body: HandBody; code: string | null }) {
  const { ref, plan_code, MSSIDN, amount } = body
  const typed = { ref, plan_code, MSSIDN, ...(amount === undefined ? {} : { amount: String(amount) }) }
  const isRepeat = code === 'REPEATED_TOPUP'
  const mayPass = code === null || isRepeat || code === 'SERVICE_UNAVAILABLE'
  const fields = isRepeat || body.allow_duplicate ? { ...typed, allow_duplicate: 'true' } : typed
  return (
    <div class="actions">
      {mayPass && (
        <Act
          action="/console/send"
          fields={fields}
          label={isRepeat ? texts.send.again : texts.send.send}
          danger={isRepeat}
          main
        />
      )}
      <a class="button" href={`/console/send?${new URLSearchParams(typed)}`}>
        {texts.send.change}
      </a>
    </div>
  )
}
