/** The form in which a top-up is typed. It asks for a page and sends nothing. */
import * as z from 'zod'
import { sendBody } from '../api/contract'
import { ApiError } from '../api/envelope'
import { parse } from '../api/validation'
import { readMsisdn } from '../order/msisdn'
import { dinars } from '../pages/format'
import type { Language } from '../pages/language'
import type { Catalogue, Plan } from '../provider/catalogue'
import { Field } from './parts'
import type { Reader } from './reader'
import { word } from './texts'

export type Typed = Readonly<Record<string, string>>

/** The field that is wrong, and what the catalogue says of it. */
export interface Wrong {
  readonly field: string
  readonly message: string | null
}

/** The fields of the API's body, as people write them. */
export const handBody = z.object({
  ref: sendBody.shape.ref.unwrap(),
  plan_code: sendBody.shape.plan_code,
  MSSIDN: z
    .string()
    .transform((text) => readMsisdn(text) ?? text)
    .pipe(sendBody.shape.MSSIDN),
  amount: z.coerce.number().pipe(sendBody.shape.amount.unwrap()).optional(),
  allow_duplicate: z
    .literal('true')
    .transform(() => true)
    .optional(),
})

export type HandBody = z.output<typeof handBody>

export function readTyped(typed: Typed): HandBody | ApiError {
  try {
    const given = Object.entries(typed).filter(([, value]) => value !== '')
    return parse('querystring', Object.fromEntries(given), handBody)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

export function wrongIn(details: Readonly<Record<string, unknown>> | null, message: string | null): Wrong {
  return { field: String(details?.field), message }
}

interface Props {
  readonly reader: Reader
  readonly typed: Typed
  readonly wrong: Wrong | null
  /** Null while the provider's plans are not known. */
  readonly catalogue: Catalogue | null
}

export function TypedForm({ reader, typed, wrong, catalogue }: Props) {
  const { texts } = reader
  const words = texts.send
  const field = (name: string) => ({
    name,
    ...(wrong?.field === name && { 'aria-invalid': 'true' as const, 'aria-describedby': 'wrong' }),
  })
  const chosen = typed.plan_code ?? ''
  return (
    <form class="card" method="get" action="/console/send/check">
      {wrong !== null && (
        <div class="note back" role="alert" id="wrong">
          <p>{word(words.wrong, wrong.field)}</p>
          {wrong.message !== null && (
            <p lang="en" dir="ltr">
              {wrong.message}
            </p>
          )}
        </div>
      )}
      <Field label={words.number}>
        <input type="tel" {...field('MSSIDN')} value={typed.MSSIDN} required autocomplete="off" dir="ltr" />
      </Field>
      <Field label={texts.orders.plan}>
        {catalogue === null ? (
          <input {...field('plan_code')} value={chosen} required dir="ltr" autocomplete="off" />
        ) : (
          <select {...field('plan_code')} required>
            <option value="">{words.choose}</option>
            <Options reader={reader} catalogue={catalogue} chosen={chosen} />
          </select>
        )}
      </Field>
      <Field label={words.amount}>
        <input type="number" {...field('amount')} value={typed.amount} min="0" step="1" dir="ltr" />
      </Field>
      <Field label={words.ref}>
        <input {...field('ref')} value={typed.ref} required maxlength={200} dir="ltr" autocomplete="off" />
      </Field>
      <button type="submit" class="main">
        {words.check}
      </button>
    </form>
  )
}

type Sold = Extract<Plan, { kind: 'dynamic' | 'fixed' }>

/** What can be bought, by network; asking for a number's offers buys nothing. */
function Options({
  reader,
  catalogue,
  chosen,
}: Pick<Props, 'reader'> & { catalogue: Catalogue; chosen: string }) {
  const sold = Array.from(catalogue).flatMap(([code, plan]) =>
    plan.kind === 'dynamic' || plan.kind === 'fixed' ? [[code, plan] as const] : [],
  )
  const networks = new Set(sold.map(([, plan]) => plan.network))
  return (
    <>
      {Array.from(networks, (network) => (
        <optgroup label={network ?? reader.texts.send.other}>
          {sold
            .filter(([, plan]) => plan.network === network)
            .map(([code, plan]) => (
              <option value={code} selected={code === chosen}>
                {`${code} · ${priceOf(plan, reader.language)}`}
              </option>
            ))}
        </optgroup>
      ))}
    </>
  )
}

function priceOf(plan: Sold, language: Language): string {
  if (plan.kind === 'fixed') return dinars(plan.priceDzd, language)
  return `${dinars(plan.minDzd, language)} – ${dinars(plan.maxDzd, language)}`
}

export function NothingReal({ reader: { key, texts } }: { readonly reader: Reader }) {
  return key?.environment === 'sandbox' ? <p class="note doubt">{texts.send.sandbox}</p> : null
}
