/** Cron, every minute: wakes orders that should have woken by themselves, and merchants whose alarm was lost. */
import { bookOf, type Env, merchantById } from '../env'
import { MERCHANT_PREFIX } from '../merchant/record'
import { log, logError } from '../platform/log'

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

async function* merchantIds(env: Env): AsyncGenerator<string> {
  let cursor: string | null = null
  do {
    const page: KVNamespaceListResult<unknown> = await env.KEYS.list({ prefix: MERCHANT_PREFIX, cursor })
    for (const { name } of page.keys) yield name.slice(MERCHANT_PREFIX.length)
    cursor = page.list_complete ? null : page.cursor
  } while (cursor !== null)
}
