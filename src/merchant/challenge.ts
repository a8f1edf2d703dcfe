/** The signed question that proves an endpoint. */
import { renderVerification } from '../callback/event'
import { post } from '../callback/post'
import type { SigningKeys } from '../callback/sign'
import type { Settings } from '../env'
import type { Endpoint } from './endpoint'

/** `secret` is what the answer must echo, save in the sandbox. Null when it did, else one phrase for the merchant. */
export async function challenge(
  endpoint: Endpoint,
  keys: readonly SigningKeys[],
  secret: string,
  settings: Settings,
): Promise<string | null> {
  if (keys.length === 0) return 'its signing keys cannot be opened any more: rotate them'
  const body = renderVerification(endpoint.id, secret, Date.now())
  const attemptNumber = (endpoint.challenge?.spent ?? 0) + 1
  const message = { id: `evt_${secret}`, body, attemptNumber }
  const { outcome, httpStatus, answer } = await post({ url: endpoint.url, keys }, message, settings)
  if (outcome === 'delivered') {
    const isProof = endpoint.environment === 'sandbox' || echoes(answer, secret)
    return isProof ? null : 'the answer did not echo the challenge'
  }
  if (httpStatus !== null) return `the challenge failed: ${outcome}, HTTP ${httpStatus}`
  return `the challenge failed: ${answer === '' ? outcome : `${outcome}. ${answer}`}`
}

/** A JSON answer whose `challenge` is the one that was sent. */
export function echoes(answer: string, secret: string): boolean {
  try {
    const body: unknown = JSON.parse(answer)
    return typeof body === 'object' && body !== null && 'challenge' in body && body.challenge === secret
  } catch {
    return false
  }
}
