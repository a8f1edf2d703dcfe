/** What merchants and the operator may ask to be compared, and how they are refused. */
import type * as z from 'zod'
import type { reconciliationBody } from './contract'
import { ApiError } from './envelope'

/** More is a run of hours, in which the account can be asked little else. */
const MAX_WINDOW_DAYS = 31
const DAY_MS = 24 * 3_600_000

/** Unix ms. Whoever says "until tomorrow" means until now: what is to come cannot be compared. */
export function windowOf(
  asked: Pick<z.output<typeof reconciliationBody>, 'from' | 'to'>,
  now: number,
): { from: number; to: number } {
  const from = Date.parse(asked.from)
  const to = Math.min(Date.parse(asked.to), now)
  const refuse = (message: string) =>
    new ApiError('ERR_VALIDATION', `body/from ${message}`, { field: 'from', value: asked.from })
  if (from >= now) throw refuse('must be in the past')
  if (from >= to) throw refuse('must be before to')
  if (to - from > MAX_WINDOW_DAYS * DAY_MS) throw refuse(`must be at most ${MAX_WINDOW_DAYS} days before to`)
  return { from, to }
}

export function running(id: string): ApiError {
  const message = 'A reconciliation is under way; there is one at a time'
  return new ApiError('RECONCILIATION_RUNNING', message, { id })
}

export function noReport(id: string): ApiError {
  return new ApiError('NOT_FOUND', `Reconciliation '${id}' not found`)
}
