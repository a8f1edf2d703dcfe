import { describe, expect, it } from 'vitest'
import { csvLine, csvOf } from '../../../src/api/csv'
import type { OrderPlace, OrderView } from '../../../src/merchant/order-row'

const order = (change: Partial<OrderView> = {}): OrderView => ({
  _id: '69a0c1d2e3f405162738495a',
  ref: 'order-77',
  status: 'REFUNDED',
  plan_code: 'PREPAID_MOBILIS',
  MSSIDN: '0661234567',
  topup_amount: 500,
  balance_amount: 480.5,
  created_at: '2026-02-01T12:00:00.000Z',
  provider_id: null,
  phase: 'settled',
  final: true,
  state_version: 2,
  updated_at: '2026-02-01T12:00:02.000Z',
  settled_at: null,
  ...change,
})
const HEADER =
  'ref,_id,provider_id,status,phase,final,plan_code,MSSIDN,topup_amount,balance_amount,created_at,updated_at,settled_at,refund_message\r\n'
const refOf = (ref: string) => csvLine(order({ ref })).replace(/,69a0c1d2[\s\S]*$/, '')

describe('a line', () => {
  it('has a field for each column, empty where there is nothing, and ends as CSV does', () => {
    expect(csvLine(order())).toBe(
      'order-77,69a0c1d2e3f405162738495a,,REFUNDED,settled,true,PREPAID_MOBILIS,0661234567,500,480.5,2026-02-01T12:00:00.000Z,2026-02-01T12:00:02.000Z,,\r\n',
    )
  })

  it.each([
    ['a comma', 'a,b', '"a,b"'],
    ['a quote', 'a"b', '"a""b"'],
    ['only quotes', '""', '""""""'],
    ['a line feed', 'a\nb', '"a\nb"'],
    ['a carriage return', 'a\rb', '"a\rb"'],
    ['blanks, which stay', '  a ', '  a '],
    ['Arabic', 'لا، شكرا', 'لا، شكرا'],
  ])('%s', (_, ref, field) => {
    expect(refOf(ref)).toBe(field)
  })

  it.each([
    ['=1+1', "'=1+1"],
    ['+213661234567', "'+213661234567"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', `"'\rx"`],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['a=1', 'a=1'],
    ["'=1", "'=1"],
  ])('a spreadsheet runs nothing of %j', (ref, field) => {
    expect(refOf(ref)).toBe(field)
  })

  it('that holds for the texts of the operator too, and never for numbers', () => {
    const line = csvLine(order({ refund_message: '=cmd|x, "y"', topup_amount: -1 }))
    expect(line).toMatch(/,"'=cmd\|x, ""y"""\r\n$/)
    expect(line).toContain(',-1,')
  })
})

const place = (createdAt: number): OrderPlace => ({ createdAt, objectId: 'o' })

/** These pages one after the other, and where each was asked to begin. */
function book(...pages: readonly string[][]) {
  const asked: (OrderPlace | null)[] = []
  const page = (before: OrderPlace | null) => {
    asked.push(before)
    const items = (pages[asked.length - 1] ?? []).map((ref) => order({ ref }))
    return Promise.resolve({ items, next: asked.length < pages.length ? place(asked.length) : null })
  }
  return { asked, page }
}
const refsIn = (csv: string) =>
  csv
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split(',')[0])

describe('the whole', () => {
  it('is a header and every order of every page, once, in order', async () => {
    const { page, asked } = book(['a', 'b'], ['c'], ['d', 'e'])
    const csv = await new Response(csvOf(null, page)).text()
    expect(csv.startsWith(HEADER)).toBe(true)
    expect(csv.match(/ref,_id/g)).toHaveLength(1)
    expect(refsIn(csv)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(asked).toEqual([null, place(1), place(2)])
  })

  it('of nothing is the header', async () => {
    expect(await new Response(csvOf(null, book([]).page)).text()).toBe(HEADER)
  })

  it('begins behind the cursor', async () => {
    const { page, asked } = book(['a'])
    await new Response(csvOf(place(9), page)).text()
    expect(asked).toEqual([place(9)])
  })

  it('goes on behind a first page without a hit, and ends with a last one', async () => {
    const csv = await new Response(csvOf(null, book([], ['a'], []).page)).text()
    expect(refsIn(csv)).toEqual(['a'])
  })

  it('goes on through any number of pages without a hit', async () => {
    const { page, asked } = book([], [], [], ['a'], [], [], ['b'], [], [])
    const csv = await new Response(csvOf(null, page)).text()
    expect(refsIn(csv)).toEqual(['a', 'b'])
    expect(asked).toHaveLength(9)
  })

  it('is read no faster than it is taken', async () => {
    const { page, asked } = book(['a'], ['b'], ['c'], ['d'], ['e'])
    const reader = csvOf(null, page).getReader()
    await reader.read()
    expect(asked.length).toBeLessThanOrEqual(2)
    await reader.cancel()
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  it('that fails in the middle is broken, not short', async () => {
    const { page } = book(['a'], ['b'], ['c'])
    const failing = (before: OrderPlace | null) =>
      before?.createdAt === 2 ? Promise.reject(new Error('the book is gone')) : page(before)
    const reader = csvOf(null, failing).getReader()
    const decoder = new TextDecoder()
    const taken: string[] = []
    const takeAll = async () => {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        taken.push(decoder.decode(value))
      }
    }
    await expect(takeAll()).rejects.toThrow('the book is gone')
    expect(refsIn(taken.join(''))).toEqual(['a', 'b'])
  })
})
