import { serialize } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { KEPT_TOPUPS, Ledger } from '../../src/sandbox/ledger'
import type { SendOrder } from '../../src/sandbox/protocol'

const START = 1_700_000_000_000
const SECOND = 1000
const FIRST_PAGE = { page: 1, pageSize: 100, window: null }

let made = 0
function newId(now: number): string {
  made += 1
  return (
    Math.floor(now / 1000)
      .toString(16)
      .padStart(8, '0') + made.toString(16).padStart(16, '0')
  )
}

function order(ref: string | null, msisdn = '0600010099', amount = 500): SendOrder {
  return { planCode: 'PREPAID_DJEZZY', msisdn, amount, ref }
}

function send(ledger: Ledger, wanted: SendOrder, now = START) {
  return ledger.send(wanted, now, newId)
}

describe('a ref', () => {
  test('is one top-up, however often it is sent', () => {
    const ledger = new Ledger(null)
    const kinds = Array.from({ length: 1000 }, () => send(ledger, order('same')).kind)
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(999)
    expect(ledger.balance(START)).toBe(99_999_503.75)
  })

  test('is made when none is sent', () => {
    const ledger = new Ledger(null)
    const [one, two] = [send(ledger, order(null)), send(ledger, order(null))]
    if (one.kind !== 'accepted' || two.kind !== 'accepted') throw new Error('refused')
    expect(one.ref).not.toBe(two.ref)
    expect(ledger.findByRef([one.ref], START)).toMatchObject({ kind: 'found', topup: { _id: one.id } })
  })

  test('stays free after a refusal', () => {
    const ledger = new Ledger(null)
    expect(send(ledger, order('poor', '0600010008'))).toEqual({
      kind: 'insufficient',
      required: 496.25,
      available: 0,
    })
    expect(ledger.findByRef(['poor'], START)).toEqual({ kind: 'absent' })
    expect(send(ledger, order('poor')).kind).toBe('accepted')
  })
})

describe('a send answered 500', () => {
  test('with 06 made nothing the first time and is accepted the second time', () => {
    const ledger = new Ledger(null)
    expect(send(ledger, order('six', '0600010006'))).toEqual({ kind: 'not_accepted' })
    expect(ledger.findByRef(['six'], START)).toEqual({ kind: 'absent' })
    const revived = new Ledger(ledger.save())
    expect(send(revived, order('six', '0600010006'))).toMatchObject({ kind: 'accepted', answer: 'sent' })
    expect(send(revived, order('six', '0600010006'))).toEqual({ kind: 'duplicate' })
    expect(revived.findByRef(['six'], START + SECOND)).toMatchObject({ topup: { status: 'FULFILLED' } })
  })

  test('with 07, and one whose answer is lost with 05, were accepted', () => {
    const ledger = new Ledger(null)
    expect(send(ledger, order('seven', '0600010007'))).toMatchObject({ kind: 'accepted', answer: 'error' })
    expect(send(ledger, order('five', '0600010005'))).toMatchObject({ kind: 'accepted', answer: 'lost' })
    expect(ledger.list(FIRST_PAGE, START).pagination.totalResults).toBe(2)
  })
})

describe('the balance', () => {
  test('is taken at acceptance and given back exactly once, with a row for each', () => {
    const ledger = new Ledger(null)
    send(ledger, order('back', '0600010001'))
    expect(ledger.balance(START)).toBe(99_999_503.75)
    for (const later of [1, 2, 60, 86_400]) {
      const now = START + later * SECOND
      expect(ledger.balance(now)).toBe(100_000_000)
      expect(ledger.findByRef(['back'], now)).toMatchObject({ topup: { balance_amount: 0 } })
      expect(ledger.transactions(FIRST_PAGE, now).items).toMatchObject([
        { type: 'REFUND-FLEXY', amount: 496.25, oldBalance: 99_999_503.75, newBalance: 100_000_000 },
        { type: 'FLEXY', amount: 496.25, oldBalance: 100_000_000, newBalance: 99_999_503.75 },
      ])
    }
  })

  test('refuses what it cannot pay', () => {
    const ledger = new Ledger(null)
    const bulk: SendOrder = { planCode: 'GROS_MOBILIS', msisdn: '0661234567', amount: 90_000, ref: null }
    const affordable = Math.floor(100_000_000 / 90_000)
    for (let sent = 0; sent < affordable; sent++) expect(send(ledger, bulk).kind).toBe('accepted')
    const available = 100_000_000 - affordable * 90_000
    expect(send(ledger, bulk)).toEqual({ kind: 'insufficient', required: 90_000, available })
  })

  test('is untouched by GETMENU', () => {
    const ledger = new Ledger(null)
    send(ledger, { planCode: 'GETMENU_Djezzy', msisdn: '0600010099', amount: 0, ref: 'menu' })
    expect(ledger.balance(START)).toBe(100_000_000)
    expect(ledger.transactions(FIRST_PAGE, START + 60 * SECOND).items).toEqual([])
  })
})

describe('the list', () => {
  test('is newest first, in pages, inside a window that includes its ends', () => {
    const ledger = new Ledger(null)
    for (let second = 0; second < 5; second += 1) {
      send(ledger, order(`n${second}`), START + second * SECOND)
    }
    const now = START + 60 * SECOND
    const page = ledger.list({ page: 2, pageSize: 2, window: null }, now)
    expect(page.items.map((topup) => topup.ref)).toEqual(['n2', 'n1'])
    expect(page.pagination).toEqual({ page: 2, pageSize: 2, totalPages: 3, totalResults: 5 })
    const window = { from: START + SECOND, to: START + 3 * SECOND }
    expect(ledger.list({ ...FIRST_PAGE, window }, now).items.map((topup) => topup.ref)).toEqual([
      'n3',
      'n2',
      'n1',
    ])
  })

  test('does not show 13 for 10 s, nor do the look-ups, but its ref is taken', () => {
    const ledger = new Ledger(null)
    const sent = send(ledger, order('hidden', '0600010013'))
    if (sent.kind !== 'accepted') throw new Error('refused')
    for (const [now, found] of [
      [START + 9999, false],
      [START + 10_000, true],
    ] as const) {
      expect(ledger.findByRef(['hidden'], now).kind).toBe(found ? 'found' : 'absent')
      expect(ledger.findById(sent.id, now).kind).toBe(found ? 'found' : 'absent')
      expect(ledger.list(FIRST_PAGE, now).items).toHaveLength(found ? 1 : 0)
    }
    expect(send(ledger, order('hidden', '0600010013')).kind).toBe('duplicate')
  })
})

describe('the books', () => {
  test('survive being stored', () => {
    const ledger = new Ledger(null)
    send(ledger, order('طلب {1}/a+b', '0600010009'))
    const revived = new Ledger(JSON.parse(JSON.stringify(ledger.save())))
    for (const now of [START, START + SECOND, START + 40 * SECOND]) {
      expect(revived.findByRef(['طلب {1}/a+b'], now)).toEqual(ledger.findByRef(['طلب {1}/a+b'], now))
      expect(revived.balance(now)).toBe(ledger.balance(now))
    }
  })

  test('never outgrow one stored value: an account full of unsettled top-ups refuses more', () => {
    const ledger = new Ledger(null)
    const longRef = (count: number) => `${count}-${'ر'.repeat(190)}`
    let count = 0
    const menu = (ref: string): SendOrder => ({
      planCode: 'GETMENU_Djezzy',
      msisdn: '0600030099',
      amount: 0,
      ref,
    })
    while (send(ledger, menu(longRef(count))).kind === 'accepted') count += 1
    expect(send(ledger, menu(longRef(count)))).toEqual({ kind: 'full' })
    expect(ledger.list(FIRST_PAGE, START).pagination.totalResults).toBe(count)
    expect(serialize(ledger.save()).byteLength).toBeLessThan(2_000_000)
    expect(send(ledger, menu('room again'), START + 301 * SECOND).kind).toBe('accepted')
  })

  test('stay bounded: the oldest settled leave, with their cost; unsettled ones stay', () => {
    const ledger = new Ledger(null)
    send(ledger, order('slow', '0600030099', 100))
    send(ledger, order('kept', '0600010099', 100))
    send(ledger, order('back', '0600010001', 100))
    const now = START + 60 * SECOND
    const cheap: SendOrder = { planCode: 'PREPAID_MOBILIS', msisdn: '0600010099', amount: 40, ref: null }
    for (let count = 0; count < KEPT_TOPUPS; count += 1)
      expect(send(ledger, cheap, now).kind).toBe('accepted')
    expect(ledger.findByRef(['kept'], now).kind).toBe('absent')
    expect(ledger.findByRef(['back'], now).kind).toBe('absent')
    expect(ledger.findByRef(['slow'], now).kind).toBe('found')
    expect(ledger.balance(now)).toBeCloseTo(100_000_000 - 2 * 99.25 - KEPT_TOPUPS * 38.4, 6)

    const later = now + 3600 * SECOND
    expect(send(ledger, cheap, later).kind).toBe('accepted')
    expect(ledger.save().topups).toHaveLength(KEPT_TOPUPS)
    expect(ledger.balance(later)).toBeCloseTo(100_000_000 - 2 * 99.25 - (KEPT_TOPUPS + 1) * 38.4, 6)
  })
})
