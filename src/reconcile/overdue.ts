/** Cron, every minute: wakes orders that should have woken by themselves, and merchants whose alarm was lost. */
import { bookOf, type Env, merchantById } from '../env'
import { log, logError } from '../platform/log'
import { merchantIds } from './every-merchant'

/** An alarm may be a minute late on the platform's worst days; only beyond that is it lost. */
const OVERDUE_AFTER_MS = 2 * 60_000

/** Asks every merchant's book in turn; one that fails does not stop the others. */
export async function wakeOverdueOrders(env: Env, now: number): Promise<void> {
  let woken = 0
  for await (const merchantId of merchantIds(env)) {
    try {
      await merchantById(env, merchantId).keepTime()
      woken += await bookOf(env, merchantId).wakeOverdue(now - OVERDUE_AFTER_MS)
    } catch (error) {
      logError('cron.wake', error, { merchant: merchantId })
    }
  }
  if (woken > 0) log('cron.woken', { orders: woken })
}
