/**
 * One row of the provider's statement (`GET /v3/account/transactions`): money that came or went. Pure and total: a page that
 * cannot be read whole is none, since a row that is passed over could be the one that matters.
 */
import * as z from 'zod'

const CENTIMES_PER_DZD = 100
/** The provider's own notes are a plan and a number; a human needs no more to know what it was. */
const NOTE_CHARACTERS = 120
/** The last that can be written as an ISO date. */
const MAX_TIME_MS = 8_640_000_000_000_000

/** Of a phone number its first two and last two digits are left: 06••••••12. Fixed lines have nine digits. */
const PHONE =
  /(?<![\da-f])(?:(?:\+|00)?213[ .-]?0?|0)(?<first>[2-7])(?:[ .-]?\d){5,6}[ .-]?(?<last>\d[ .-]?\d)(?![\da-f])/gu

export interface Movement {
  readonly id: string
  /** The provider's word: FLEXY, REFUND-FLEXY, DEPOSIT, SEND and so on. */
  readonly type: string
  /** The object it belongs to: of a FLEXY, the provider's id of the top-up; null where it is not shown. */
  readonly topupId: string | null
  /** Unix ms, by the provider's clock. */
  readonly at: number
  readonly beforeCentimes: number
  readonly afterCentimes: number
  /** Cut, and without phone numbers: it is stored and told. */
  readonly note: string
}

export interface StatementPage {
  readonly movements: readonly Movement[]
  /** Which one it is, in its own words; null when it does not say. */
  readonly page: number | null
  readonly totalPages: number
  readonly totalResults: number | null
}

/** Balances were seen as numbers; text costs nothing to take. */
const centimes = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(?:\.\d+)?$/u)
      .transform(Number),
  ])
  .transform((dzd) => Math.round(dzd * CENTIMES_PER_DZD))
  .refine(Number.isSafeInteger)

const time = z
  .union([z.string().transform((text) => Date.parse(text)), z.number()])
  .refine((at) => Number.isSafeInteger(at) && at >= 0 && at <= MAX_TIME_MS)

/** `amount` is not read: whether it is the face value or the charge is not documented, and the two balances say what was taken. */
const row = z
  .object({
    _id: z.string().min(1),
    type: z.string().min(1),
    objid: z.string().min(1).nullable().catch(null),
    oldBalance: centimes,
    newBalance: centimes,
    note: z.string().catch(''),
    time,
  })
  .transform(
    (shown): Movement => ({
      id: shown._id,
      type: shown.type,
      topupId: shown.objid,
      at: shown.time,
      beforeCentimes: shown.oldBalance,
      afterCentimes: shown.newBalance,
      note: told(shown.note),
    }),
  )

const statementPage = z.object({
  items: z.array(row),
  pagination: z.object({
    page: z.number().int().nullable().catch(null),
    totalPages: z.number().int().nonnegative(),
    totalResults: z.number().int().nullable().catch(null),
  }),
})

/** Of the answer's `data` as JSON text; null when it is not a page of the statement. */
export function readStatementPage(dataJson: string): StatementPage | null {
  const parsed = statementPage.safeParse(parseJson(dataJson))
  return parsed.success ? { movements: parsed.data.items, ...parsed.data.pagination } : null
}

/** Money that left the account. Direction is read from the balances: the words for it are not documented. */
export function isDebit({ beforeCentimes, afterCentimes }: Movement): boolean {
  return afterCentimes < beforeCentimes
}

export function dzdOf(amountCentimes: number): number {
  return amountCentimes / CENTIMES_PER_DZD
}

function told(note: string): string {
  const masked = note
    .trim()
    .replace(PHONE, (_, first: string, last: string) => `0${first}••••••${last.replace(/\D/u, '')}`)
  return Array.from(masked).slice(0, NOTE_CHARACTERS).join('')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
