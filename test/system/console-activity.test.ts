import { describe, expect, it } from 'vitest'
import { type Person, signIn } from './console-client'
import { ADMIN_TOKEN, type Gateway, startGateway } from './harness'
import { startProvider } from './provider'

const provider = await startProvider()
const gateway: Gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
const EVIL = `<script>alert(1)</script>`
const DAY_MS = 24 * 3_600_000

async function newShop() {
  const made = await gateway.call('POST', '/admin/merchants', { headers, body: { name: 'Shop' } })
  const { id } = made.json.data
  const newKey = async (more: object = {}): Promise<string> => {
    const body = { environment: 'production', name: `till ${EVIL}`, ...more }
    return (await gateway.call('POST', `/admin/merchants/${id}/keys`, { headers, body })).json.data.key
  }
  return { id, newKey, person: await signIn(gateway, await newKey()) }
}

/** What the list says, row by row, as text; what is done is on top. */
async function activity(person: Person, path = '/activity'): Promise<string[]> {
  const { html } = await person.read(path)
  const rows = html.match(/<tr>.*?<\/tr>/gs) ?? []
  return rows.slice(1).map((row) => row.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '))
}

async function actsOf(id: string) {
  const storage = await gateway.worker.getDurableObjectStorage('Merchant', { name: id })
  return { exec: (sql: string, ...values: unknown[]) => storage.exec(sql, ...values) }
}

describe('the list of what was done', () => {
  it('says who did what, to what, and how it ended, the newest first', async () => {
    const { person } = await newShop()
    await person.send('/endpoints', { url: 'https://example.com/secret-path' })
    await person.send('/finding/close', { id: 'find_x', note: 'n' })
    await person.send('/keys', { name: 'new', scope: 'READ-ONLY' })
    const rows = await activity(person)
    expect(rows).toHaveLength(4)
    expect(rows[0]).toMatch(/Made a key.*Done.*new.*till/)
    expect(rows[1]).toMatch(/Closed a finding.*Refused.*no such thing.*find_x/)
    expect(rows[2]).toMatch(/Registered a callback address.*example.com/)
    expect(rows[3]).toMatch(/Signed in.*Done/)
    expect(rows.join()).not.toContain('secret-path')
  })

  it('shows texts of strangers as text, and no whole phone number', async () => {
    const { person } = await newShop()
    await person.send('/order/look', { ref: `${EVIL} 0661234567` })
    const { html } = await person.read('/activity')
    expect(html).toContain('&lt;script&gt;alert(1)')
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('0661234567')
  })

  it('has what a READ-ONLY key was refused, and lets it read', async () => {
    const { newKey } = await newShop()
    const reader = await signIn(gateway, await newKey({ scope: 'READ-ONLY', name: 'reader' }))
    expect((await reader.send('/keys', { name: 'x', scope: 'READ-WRITE' })).status).toBe(403)
    expect((await activity(reader))[0]).toMatch(/Made a key.*Refused.*not allowed.*reader/)
  })

  it('says of a top-up by hand why it was refused', async () => {
    const { person } = await newShop()
    const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: '500', ref: 'by-hand' }
    await person.send('/send', body)
    await person.send('/send', { ...body, amount: '600' })
    const [second, first] = await activity(person)
    expect(first).toMatch(/Sent a top-up by hand.*Done.*by-hand/)
    expect(second).toMatch(/Sent a top-up by hand.*Refused.*belongs to another order/)
    expect(first).not.toMatch(/\d{10}/)
  })

  it('is another for each environment and merchant', async () => {
    const { newKey, person } = await newShop()
    const sandbox = await signIn(gateway, await newKey({ environment: 'sandbox' }))
    await person.send('/order/look', { ref: 'mine' })
    expect((await activity(sandbox)).join()).not.toContain('mine')
    expect((await activity((await newShop()).person)).join()).not.toContain('mine')
  })

  it('is turned page by page, without a row lost or shown twice', async () => {
    const { person } = await newShop()
    for (let n = 0; n < 55; n++) await person.send('/order/look', { ref: `ref-${n}-` })
    const first = await person.read('/activity')
    const [, next = ''] = /href="\/console(\/activity\?before=\d+)"/.exec(first.html) ?? []
    const rows = [...(await activity(person)), ...(await activity(person, next))]
    expect(rows).toHaveLength(56)
    expect(new Set(rows.map((row) => /ref-\d+-/.exec(row)?.[0]))).toHaveProperty('size', 56)
    expect((await person.read('/activity?before=x')).status).toBe(400)
  })

  it('keeps what was interrupted, and says that its end is not known', async () => {
    const { id, person } = await newShop()
    await person.send('/order/look', { ref: 'cut-short' })
    const { exec } = await actsOf(id)
    await exec(`UPDATE activity SET outcome = NULL, place = place - 120000000 WHERE subject = 'cut-short'`)
    expect((await activity(person)).find((row) => row.includes('cut-short'))).toContain('End not known')
  })

  it('forgets what is as old as forgotten events, and nothing else', async () => {
    const { id, person } = await newShop()
    await person.send('/order/look', { ref: 'old' })
    await person.send('/order/look', { ref: 'young' })
    const { exec } = await actsOf(id)
    const age = (days: number) => days * DAY_MS * 1_000
    await exec(`UPDATE activity SET place = place - ? WHERE subject = 'old'`, age(91))
    await exec(`UPDATE activity SET place = place - ? WHERE subject = 'young'`, age(89))
    await gateway.cron()
    const rows = (await activity(person)).join()
    expect(rows).toContain('young')
    expect(rows).not.toContain(' old ')
  })
})

describe('signing out', () => {
  it('holds for who has kept the cookie: he reads nothing and does nothing', async () => {
    const { newKey, person } = await newShop()
    expect((await person.send('/sign-out', {})).status).toBe(303)
    for (const path of ['', '/orders', '/orders.csv', '/keys', '/nothing', '/send?ref=x']) {
      const page = await person.read(path)
      expect([page.status, page.to], path).toEqual([303, '/console/sign-in?done=ended'])
      expect(page.html, path).toBe('')
    }
    const pressed = await person.send('/keys', { name: 'stolen', scope: 'READ-WRITE' })
    expect([pressed.status, pressed.to]).toEqual([303, '/console/sign-in?done=ended'])
    const other = await signIn(gateway, await newKey())
    expect((await other.read('/keys')).html).not.toContain('stolen')
    expect((await activity(other)).slice(1).join()).toMatch(/Signed out.*Signed in/)
  })

  it('holds after the object was thrown out of memory', async () => {
    const { id, person } = await newShop()
    await person.send('/sign-out', {})
    await gateway.evict('Merchant', id)
    expect((await person.read('')).to).toBe('/console/sign-in?done=ended')
  })

  it('ends one session, and no other of the same key', async () => {
    const { newKey } = await newShop()
    const key = await newKey()
    const [here, there] = [await signIn(gateway, key), await signIn(gateway, key)]
    await here.send('/sign-out', {})
    expect((await there.read('')).status).toBe(200)
  })

  it('twice is as good as once', async () => {
    const { person } = await newShop()
    await person.send('/sign-out', {})
    expect((await person.send('/sign-out', {})).to).toBe('/console/sign-in?done=signed_out')
  })
})
