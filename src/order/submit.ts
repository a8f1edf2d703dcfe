/** Asks the wallet to send, and waits for it no longer than a merchant may wait. */
import { type Env, walletByName } from '../env'
import { logError } from '../platform/log'
import type { Told } from '../provider/oneclick'
import type { Tracked } from '../provider/wallet'
import type { Intent, SubmitOutcome } from './state'

/** Never throws: a wallet that fails leaves the send in doubt. */
export async function askWallet(
  env: Env,
  tracked: Tracked,
  { wallet, request }: Intent,
): Promise<Told<SubmitOutcome>> {
  try {
    return await walletByName(env, wallet).submit(tracked, request)
  } catch (error) {
    logError('order.submit', error)
    return { outcome: { kind: 'in_doubt', reason: 'wallet_failed', refusal: null }, evidence: [] }
  }
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
