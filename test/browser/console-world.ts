/** A merchant with a day behind him, for the pages of his console. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { DEMO_KEY, eventually, type Gateway } from '../system/harness'

export const NUMBERS = {
  fulfilled: '0600010099',
  refunded: '0600010001',
  unknown: '0600010003',
} as const

export async function sendTopup(gateway: Gateway, ref: string, number: string): Promise<void> {
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: number, amount: 500, ref }
  const sent = await gateway.call('POST', '/v3/mobile/send', { key: DEMO_KEY, body })
  if (sent.status !== 200) throw new Error(sent.text)
}

export function becomes(gateway: Gateway, ref: string, status: string): Promise<true> {
  const path = `/v3/mobile/check-ref/${encodeURIComponent(ref)}`
  return eventually(`${ref} to be ${status}`, async () => {
    return (await gateway.call('GET', path, { key: DEMO_KEY })).json.data.status === status
  })
}

const HOURS = 24
const HOUR_MS = 3_600_000

/** One order of an earlier time, put where the book keeps them. */
async function book(
  { exec }: { exec(sql: string, ...values: unknown[]): Promise<unknown> },
  ref: string,
  at: number,
  { phase, status, tookMs }: { phase: string; status: string; tookMs: number | null },
): Promise<void> {
  const topup = { _id: ref, ref, status, plan_code: 'PREPAID_DJEZZY', MSSIDN: '0771234567' }
  const more = { topup_amount: 1_000, balance_amount: 980, created_at: new Date(at).toISOString() }
  await exec(
    `INSERT INTO orders VALUES ('sandbox', ?1, ?2, ?3, ?4, 1, ?1, ?3, NULL, ?5, ?6, 2, 'PREPAID_DJEZZY',
       '0771234567', 1000, 980, ?7, ?8, ?9, ?10, NULL, '{}', 1000, 'sandbox:demo')`,
    at,
    ref.padEnd(64, '0'),
    ref,
    at * 1_000,
    phase,
    status,
    JSON.stringify({ ...topup, ...more }),
    tookMs === null ? null : at + tookMs,
    tookMs === null ? Date.now() + HOURS * HOUR_MS : null,
    tookMs === null ? 1 : 0,
  )
}

/** Orders of the hours before, put where the book keeps them: the charts have something to show. */
export async function fillDay(gateway: Gateway): Promise<void> {
  const storage = await gateway.worker.getDurableObjectStorage('Book', { name: 'demo' })
  const table = { exec: (sql: string, ...values: unknown[]) => storage.exec(sql, ...values) }
  const now = Date.now()
  for (let hour = 1; hour < HOURS; hour++) {
    for (let order = 0; order < 3 + ((hour * 5) % 11); order++) {
      const at = now - hour * HOUR_MS + order * 60_000
      const status = order % 7 === 3 ? 'REFUNDED' : 'FULFILLED'
      const ref = `day-${hour}-${order}`
      await book(table, ref, at, {
        phase: 'settled',
        status,
        tookMs: 4_000 + ((hour * 7 + order * 3) % 19) * 1_000,
      })
    }
  }
  const open = { tookMs: null, status: 'PENDING' }
  await book(table, 'lost-answer', now - 4 * 60_000, { ...open, phase: 'in_doubt' })
  await book(table, 'days-old', now - 80 * HOUR_MS, { ...open, phase: 'unknown', status: 'UNKNOWN_ERROR' })
  await find(table, now)
  await gateway.evict('Book', 'demo')
}

/** Something that does not add up. */
async function find(
  { exec }: { exec(sql: string, ...values: unknown[]): Promise<unknown> },
  now: number,
): Promise<void> {
  await exec(
    `CREATE TABLE IF NOT EXISTS findings (
       environment TEXT NOT NULL, place TEXT NOT NULL, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, ref TEXT,
       found_at INTEGER NOT NULL, upstream TEXT NOT NULL, ours TEXT NOT NULL, state TEXT NOT NULL,
       closed_at INTEGER, closed_by TEXT, note TEXT, PRIMARY KEY (environment, place)
     ) WITHOUT ROWID`,
  )
  for (const id of FINDINGS) {
    await exec(
      `INSERT INTO findings (environment, place, id, kind, ref, found_at, upstream, ours, state)
       VALUES ('sandbox', ?, ?, 'amount_mismatch', 'shop/1001', ?, ?, ?, 'open')`,
      `${String(now).padStart(15, '0')}:${id}`,
      id,
      now,
      JSON.stringify({ amountDzd: 1_000, topupId: '69a0c1d2e3f405162738495a', at: now }),
      JSON.stringify({ amountDzd: 500, ref: 'shop/1001' }),
    )
  }
}

const FINDINGS = ['find_ar', 'find_fr', 'find_en', 'find_open'] as const

/** Whatever the browser complains of, or asks elsewhere, is a complaint. */
export async function openConsole(
  browser: Browser,
  gateway: Gateway,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${gateway.url}/`)) complaints.push(`asked for ${request.url()}`)
  })
  return { page, complaints }
}

export async function signInAs(page: Page, gateway: Gateway, language: string, key = DEMO_KEY) {
  await page.goto(`${gateway.url}/console/sign-in?lang=${language}`)
  await page.locator('input[name=key]').fill(key)
  await page.locator('form button.main').click()
  await page.waitForURL('**/console')
}
