/** When cron plans what. Pure. Times are unix ms, and of the clock in UTC. */

/** What cron plans. */
export type PlannedTrigger = 'recent' | 'daily'

/** `from` included, `to` not. */
export interface PlannedWindow {
  readonly from: number
  readonly to: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Each order is looked at three times: the provider shows some late, and a run may fail. */
const RECENT_EVERY_MS = 15 * MINUTE_MS
const RECENT_MS = 45 * MINUTE_MS
/** The provider settles within 24 hours, mostly; after two days it has. */
const DAILY_MS = 48 * HOUR_MS
/** When Algeria sleeps. */
const DAILY_AT_MS = 2 * HOUR_MS + 40 * MINUTE_MS
/** What cron or the account missed for longer is the daily run's to find. */
const MOST_MADE_UP_MS = 6 * HOUR_MS
/** For so long after its last send an account has news. */
const ACTIVE_MS = 2 * HOUR_MS
/** A wallet keeps the time of its last send to the hour. */
const SEND_KEPT_TO_MS = HOUR_MS

/** What ends with this minute, each quarter of an hour; null in the others. */
export function recentWindow(scheduledTime: number): PlannedWindow | null {
  const to = minuteOf(scheduledTime)
  return to % RECENT_EVERY_MS === 0 ? { from: to - RECENT_MS, to } : null
}

/** The newest that should be planned by now. */
export function dailyWindow(scheduledTime: number): PlannedWindow {
  const day = Math.floor((minuteOf(scheduledTime) - DAILY_AT_MS) / DAY_MS)
  const to = day * DAY_MS + DAILY_AT_MS
  return { from: to - DAILY_MS, to }
}

/** At its own minute; and each quarter of an hour, in case that was missed, or an account could not be reached. */
export function mayPlanDaily(scheduledTime: number): boolean {
  const minute = minuteOf(scheduledTime)
  return minute === dailyWindow(scheduledTime).to || minute % RECENT_EVERY_MS === 0
}

/** Also what was not planned since the last time; null when nothing is left of it. */
export function windowAfter(
  trigger: PlannedTrigger,
  { from, to }: PlannedWindow,
  plannedUpTo: number | null,
): PlannedWindow | null {
  if (plannedUpTo === null) return { from, to }
  if (to <= plannedUpTo) return null
  if (trigger === 'daily') return { from, to }
  return { from: Math.max(to - MOST_MADE_UP_MS, Math.min(from, plannedUpTo)), to }
}

/** Whether orders of the last two hours may be on the account. */
export function isActive(lastSendAt: number | null, now: number): boolean {
  return isSentSince(lastSendAt, now - ACTIVE_MS)
}

export function isSentSince(lastSendAt: number | null, from: number): boolean {
  return lastSendAt !== null && lastSendAt + SEND_KEPT_TO_MS >= from
}

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS) * MINUTE_MS
}
