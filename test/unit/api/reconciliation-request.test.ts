import { describe, expect, it } from 'vitest'
import { windowOf } from '../../../src/api/reconciliation-request'

const NOW = Date.parse('2026-11-25T12:00:00Z')
const at = (text: string) => Date.parse(text)

describe('the window of a reconciliation', () => {
  it('is the one that was asked for', () => {
    const asked = { from: '2026-11-24', to: '2026-11-25T01:00:00+01:00' }
    expect(windowOf(asked, NOW)).toEqual({ from: at('2026-11-24T00:00:00Z'), to: at('2026-11-25T00:00:00Z') })
  })

  it('ends now where more was asked for, and is measured so', () => {
    expect(windowOf({ from: '2026-10-26', to: '2027-11-25' }, NOW)).toEqual({
      from: at('2026-10-26'),
      to: NOW,
    })
  })

  it('may be 31 days long, and no longer', () => {
    const to = '2026-11-25T00:00:00Z'
    expect(windowOf({ from: '2026-10-25T00:00:00Z', to }, NOW).from).toBe(at('2026-10-25'))
    expect(() => windowOf({ from: '2026-10-24T23:59:59.999Z', to }, NOW)).toThrow(
      'body/from must be at most 31 days before to',
    )
  })

  it.each([
    ['an empty window', '2026-11-24', '2026-11-24', 'body/from must be before to'],
    ['one the wrong way round', '2026-11-24', '2026-11-23', 'body/from must be before to'],
    ['one that is to come', '2026-11-26', '2026-11-27', 'body/from must be in the past'],
    ['one that begins now', '2026-11-25T12:00:00Z', '2026-11-27', 'body/from must be in the past'],
  ])('%s is refused', (_, from, to, says) => {
    expect(() => windowOf({ from, to }, NOW)).toThrow(says)
  })
})
