import type { Page } from 'playwright-core'

export const LANGUAGES = ['ar', 'fr', 'en'] as const
export const SIZES = { 1280: { width: 1_280, height: 900 }, 360: { width: 360, height: 740 } } as const

/** Each language, scheme and size; all twelve of them take longer than they tell. */
export const LOOKS = [
  ['ar', 'light', 360],
  ['fr', 'dark', 360],
  ['en', 'light', 1280],
] as const

/** Takes screenshots for people, into an ignored folder. */
export function shooter(folder: string): (page: Page, name: string) => Promise<unknown> {
  return (page, name) => page.screenshot({ path: `test-results/${folder}/${name}.png`, fullPage: true })
}
