import { describe, expect, it } from 'vitest'
import ar from '../../../public/console/texts/ar.json' with { type: 'json' }
import en from '../../../public/console/texts/en.json' with { type: 'json' }
import fr from '../../../public/console/texts/fr.json' with { type: 'json' }
import { whereOf } from '../../../src/console/activity'
import { consolePages } from '../../../src/console/console'
import { actOf } from '../../../src/console/written'

const routes = consolePages.routes.filter(({ method }) => method !== 'ALL')
/** What the operator does is in a list where it is done to a merchant; the rest names him in its own record. */
const OPERATORS = /^\/admin\/(?!merchant\/)/
const sent = routes.filter(({ method, path }) => method !== 'GET' && !OPERATORS.test(path))
const acts = [...new Set(sent.map(({ path }) => path))]
const pages = new Set(routes.filter(({ method }) => method === 'GET').map(({ path }) => path))

describe('everything that can be done in the console', () => {
  it('is more than nothing', () => {
    expect(acts).toEqual(expect.arrayContaining(['/send', '/keys/revoke', '/sign-in', '/sign-out']))
  })

  it.each(Object.entries({ ar, en, fr }))('has a sentence in %s', (language, { activity }) => {
    const missing = acts.filter((path) => !Object.hasOwn(activity.did, path))
    const where = `public/console/texts/${language}.json`
    expect(missing, `say in ${where} under activity.did what somebody does who sends these forms`).toEqual([])
  })

  it('leads to a page, by the name of what it was done to', () => {
    for (const path of acts.filter((path) => !/^\/(?:sign-|admin)/.test(path))) {
      const [page] = decodeURIComponent(whereOf(path, ':id') ?? '')
        .replace('/console', '')
        .split('?')
      expect(
        pages,
        `teach whereOf in src/console/activity.tsx which page shows what ${path} changes`,
      ).toContain(page)
    }
  })
})

describe('what is written down of a form', () => {
  it('is its route, with what is switched, and the name of what it is done to', () => {
    expect(actOf('/console/order/look', { ref: 'shop/1' })).toEqual({
      action: '/order/look',
      subject: 'shop/1',
    })
    expect(actOf('/console/endpoints/:id/state', { id: 'ep_1', state: 'paused' })).toEqual({
      action: '/endpoints/:id/state paused',
      subject: 'ep_1',
    })
    expect(actOf('/console/endpoints/:id/state', { id: 'ep_1', state: 'x y<' }).action).toBe(
      '/endpoints/:id/state',
    )
    expect(actOf('/console/reports', { from: '2026-11-25' }).subject).toBeNull()
  })

  it('is no secret: not the key that signs in, nor the path of an address', () => {
    expect(actOf('/console/sign-in', { key: 'rsd_live_1' })).toEqual({ action: '/sign-in', subject: null })
    const url = 'https://user:word@hooks.example/T0/secret?token=1'
    expect(actOf('/console/endpoints', { url }).subject).toBe('hooks.example')
    expect(actOf('/console/endpoints', { url: 'no address' }).subject).toBeNull()
  })

  it.each(['0661234567', '+213 661 23 45 67', '00213661234567', 'shop-0661.23.45.67-a', '213661234567'])(
    'is no whole phone number, of %s',
    (ref) => {
      const { subject } = actOf('/console/send', { ref })
      expect(subject?.replace(/\D/g, '').length).toBeLessThan(8)
      expect(subject).toContain('567'.slice(-2))
      expect(whereOf('/send', subject ?? '')).toBeNull()
    },
  )

  it('is no longer than a ref may be, and leaves numbers alone that are none of a telephone', () => {
    expect(actOf('/console/keys', { name: 'x'.repeat(9_000) }).subject).toHaveLength(200)
    for (const ref of ['hand-0123456789abcdef01234567', 'day-23-5', '1764105600000']) {
      expect(actOf('/console/send', { ref }).subject).toBe(ref)
    }
  })
})
