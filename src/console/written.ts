/** Everything that is done in the console is written down before it is done: no page has to remember it. */
import type { Context } from 'hono'
import { routePath } from 'hono/route'
import type { Caller } from '../api/auth'
import { ApiError } from '../api/envelope'
import { merchantById } from '../env'
import type { Act } from '../merchant/activity'
import type { KeyEntry } from '../merchant/keys'
import { maskedNumber } from '../pages/format'
import { logError } from '../platform/log'

/** In place of a session and of a key, where the operator acted. */
export const OPERATOR = 'operator'

const MAX_SUBJECT_LENGTH = 200
/** Merchants put phone numbers into refs and names. */
const NUMBER = /(?<!\d)(?:(?:\+|00)?213|0)[\s.-]?[567](?:[\s.-]?\d){8}(?!\d)/g

/** False when the session is over: then nothing was done. */
export async function written(
  c: Context<Caller>,
  session: string,
  { merchantId, environment, keyId }: Pick<KeyEntry, 'merchantId' | 'environment' | 'keyId'>,
  run: () => Promise<void>,
): Promise<boolean> {
  const merchant = merchantById(c.env, merchantId)
  const fields = new URLSearchParams(await c.req.text())
  const asked = actOf(routePath(c), { ...Object.fromEntries(fields), ...c.req.param() })
  const place = await merchant.actBegins({ environment, session, keyId, ...asked })
  if (place === null) return false
  const end = (outcome: string) =>
    merchant
      .actEnded(environment, place, outcome)
      .catch((error: unknown) => logError('console.act_ended', error))
  try {
    await run()
  } catch (error) {
    await end(codeOf(error))
    throw error
  }
  await end(c.get('refused') ?? (c.error === undefined ? 'done' : codeOf(c.error)))
  return true
}

/** What is written down of a form: never more of its fields than these. */
export function actOf(
  route: string,
  fields: Readonly<Record<string, string>>,
): Pick<Act, 'action' | 'subject'> {
  const { ref, id, name, url, state = '' } = fields
  const subject = ref || id || name || (url && hostOf(url))
  const pattern = route.replace('/console', '')
  return {
    action: /^[a-z]{1,20}$/.test(state) ? `${pattern} ${state}` : pattern,
    subject: subject?.replace(NUMBER, maskedNumber).slice(0, MAX_SUBJECT_LENGTH) ?? null,
  }
}

/** Of an address, whose path may be a secret. */
function hostOf(url: string): string | null {
  return URL.parse(url)?.host ?? null
}

function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'INTERNAL_ERROR'
}
