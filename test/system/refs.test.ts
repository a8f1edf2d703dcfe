import { describe, expect, it } from 'vitest'
import { clientOf, expectError, topupsOf } from './client'
import { DEMO_KEY, DEMO_LIVE_KEY, eventually, startGateway } from './harness'
import { startProvider } from './provider'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

/** The sandbox settles it after a second. */
const QUICK = { MSSIDN: '0600010099' }

const REFS = [
  'two words',
  ' space around ',
  'order{1}[2]<3>',
  'a+b',
  'a/b/../c',
  '/',
  'trailing/',
  '..hidden',
  '100%',
  '%2F%41%',
  '%2e%2e',
  'what?&why#=1;a=b,c',
  'back\\slash "quoted" \'single\'',
  'API-+213550000001-order-77',
  'demo.x',
  'طلب رقم ٧',
  '🇩🇿 شكرا 👩‍👩‍👧',
  'tab\there',
  'line\nbreak',
  '-',
  '0',
  '__proto__',
]

describe.each([
  ['production', DEMO_LIVE_KEY],
  ['sandbox', DEMO_KEY],
])('in %s', (environment, key) => {
  const merchant = clientOf(gateway, key)

  it.each(REFS.map((ref) => [JSON.stringify(ref), ref]))('the ref %s is found again', async (_, ref) => {
    const sent = await merchant.send(ref, QUICK)
    expect(sent.json).toMatchObject({ success: true, data: { topupRef: ref } })
    if (environment === 'production') expect(topupsOf(provider, ref)).toHaveLength(1)

    const { topupId } = sent.json.data
    expect((await merchant.checkRef(ref)).json).toMatchObject({ data: { _id: topupId, ref } })
    expect((await merchant.checkId(topupId)).json).toMatchObject({ data: { _id: topupId, ref } })
    expect((await merchant.send(ref, QUICK)).headers.get('idempotent-replayed')).toBe('true')
  })

  it('each of them reaches its own end', async () => {
    if (environment === 'production') for (const { ref } of provider.topups) provider.settle(ref, 'FULFILLED')
    const ends = REFS.map(async (ref) => {
      const { topupId } = (await merchant.send(ref, QUICK)).json.data
      const end = await eventually(`${ref} to be final`, async () => {
        const { data } = (await merchant.checkId(topupId)).json
        return data?.gateway.final && data
      })
      expect(end).toMatchObject({ ref, status: 'FULFILLED' })
    })
    await Promise.all(ends)
  })

  it.each([
    ['Latin', 'x'],
    ['Arabic', 'ط'],
  ])('200 %s characters are a ref, 201 are refused', async (_, letter) => {
    const longest = letter.repeat(200)
    expect((await merchant.send(longest)).status).toBe(200)
    expect((await merchant.checkRef(longest)).json.data.ref).toBe(longest)

    const refused = await merchant.send(letter.repeat(201))
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error).toMatchObject({
      message: 'body/ref must NOT have more than 200 characters',
      details: { field: 'ref' },
    })
  })

  it('a character is a character, whatever it takes to store: 200 emoji are a ref', async () => {
    const longest = '🎁'.repeat(200)
    expect((await merchant.send(longest)).status).toBe(200)
    expect((await merchant.checkRef(longest)).json.data.ref).toBe(longest)
    expectError(await merchant.send('🎁'.repeat(201)), 400, 'ERR_VALIDATION')
  })

  it.each(['', '.', '..', '\ud800'])('%j cannot be looked up in a path, so it is no ref', async (ref) => {
    const refused = await merchant.send(ref)
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error.details.field).toBe('ref')
  })
})
