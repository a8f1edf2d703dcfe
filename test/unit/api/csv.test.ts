import { describe, expect, it } from 'vitest'
import { csvLine, csvOf } from '../../../src/api/csv'
import {
  FINDING_COLUMNS,
  findingRow,
  ORDER_COLUMNS,
  REPORT_COLUMNS,
  reportRow,
} from '../../../src/api/csv-tables'
import type { OrderPlace, OrderView } from '../../../src/merchant/order-row'
import { findingView } from '../../../src/reconcile/finding-view'
import { reportView } from '../../../src/reconcile/report-view'
import { listedFinding, report } from '../reconcile/builders'

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
const refOf = (ref: string) => csvLine(ORDER_COLUMNS, order({ ref })).replace(/,69a0c1d2[\s\S]*$/, '')

describe('a line', () => {
  it('has a field for each column, empty where there is nothing, and ends as CSV does', () => {
    expect(csvLine(ORDER_COLUMNS, order())).toBe(
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
    const line = csvLine(ORDER_COLUMNS, order({ refund_message: '=cmd|x, "y"', topup_amount: -1 }))
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
    const csv = await new Response(csvOf(ORDER_COLUMNS, null, page)).text()
    expect(csv.startsWith(HEADER)).toBe(true)
    expect(csv.match(/ref,_id/g)).toHaveLength(1)
    expect(refsIn(csv)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(asked).toEqual([null, place(1), place(2)])
  })

  it('of nothing is the header', async () => {
    expect(await new Response(csvOf(ORDER_COLUMNS, null, book([]).page)).text()).toBe(HEADER)
  })

  it('begins behind the cursor', async () => {
    const { page, asked } = book(['a'])
    await new Response(csvOf(ORDER_COLUMNS, place(9), page)).text()
    expect(asked).toEqual([place(9)])
  })

  it('goes on behind a first page without a hit, and ends with a last one', async () => {
    const csv = await new Response(csvOf(ORDER_COLUMNS, null, book([], ['a'], []).page)).text()
    expect(refsIn(csv)).toEqual(['a'])
  })

  it('goes on through any number of pages without a hit', async () => {
    const { page, asked } = book([], [], [], ['a'], [], [], ['b'], [], [])
    const csv = await new Response(csvOf(ORDER_COLUMNS, null, page)).text()
    expect(refsIn(csv)).toEqual(['a', 'b'])
    expect(asked).toHaveLength(9)
  })

  it('is read no faster than it is taken', async () => {
    const { page, asked } = book(['a'], ['b'], ['c'], ['d'], ['e'])
    const reader = csvOf(ORDER_COLUMNS, null, page).getReader()
    await reader.read()
    expect(asked.length).toBeLessThanOrEqual(2)
    await reader.cancel()
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  it('that fails in the middle is broken, not short', async () => {
    const { page } = book(['a'], ['b'], ['c'])
    const failing = (before: OrderPlace | null) =>
      before?.createdAt === 2 ? Promise.reject(new Error('the book is gone')) : page(before)
    const reader = csvOf(ORDER_COLUMNS, null, failing).getReader()
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

/** The header and one line, as name and value. */
function fields(columns: readonly string[], line: string): Record<string, string | undefined> {
  expect(line.endsWith('\r\n')).toBe(true)
  const values = line.slice(0, -2).split(',')
  expect(values).toHaveLength(columns.length)
  return Object.fromEntries(columns.map((name, at) => [name, values[at]]))
}

describe('a reconciliation', () => {
  it('is one line with its window, counts, amounts in DZD and the difference', () => {
    const balance = {
      openingCentimes: 100_050,
      closingCentimes: 50_000,
      movedCentimes: -50_000,
      differenceCentimes: -50,
    }
    const findings = { missing: 2, orphan: 1 }
    const view = reportView(report({ balance, findings, chargedCentimes: 48_050, reasons: ['late', 'odd'] }))
    expect(fields(REPORT_COLUMNS, csvLine(REPORT_COLUMNS, reportRow(view)))).toMatchObject({
      id: 'rec_1',
      state: 'complete',
      from: '2026-11-22T00:00:00.000Z',
      to: '2026-11-23T00:00:00.000Z',
      upstream: '7',
      looked_up: '1',
      findings: '3',
      charged_dzd: '480.5',
      opening_dzd: '1000.5',
      difference_dzd: '-0.5',
      reasons: 'late; odd',
    })
  })

  it('of a shared account has no balance, and one that runs no end', () => {
    const view = reportView(report({ state: 'running', endedAt: null }))
    const line = fields(REPORT_COLUMNS, csvLine(REPORT_COLUMNS, reportRow(view)))
    expect(line).toMatchObject({ ended_at: '', opening_dzd: '', difference_dzd: '', findings: '0' })
  })
})

describe('a finding', () => {
  it('is one line; what both sides say is JSON, and a note is no formula', () => {
    const closing = { by: 'till 1', note: '=1+1', at: Date.parse('2026-11-24T00:00:00Z') }
    const view = findingView(listedFinding({ closing, state: 'closed', ref: '@ref', ours: { ref: 'a' } }))
    const line = csvLine(FINDING_COLUMNS, findingRow(view))
    expect(line).toMatch(/^orphan-1,orphan,closed,2026-11-23T10:00:00\.000Z,'@ref,/)
    expect(line).toContain('"{""amount_dzd"":500')
    expect(line).toContain(',"{""ref"":""a""}",')
    expect(line).toMatch(/,2026-11-24T00:00:00\.000Z,till 1,'=1\+1\r\n$/)
  })
})
