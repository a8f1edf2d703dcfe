/** Asks the wallet to send, and waits for it no longer than a merchant may wait. */
import { type Env, walletByName } from '../env'
import { logError } from '../platform/log'
import type { Tracked } from '../provider/wallet'
import type { Intent, SubmitOutcome } from './state'

/** Never throws: a wallet that fails, or has not answered after `waitMs`, leaves the send in doubt. */
export async function askWallet(
  env: Env,
  tracked: Tracked,
  { wallet, request }: Intent,
  waitMs: number,
): Promise<SubmitOutcome> {
  const answered = new AbortController()
  const submitted = walletByName(env, wallet)
    .submit(tracked, request)
    .catch((error: unknown) => {
      logError('order.submit', error)
      return inDoubt('wallet_failed')
    })
  const late = scheduler.wait(Math.max(0, waitMs), { signal: answered.signal }).then(
    () => inDoubt('wallet_late'),
    () => inDoubt('wallet_answered'),
  )
  const outcome: SubmitOutcome = await Promise.race([submitted, late])
  answered.abort()
  return outcome
}

function inDoubt(reason: string): SubmitOutcome {
  return { kind: 'in_doubt', reason, refusal: null }
}
