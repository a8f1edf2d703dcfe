/** Reading a page of the provider's statement. */
import { describe, expect, it } from 'vitest'
import { isDebit, readStatementPage } from '../../../src/provider/movement'
import { NOISE } from './answers'

const ROW = {
  _id: 'm1',
  type: 'FLEXY',
  operation: 'DECREMENT',
  amount: 480,
  oldBalance: 1_000.1,
  newBalance: 520.1,
  objid: 't1',
  note: 'PREPAID_MOBILIS 0612345678',
  time: '2026-11-24T12:00:00.120Z',
}
const PAGINATION = { page: 1, pageSize: 100, totalPages: 1, totalResults: 1 }

const page = (items: unknown, pagination: unknown = PAGINATION) =>
  readStatementPage(JSON.stringify({ items, pagination }))
const only = (more: object) => page([{ ...ROW, ...more }])?.movements[0]

describe('a page of the statement', () => {
  it('becomes movements in centimes and unix milliseconds', () => {
    expect(page([ROW])).toEqual({
      movements: [
        {
          id: 'm1',
          type: 'FLEXY',
          topupId: 't1',
          at: Date.UTC(2026, 10, 24, 12, 0, 0, 120),
          beforeCentimes: 100_010,
          afterCentimes: 52_010,
          note: 'PREPAID_MOBILIS 06••••••78',
        },
      ],
      page: 1,
      totalPages: 1,
      totalResults: 1,
    })
  })

  it('may say less of itself, and write balances as text or times as numbers', () => {
    expect(page([], { totalPages: 0 })).toMatchObject({ page: null, totalResults: null })
    expect(only({ oldBalance: '1000.10', time: 1_000 })).toMatchObject({ beforeCentimes: 100_010, at: 1_000 })
  })

  it('may have rows without an object or a note', () => {
    expect(only({ objid: null, note: undefined })).toMatchObject({ topupId: null, note: '' })
    expect(only({ objid: 7 })).toMatchObject({ topupId: null })
  })

  it.each([
    ['no id', { _id: '' }],
    ['no type', { type: null }],
    ['no old balance', { oldBalance: null }],
    ['a balance that is no number', { newBalance: 'much' }],
    ['a time that is none', { time: 'yesterday' }],
    ['a time beyond all calendars', { time: 9e15 }],
  ])('is none when a row has %s: the row passed over could be the one that matters', (_, more) => {
    expect(page([ROW, { ...ROW, ...more }])).toBeNull()
  })

  it.each(NOISE)('is not %s', (_, body) => {
    expect(readStatementPage(body)).toBeNull()
  })
})

it('money leaves when the balance falls, whatever the word for it is', () => {
  expect(only({ operation: 'INCREMENT' })).toSatisfy(isDebit)
  expect(only({ newBalance: 2_000 })).not.toSatisfy(isDebit)
  expect(only({ newBalance: 1_000.1 })).not.toSatisfy(isDebit)
})

describe('a note', () => {
  it.each([
    ['0612345678', '06••••••78'],
    ['to +213612345678 and 00213 7 70 12 34 56', 'to 06••••••78 and 07••••••56'],
    ['06 12 34 56 78', '06••••••78'],
    ['021-23-45-67', '02••••••67'],
    ['order 500', 'order 500'],
  ])('of "%s" reads "%s"', (note, told) => {
    expect(only({ note })?.note).toBe(told)
  })

  it('is cut', () => {
    expect(only({ note: 'x'.repeat(500) })?.note).toHaveLength(120)
  })
})
