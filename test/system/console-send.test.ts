import { describe, expect, it } from 'vitest'
import { type Page, signIn } from './console-client'
import { ADMIN_TOKEN, startGateway } from './harness'
import { startProvider } from './provider'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
const EVIL = `"><script>alert(1)</script>'&`

async function newShop(settings: object = {}, key: object = {}) {
  const made = await gateway.call('POST', '/admin/merchants', { headers, body: { name: 'Shop' } })
  const path = `/admin/merchants/${made.json.data.id}`
  await gateway.call('PATCH', path, { headers, body: { settings } })
  const body = { environment: 'production', name: 'till', ...key }
  const token = (await gateway.call('POST', `${path}/keys`, { headers, body })).json.data.key
  const sent = () => provider.topups.filter(({ ref }) => ref.startsWith(`${made.json.data.id}.`))
  return { key: token, person: await signIn(gateway, token), sent }
}

const TYPED = { MSSIDN: '+213 661 23 45 67', plan_code: 'PREPAID_MOBILIS', amount: '500' }
const BODY = { ...TYPED, MSSIDN: '0661234567' }
const check = (ref: string, more: Record<string, string> = {}) =>
  `/send/check?${new URLSearchParams({ ref, ...TYPED, ...more })}`

/** What the page's button would send. */
function formOf({ html }: Page): Record<string, string> | null {
  const [, form] = /<form method="post" action="\/console\/send">(.*?)<\/form>/s.exec(html) ?? []
  if (form === undefined) return null
  const fields = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)]
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]))
}

describe('a top-up by hand', () => {
  it('has a ref that nobody can guess before it has a form', async () => {
    const { person } = await newShop()
    const [first, second] = [await person.read('/send'), await person.read('/send')]
    expect(first.status).toBe(303)
    expect(first.to).toMatch(/^\/console\/send\?ref=hand-[0-9a-f]{24}$/)
    expect(second.to).not.toBe(first.to)
    const { html } = await person.read(first.to.replace('/console', ''))
    expect(html).toContain(`value="${first.to.split('=')[1]}"`)
    expect(html).toContain('PREPAID_MOBILIS')
    expect(html).not.toContain('GETMENU')
  })

  it('is shown to be checked, and nothing is sent by looking', async () => {
    const { person, sent } = await newShop()
    const page = await person.read(check('looked-at'))
    expect(page.html).toContain('06 61 23 45 67')
    expect(page.html).toContain('Mobilis')
    expect(page.html).toContain('500')
    expect(formOf(page)).toEqual({ ref: 'looked-at', ...BODY })
    expect(sent()).toEqual([])
  })

  it('is sent as it was shown, and leads to its order', async () => {
    const { person, sent } = await newShop()
    const fields = formOf(await person.read(check('once'))) ?? {}
    const answer = await person.send('/send', fields)
    expect(answer).toMatchObject({ status: 303, to: '/console/order?ref=once&done=sent' })
    expect(sent()).toMatchObject([{ msisdn: '0661234567', amount: 500, planCode: 'PREPAID_MOBILIS' }])
    expect((await person.read('/order?ref=once&done=sent')).html).toContain('was handed over')
  })
})

describe('nothing is sent twice', () => {
  it('by pressing many times at once', async () => {
    const { person, sent } = await newShop()
    const fields = formOf(await person.read(check('double'))) ?? {}
    const answers = await Promise.all(Array.from({ length: 6 }, () => person.send('/send', fields)))
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(303))
    expect(answers.filter(({ to }) => to.endsWith('done=sent'))).toHaveLength(1)
    expect(sent()).toHaveLength(1)
  })

  it('by going back and pressing again, or by sending the form’s answer again', async () => {
    const { person, sent } = await newShop()
    const fields = formOf(await person.read(check('back'))) ?? {}
    await person.send('/send', fields)
    expect((await person.send('/send', fields)).to).toBe('/console/order?ref=back&done=sent_before')
    const again = await person.read(check('back'))
    expect(again.html).toContain('/console/order?ref=back')
    expect(formOf(again)).toBeNull()
    expect(sent()).toHaveLength(1)
  })

  it('by going back to the form and typing something else: the ref is taken', async () => {
    const { person, sent } = await newShop()
    await person.send('/send', { ref: 'taken', ...BODY })
    const other = await person.send('/send', { ref: 'taken', ...BODY, MSSIDN: '0669999999' })
    expect(other.status).toBe(403)
    expect(other.html).toContain('/console/order?ref=taken')
    expect(formOf(other)).toBeNull()
    expect(sent()).toHaveLength(1)
  })

  it('by a form without a ref', async () => {
    const { person, sent } = await newShop()
    expect((await person.send('/send', BODY)).status).toBe(400)
    expect(sent()).toEqual([])
  })

  it('when the answer was lost: the same press finds the order', async () => {
    const { person, sent } = await newShop()
    provider.fault('send', { ending: 'destroy', when: ({ subject }) => subject?.endsWith('.lost') ?? false })
    const first = await person.send('/send', { ref: 'lost', ...BODY })
    expect(first.status).toBe(303)
    expect((await person.send('/send', { ref: 'lost', ...BODY })).to).toContain('done=sent_before')
    expect(sent()).toHaveLength(1)
  })
})

describe('what is wrong', () => {
  it.each([
    [{ MSSIDN: '021234567' }, 'no Algerian mobile number'],
    [{ MSSIDN: EVIL }, 'no Algerian mobile number'],
    [{ amount: '1' }, 'does not fit the plan'],
    [{ amount: '10.5' }, 'does not fit the plan'],
    [{ amount: '' }, 'does not fit the plan'],
    [{ plan_code: EVIL }, 'Choose a plan'],
    [{ ref: 'x'.repeat(201) }, '1 to 200'],
  ])('is said beside what was typed: %j', async (typed, words) => {
    const { person } = await newShop()
    const page = await person.read(check('wrong', typed))
    expect(page.status).toBe(400)
    expect(page.html).toContain(words)
    expect(page.html).toContain('aria-invalid')
    expect(page.html).not.toContain('<script>alert')
    expect(formOf(page)).toBeNull()
  })

  it('is warned of by the number’s beginning, and may be sent all the same', async () => {
    const { person } = await newShop()
    const page = await person.read(check('ported', { MSSIDN: '0771234567' }))
    expect(page.html).toContain('another operator')
    expect(formOf(page)).not.toBeNull()
  })

  it('is told in the words of the one who reads, when the provider refuses, and the ref stays free', async () => {
    const { key, sent } = await newShop()
    const person = await signIn(gateway, key, 'fr')
    const body = { success: false, error: { code: 'INSUFFICIENT_BALANCE', message: `no ${EVIL}` } }
    const when = ({ subject }: { subject: string | null }) => subject?.endsWith('.poor') ?? false
    provider.fault('send', { when, notAccepted: true, answer: { status: 403, body } })
    const refused = await person.send('/send', { ref: 'poor', ...BODY })
    expect(refused.status).toBe(403)
    expect(refused.html).toContain('solde du compte est insuffisant')
    expect(refused.html).not.toContain('<script>alert')
    expect((await person.send('/send', { ref: 'poor', ...BODY })).status).toBe(303)
    expect(sent()).toHaveLength(1)
  })
})

describe('limits', () => {
  it('are shown with what is left of them, and looking uses none of it', async () => {
    const { person } = await newShop({ daily_amount: 1_200, largest_amount: 800 })
    await person.send('/send', { ref: 'first', ...BODY })
    for (let look = 0; look < 3; look++) {
      const page = await person.read(check('second'))
      expect(page.html.replace(/ | /g, ' ')).toMatch(/700.{1,6}left of 1,?200/)
      expect(formOf(page)).not.toBeNull()
    }
  })

  it('that are passed leave no button, and refuse who presses all the same', async () => {
    const { person, sent } = await newShop({ largest_amount: 400 })
    const page = await person.read(check('large'))
    expect(page.html).toContain('more than your limits allow')
    expect(formOf(page)).toBeNull()
    expect((await person.send('/send', { ref: 'large', ...BODY })).status).toBe(403)
    expect(sent()).toEqual([])
  })

  it('on repeats ask whether it is meant', async () => {
    const { person, sent } = await newShop({ repeat: { minutes: 5, action: 'block' } })
    await person.send('/send', { ref: 'one', ...BODY })
    expect((await person.send('/send', { ref: 'two', ...BODY })).status).toBe(409)
    const fields = formOf(await person.read(check('two'))) ?? {}
    expect(fields.allow_duplicate).toBe('true')
    expect((await person.send('/send', fields)).status).toBe(303)
    expect(sent()).toHaveLength(2)
  })
})

describe('a READ-ONLY key', () => {
  it('neither sees the way there nor is let in', async () => {
    const { person, sent } = await newShop({}, { scope: 'READ-ONLY' })
    expect((await person.read('')).html).not.toContain('/console/send')
    expect((await person.read('/send')).status).toBe(403)
    expect((await person.read(check('x'))).status).toBe(403)
    expect((await person.send('/send', { ref: 'x', ...BODY })).status).toBe(403)
    expect(sent()).toEqual([])
  })
})

it('a sandbox key is told at each step that nothing real is sent', async () => {
  const { person, sent } = await newShop({}, { environment: 'sandbox' })
  for (const path of ['/send?ref=test', check('test')]) {
    expect((await person.read(path)).html, path).toContain('nothing real is sent')
  }
  expect((await person.send('/send', { ref: 'test', ...BODY })).status).toBe(303)
  expect(sent()).toEqual([])
})
