/** Asks the wallet to send, and waits for it no longer than a merchant may wait. */
import { type Env, walletByName } from '../env'
import { logError } from '../platform/log'
import type { SendTerms, Submitted } from '../provider/wallet'
import type { Tracked } from '../provider/watch'
import type { Intent } from './state'

/** Never throws: a wallet that fails leaves the send in doubt. */
export async function askWallet(
  env: Env,
  tracked: Tracked,
  { wallet, request }: Intent,
  terms: SendTerms,
): Promise<Submitted> {
  try {
    return await walletByName(env, wallet).submit(tracked, request, terms)
  } catch (error) {
    logError('order.submit', error)
    return doubtful('wallet_failed')
  }
}

/** Nobody knows whether it left. */
export function doubtful(reason: string): Submitted {
  return { outcome: { kind: 'in_doubt', reason, refusal: null }, evidence: [], expected: null }
}

/** Null when `answer` has not come after `waitMs`; it goes on all the same. */
export async function within<T>(waitMs: number, answer: Promise<T>): Promise<T | null> {
  const answered = new AbortController()
  const late = scheduler.wait(Math.max(0, waitMs), { signal: answered.signal }).then(
    () => null,
    () => null, // the answer came first
  )
  const first = await Promise.race([answer, late])
  answered.abort()
  return first
}
