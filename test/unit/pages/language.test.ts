import { describe, expect, it } from 'vitest'
import { directionOf, pickLanguage } from '../../../src/pages/language'

describe('the language of a page', () => {
  it.each([
    ['the reader’s choice wins over the browser’s', 'en', 'fr-DZ,fr;q=0.9', 'en'],
    ['a choice may name a region, in any case', 'FR-dz', null, 'fr'],
    ['a choice we do not have is passed over', 'de', 'fr', 'fr'],
    ['an empty choice is passed over', '', 'en', 'en'],
    ['the highest quality wins, not the first', null, 'en;q=0.3, fr;q=0.8, ar;q=0.5', 'fr'],
    ['the first wins among equals', null, 'fr, en', 'fr'],
    ['a language we lack does not hide one we have', null, 'kab, fr;q=0.7, en;q=0.5', 'fr'],
    ['regions are ignored', null, 'ar-DZ, fr;q=0.5', 'ar'],
    ['no preference is Arabic', null, null, 'ar'],
    ['none of ours is Arabic', null, 'de-DE, tr;q=0.5', 'ar'],
    ['anything is Arabic', null, '*', 'ar'],
    ['a named language counts more than anything', null, '*, en;q=0.1', 'en'],
    ['quality 0 excludes', null, 'fr;q=0, en;q=0.1', 'en'],
    ['quality 0 excludes the default too', null, 'ar;q=0', 'fr'],
    ['all excluded is still a page', null, 'ar;q=0, fr;q=0, en;q=0', 'ar'],
    ['a malformed quality is passed over', null, 'fr;q=9, en;q=0.2', 'en'],
    ['noise is Arabic', null, ';;,=,q=1', 'ar'],
  ])('%s', (_, lang, acceptLanguage, expected) => {
    expect(pickLanguage(lang, acceptLanguage)).toBe(expected)
  })

  it('is written from right to left in Arabic only', () => {
    expect([directionOf('ar'), directionOf('fr'), directionOf('en')]).toEqual(['rtl', 'ltr', 'ltr'])
  })
})
