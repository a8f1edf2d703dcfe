/** A merchant's own credential at the provider: what is kept of it, and what is asked before. Pure. */
import * as z from 'zod'
import type { ReadOutcome } from '../provider/classify'

/** The credential itself is only in `sealed`, and nobody is ever shown it again. */
export interface Credential {
  readonly sealed: string
  /** Names the credential without telling it: see provider/account.ts. */
  readonly fingerprint: string
  /** The wallet object that knows whose the provider account is. */
  readonly claim: string
  /** The account's name as the provider gave it, a phone number. */
  readonly username: string
  readonly setAt: number
}

/** Sealed for one merchant, opened for no other. */
export const CREDENTIAL_CONTEXT = 'provider credential of '

const validateAnswer = z.object({
  username: z.string().catch(''),
  apiKey: z.object({
    isEnabled: z.boolean().catch(true),
    type: z.string().catch('PRODUCTION'),
    scope: z.string().catch('READ-WRITE'),
  }),
})

export type CredentialCheck =
  | { readonly ok: true; readonly username: string }
  /** `retry`: the provider said nothing about the credential. */
  | { readonly ok: false; readonly retry: boolean; readonly reason: string }

/** From the provider's answer to `GET /v3/validate`. Only one that may send real money is taken. */
export function checkCredential(read: ReadOutcome): CredentialCheck {
  if (read.kind === 'no_answer') return no(true, `the provider could not be asked (${read.reason})`)
  if (read.kind === 'refused') {
    const { httpStatus, code } = read.refusal
    const retry = httpStatus === 429 || code === 'AUTH_UNAVAILABLE'
    return no(retry, `the provider does not accept it (${code})`)
  }
  const answer = validateAnswer.safeParse(JSON.parse(read.dataJson))
  if (!answer.success) return no(true, 'the provider answered something else')
  const { username, apiKey } = answer.data
  if (!apiKey.isEnabled) return no(false, 'it is switched off at the provider')
  if (apiKey.type.toUpperCase() !== 'PRODUCTION') return no(false, `it is a ${apiKey.type} credential`)
  if (apiKey.scope.toUpperCase() === 'READ-ONLY') return no(false, 'it is READ-ONLY and could send nothing')
  return { ok: true, username }
}

/** The account's name, whatever its credential may do; null when the provider did not tell. */
export function accountName(read: ReadOutcome): string | null {
  const answer = read.kind === 'data' ? validateAnswer.safeParse(JSON.parse(read.dataJson)) : null
  return answer?.success ? answer.data.username : null
}

function no(retry: boolean, reason: string): CredentialCheck {
  return { ok: false, retry, reason }
}
