/** Counts in windows of the clock, in memory: so does each of the platform's locations, for itself. */
import { WorkerEntrypoint } from 'cloudflare:workers'

/** @type {Map<string, { window: number, counts: Map<string, number> }>} One window of each limiter at a time. */
const limiters = new Map()

export default class extends WorkerEntrypoint {
  /**
   * @param {string} limiter
   * @param {string} key
   * @param {{ limit: number, period: number }} allowed a period is in seconds
   * @returns {boolean} whether the key had one left
   */
  take(limiter, key, { limit, period }) {
    const window = Math.floor(Date.now() / (period * 1_000))
    let current = limiters.get(limiter)
    if (current?.window !== window) {
      current = { window, counts: new Map() }
      limiters.set(limiter, current)
    }
    const count = current.counts.get(key) ?? 0
    if (count >= limit) return false
    current.counts.set(key, count + 1)
    return true
  }
}
