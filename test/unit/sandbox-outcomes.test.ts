import { describe, expect, test } from 'vitest'
import {
  isHidden,
  lookUpFault,
  refundedAt,
  refundMessage,
  sendFault,
  settleDelayMs,
  settledForGoodAt,
  statusAt,
  suggestedOffers,
  type Topup,
} from '../../src/sandbox/outcomes'
import { catalogue, chargeCentimes } from '../../src/sandbox/plans'

const ACCEPTED_AT = 1_700_000_000_000
const SECOND = 1000

function topup(msisdn: string, changes: Partial<Topup> = {}): Topup {
  return {
    id: '6553f100aaaaaaaa0000abcd',
    ref: 'order-1',
    planCode: 'PREPAID_DJEZZY',
    msisdn,
    amount: 500,
    acceptedAt: ACCEPTED_AT,
    ...changes,
  }
}

const after = (of: Topup, seconds: number) => statusAt(of, ACCEPTED_AT + seconds * SECOND)

describe('an ordinary number', () => {
  test('is PENDING, HANDLING from half-way, then FULFILLED', () => {
    const ordinary = topup('0778037340')
    const delay = settleDelayMs(ordinary)
    expect(statusAt(ordinary, ACCEPTED_AT)).toBe('PENDING')
    expect(statusAt(ordinary, ACCEPTED_AT + delay / 2 - 1)).toBe('PENDING')
    expect(statusAt(ordinary, ACCEPTED_AT + delay / 2)).toBe('HANDLING')
    expect(statusAt(ordinary, ACCEPTED_AT + delay - 1)).toBe('HANDLING')
    expect(statusAt(ordinary, ACCEPTED_AT + delay)).toBe('FULFILLED')
    expect(statusAt(ordinary, ACCEPTED_AT + 365 * 86_400 * SECOND)).toBe('FULFILLED')
  })

  test('settles after 5 to 16 s, decided by its id alone', () => {
    const delays = Array.from({ length: 500 }, (_, index) => {
      const id = `6553f100aaaaaaaa${Math.imul(index, 2654435761).toString(16).replace('-', '').padStart(8, '0')}`
      expect(settleDelayMs(topup('0778037340', { id }))).toBe(settleDelayMs(topup('0665000000', { id })))
      return settleDelayMs(topup('0778037340', { id }))
    })
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(5000)
    expect(Math.max(...delays)).toBeLessThanOrEqual(16_000)
    expect(new Set(delays).size).toBeGreaterThan(300)
  })
})

describe('the delay digit', () => {
  test.each([
    ['0600010099', 1],
    ['0600020099', 20],
    ['0600030099', 300],
  ])('%s settles after %i s', (number, seconds) => {
    expect(settleDelayMs(topup(number))).toBe(seconds * SECOND)
  })

  test('any other digit is an ordinary delay', () => {
    for (const digit of '0456789') {
      expect(settleDelayMs(topup(`06000${digit}0099`))).toBe(settleDelayMs(topup('0778037340')))
    }
  })
})

describe('the outcome digits', () => {
  test.each([
    ['01', 'REFUNDED', 'REFUNDED'],
    ['02', 'REFUNDED', 'REFUNDED'],
    ['03', 'UNKNOWN_ERROR', 'FULFILLED'],
    ['04', 'UNKNOWN_ERROR', 'REFUNDED'],
    ['05', 'FULFILLED', 'FULFILLED'],
    ['06', 'FULFILLED', 'FULFILLED'],
    ['07', 'FULFILLED', 'FULFILLED'],
    ['09', 'FULFILLED', 'REFUNDED'],
    ['10', 'FULFILLED', 'FULFILLED'],
    ['12', 'FULFILLED', 'FULFILLED'],
    ['13', 'FULFILLED', 'FULFILLED'],
    ['42', 'FULFILLED', 'FULFILLED'],
    ['99', 'FULFILLED', 'FULFILLED'],
  ])('%s is %s when it settles and %s 30 s later', (outcome, first, last) => {
    const of = topup(`06000100${outcome}`)
    expect(after(of, 0.9)).toBe('HANDLING')
    expect(after(of, 1)).toBe(first)
    expect(after(of, 30.9)).toBe(first)
    expect(after(of, 31)).toBe(last)
  })

  test('11 shows a status nobody has seen for 5 s, then FULFILLED', () => {
    const known = ['PENDING', 'HANDLING', 'FULFILLED', 'REFUNDED', 'UNKNOWN_ERROR']
    expect(known).not.toContain(after(topup('0600010011'), 1))
    expect(known).not.toContain(after(topup('0600010011'), 5.9))
    expect(after(topup('0600010011'), 6)).toBe('FULFILLED')
  })

  test('choose how the send is answered', () => {
    expect(['05', '06', '07', '08', '99'].map((oo) => sendFault(`06000000${oo}`))).toEqual([
      'answer_lost',
      'error_not_accepted',
      'error_accepted',
      'no_balance',
      'none',
    ])
    expect(sendFault('0660000005')).toBe('none')
  })

  test('10 throttles every second look-up', () => {
    const faults = [1, 2, 3, 4].map((number) => lookUpFault(topup('0600010010'), ACCEPTED_AT, number))
    expect(faults).toEqual(['none', 'throttled', 'none', 'throttled'])
  })

  test('12 answers HTML and 13 hides for 10 s after acceptance', () => {
    const late = ACCEPTED_AT + 10 * SECOND
    expect(lookUpFault(topup('0600010012'), late - 1, 1)).toBe('html')
    expect(lookUpFault(topup('0600010012'), late, 1)).toBe('none')
    expect(lookUpFault(topup('0600010013'), late - 1, 1)).toBe('hidden')
    expect(lookUpFault(topup('0600010013'), late, 1)).toBe('none')
    expect(isHidden(topup('0600010012'), ACCEPTED_AT)).toBe(false)
    expect(settledForGoodAt(topup('0600010013'))).toBe(late)
  })
})

describe('a refund', () => {
  test('has a moment only where the money comes back', () => {
    expect(refundedAt(topup('0600010001'))).toBe(ACCEPTED_AT + SECOND)
    expect(refundedAt(topup('0600010009'))).toBe(ACCEPTED_AT + 31 * SECOND)
    expect(refundedAt(topup('0600010003'))).toBeNull()
  })

  test('tells the customer in Arabic, and offers other plans after a mismatch', () => {
    const mismatch = topup('0600000002')
    expect(refundMessage(mismatch, 'REFUNDED')).toMatch(/\p{Script=Arabic}/u)
    expect(suggestedOffers(mismatch, 'REFUNDED')).toEqual([
      { typename: '📋 FACTURE | فاتورة', plan_code: 'FACTURE_DJEZZY', amount: 500 },
    ])
    expect(suggestedOffers(topup('0600000001'), 'REFUNDED')).toBeNull()
    expect(refundMessage(mismatch, 'HANDLING')).toBeNull()
    expect(suggestedOffers(mismatch, 'HANDLING')).toBeNull()
    expect(refundMessage(topup('0600010003'), 'UNKNOWN_ERROR')).toMatch(/\p{Script=Arabic}/u)
  })

  test('ends every GETMENU, with offers that are plans', () => {
    const codes = new Set(Object.values(catalogue()).flatMap((plans) => plans.map((plan) => plan.code)))
    for (const network of ['Mobilis', 'Djezzy', 'Ooredoo']) {
      const menu = topup('0600010099', { planCode: `GETMENU_${network}`, amount: 0 })
      expect(after(menu, 1)).toBe('REFUNDED')
      const offers = suggestedOffers(menu, 'REFUNDED') ?? []
      expect(offers.length).toBeGreaterThan(0)
      for (const offer of offers) expect(codes).toContain(offer.plan_code)
    }
  })
})

test('a charge is face value times cost, to the centime', () => {
  expect(chargeCentimes('PREPAID_DJEZZY', 500)).toBe(496_25)
  expect(chargeCentimes('PREPAID_DJEZZY', 102)).toBe(101_24)
  expect(chargeCentimes('GROS_MOBILIS', 5000)).toBe(5000_00)
  expect(chargeCentimes('GETMENU_Djezzy', 500)).toBe(0)
})
