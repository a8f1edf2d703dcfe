import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const AA_TEXT = 4.5
const STYLE = readFileSync('public/static/status.css', 'utf8')
const [light = {}, dark = {}] = [...STYLE.matchAll(/:root \{(.*?)\}/gs)].map(([, body = '']) =>
  Object.fromEntries([...body.matchAll(/--([\w-]+): (#\w{6});/g)].map(([, role, colour]) => [role, colour])),
)

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a = '', b = ''): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

describe('the style sheet', () => {
  it.each([
    ['light', light],
    ['dark', dark],
  ])('keeps every text of the %s scheme readable (WCAG AA)', (_, colours) => {
    expect(Object.keys(colours)).toHaveLength(13)
    for (const tone of ['wait', 'good', 'back', 'doubt'] as const) {
      expect(contrast(colours[tone], colours[`${tone}-tint`])).toBeGreaterThanOrEqual(AA_TEXT)
      expect(contrast(colours.ink, colours[`${tone}-tint`])).toBeGreaterThanOrEqual(AA_TEXT)
    }
    for (const ground of [colours.page, colours.card]) {
      expect(contrast(colours.ink, ground)).toBeGreaterThanOrEqual(AA_TEXT)
      expect(contrast(colours.soft, ground)).toBeGreaterThanOrEqual(AA_TEXT)
    }
  })

  it('has no left or right and fetches nothing', () => {
    expect(STYLE).not.toMatch(/(?:margin|padding|border)-(?:left|right)|text-align:(?:left|right)/)
    expect(STYLE).not.toMatch(/url\(|@import|<\//)
  })
})
