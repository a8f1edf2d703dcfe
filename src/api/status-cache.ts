/**
 * Final status answers, kept at the edge. The key names the merchant and the environment: nobody is ever
 * served another's answer. Only what can no longer change by itself is kept.
 */
import type { KeyEntry } from '../merchant/keys'
import type { Snapshot } from '../order/view'

const MIN_AGE_SECONDS = 5
const MAX_AGE_SECONDS = 24 * 3_600

/** The `data` of the answer as JSON text; null when it is not here, or the cache is not. */
export async function cachedStatus(key: KeyEntry, ref: string): Promise<string | null> {
  try {
    const hit = await caches.default.match(cacheKey(key, ref))
    return hit === undefined ? null : await hit.text()
  } catch {
    return null
  }
}

/** Kept under the order's own ref only: another spelling of it may be the ref of another order one day. */
export async function cacheStatus(key: KeyEntry, snapshot: Snapshot, dataJson: string): Promise<void> {
  const seconds = cacheSeconds(snapshot, Date.now())
  if (seconds === 0) return
  const headers = { 'Cache-Control': `public, max-age=${seconds}`, 'Content-Type': 'application/json' }
  await caches.default.put(cacheKey(key, snapshot.topup.ref), new Response(dataJson, { headers }))
}

/**
 * A tenth of the time since it settled: a reversal is rare, comes soon if at all, and cannot be taken
 * back from every data centre, so an answer is never staler than a tenth of its age.
 */
export function cacheSeconds({ final, settledAt, callback }: Snapshot, now: number): number {
  const atRest = callback === 'none' || callback === 'delivered' || callback === 'failed'
  if (!final || settledAt === null || !atRest) return 0
  const tenth = Math.floor((now - settledAt) / 10_000)
  return Math.min(MAX_AGE_SECONDS, Math.max(MIN_AGE_SECONDS, tenth))
}

/** What the answer says of his callbacks changes without the order: another answer, another key. */
function cacheKey({ merchantId, environment, callbackHealth }: KeyEntry, ref: string): string {
  const health =
    callbackHealth === null
      ? ''
      : `?${encodeURIComponent(`${callbackHealth.endpoint} ${callbackHealth.percent}`)}`
  return `https://status.invalid/${merchantId}/${environment}/${encodeURIComponent(ref)}${health}`
}
