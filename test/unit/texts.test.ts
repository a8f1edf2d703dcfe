import { describe, expect, it } from 'vitest'
import ar from '../../public/console/texts/ar.json' with { type: 'json' }
import en from '../../public/console/texts/en.json' with { type: 'json' }
import fr from '../../public/console/texts/fr.json' with { type: 'json' }
import { ERRORS } from '../../src/api/contract'
import { fill, word } from '../../src/console/texts'
import { DELIVERY_STATES, FEED_EVENT_TYPES, LISTED_PHASES, STATUSES } from '../../src/order/state'
import { FINDING_KINDS } from '../../src/reconcile/finding'
import { STATUS_TEXTS, WHY_TEXTS } from './words'

/** `home.money.title` and its text, of all. */
function flat(texts: object, at = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[at + key, value]] : flat(value, `${at}${key}.`),
  )
}

const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

const SETS = { 'the console': { ar, fr, en }, 'the customer’s page': STATUS_TEXTS, why: WHY_TEXTS }
const TRANSLATIONS = Object.entries(SETS).flatMap(([name, { ar, fr, en }]) => [
  [name, 'ar', ar, en] as const,
  [name, 'fr', fr, en] as const,
])

describe.each(TRANSLATIONS)('the texts of %s in %s', (_name, _language, texts, en) => {
  it('are all there, and nothing besides', () => {
    expect(flat(texts).map(([key]) => key)).toEqual(flat(en).map(([key]) => key))
  })

  it('say something, and have the holes that the English ones have', () => {
    const english = new Map(flat(en))
    for (const [key, text] of flat(texts)) {
      expect(text.trim(), key).not.toBe('')
      expect(holes(text), key).toEqual(holes(english.get(key) ?? ''))
    }
  })
})

describe('the words of the gateway', () => {
  it('all have a word for people', () => {
    expect(Object.keys(en.statuses).sort()).toEqual([...STATUSES].sort())
    expect(Object.keys(en.phases).sort()).toEqual([...LISTED_PHASES].sort())
    expect(Object.keys(en.kinds).sort()).toEqual([...FINDING_KINDS].sort())
    expect(Object.keys(en.actions).sort()).toEqual([...FINDING_KINDS].sort())
    expect(Object.keys(en.replies)).toEqual(Object.keys(en.verdicts))
    expect(Object.keys(en.callbacks.types)).toEqual(FEED_EVENT_TYPES)
    expect(Object.keys(en.deliveries).sort()).toEqual([...DELIVERY_STATES].sort())
    expect(Object.keys(en.callbacks.drains)).toEqual(Object.keys(en.callbacks.standing))
    for (const code of Object.keys(en.errors.codes)) expect([...Object.keys(ERRORS), 'other']).toContain(code)
  })

  it('are shown as they are where nobody has translated them', () => {
    expect(word({ a: 'A' }, 'a')).toBe('A')
    expect(word({ a: 'A' }, 'constructor')).toBe('constructor')
  })

  it('are put into the holes as they are, once', () => {
    expect(fill('{a} and {b}', { a: '{b}', b: 1 })).toBe('{b} and 1')
    expect(fill('{c}', {})).toBe('{c}')
  })
})
