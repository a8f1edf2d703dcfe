/** An order that waits for its turn: nothing has left, and its merchant was told PENDING. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  aged,
  called,
  expecting,
  interrupted,
  isWorthKeeping,
  looked,
  nextStep,
  notAbsent,
  provenAbsent,
  submitted,
} from '../../../src/order/machine'
import type { Order, SubmitOutcome } from '../../../src/order/state'
import {
  at,
  calledUp,
  found,
  fulfilled,
  GATEWAY_ID,
  hours,
  inDoubt,
  lastBody,
  missing,
  NO_ANSWER,
  NOT_FOUND,
  PROVIDER_ID,
  queued,
  refunded,
  refusal,
  resent,
  sending,
  stranger,
  topup,
  tracking,
  unsettled,
} from './builders'

const QUEUED: SubmitOutcome = { kind: 'queued', position: 3 }
const LOST: SubmitOutcome = { kind: 'in_doubt', reason: 'timeout', refusal: null }
const ACCEPTED: SubmitOutcome = { kind: 'accepted', topupId: PROVIDER_ID }
/** The same one each time. */
const QUEUED_ORDER = queued()
const refused = (code?: string, httpStatus = 403): SubmitOutcome => ({
  kind: 'refused',
  refusal: refusal(code, { httpStatus }),
})
const TOO_FAST = refused('RATE_LIMIT_EXCEEDED', 429)

describe('a send that waits for its turn', () => {
  it('is PENDING under the id that was made for it, which is frozen', () => {
    expect(queued()).toMatchObject({
      phase: 'queued',
      status: 'PENDING',
      topupId: GATEWAY_ID,
      providerId: null,
      stateVersion: 1,
      submissions: 1,
      events: [],
    })
    const accepted = submitted(calledUp(), ACCEPTED, at(31))
    expect(accepted).toMatchObject({ phase: 'tracking', topupId: GATEWAY_ID, providerId: PROVIDER_ID })
  })

  it('waits, and nothing else: it is not looked up, and time alone sends nothing', () => {
    expect(nextStep(queued())).toBe('await_turn')
    expect(provenAbsent(QUEUED_ORDER, hours(100))).toBe(QUEUED_ORDER)
    expect(interrupted(QUEUED_ORDER, at(500))).toBe(QUEUED_ORDER)
    expect(notAbsent(QUEUED_ORDER)).toBe(QUEUED_ORDER)
  })

  it('is durable before its merchant hears of it', () => {
    expect(isWorthKeeping(sending(), queued())).toBe(true)
    expect(isWorthKeeping(queued(), calledUp())).toBe(true)
  })

  it('goes out when it is called, and the time of its send is that moment', () => {
    expect(calledUp()).toMatchObject({
      phase: 'sending',
      status: 'PENDING',
      submittedAt: at(30),
      submissions: 1,
      createdAt: at(0),
    })
    expect(nextStep(calledUp())).toBe('conclude_send')
  })

  it('may be told to wait again', () => {
    const again = submitted(calledUp(), QUEUED, at(31))
    expect(again).toMatchObject({ phase: 'queued', submissions: 1, topupId: GATEWAY_ID })
  })

  it('for a day is flagged for a human, and waits on', () => {
    expect(aged(queued(), hours(25))).toMatchObject({ phase: 'queued', flag: { reason: 'open for 24 h' } })
  })

  it('a "not found" proves nothing of it: it was never sent', () => {
    const seen = [10, 40, 80, 120].reduce((order, second) => looked(order, NOT_FOUND, at(second)), queued())
    expect(seen).toEqual(queued())
    expect(looked(queued(), NO_ANSWER, at(5))).toEqual(queued())
  })

  it('that the provider shows all the same is tracked, and never sent', () => {
    const seen = looked(queued(), found('HANDLING'), at(10))
    expect(seen).toMatchObject({ phase: 'tracking', status: 'HANDLING', topupId: GATEWAY_ID })
    expect(called(seen, at(20))).toBe(seen)
  })
})

describe('a call', () => {
  it.each<[string, Order]>([
    ['is under way already', sending()],
    ['is in doubt', inDoubt()],
    ['is on its way again', resent()],
    ['was accepted', tracking()],
    ['is unknown', unsettled()],
    ['is fulfilled', fulfilled()],
    ['is refunded', refunded()],
    ['was refused', submitted(sending(), refused(), at(1))],
  ])('sends nothing that %s', (_, order) => {
    expect(called(order, at(100))).toBe(order)
  })

  it('twice sends once', () => {
    const once = calledUp()
    expect(called(once, at(31))).toBe(once)
  })
})

describe('a definite no to the only send that ever left', () => {
  it('ends REFUNDED at once: nothing was taken, and the merchant, who was told PENDING, is told', () => {
    const over = submitted(calledUp(), refused('INSUFFICIENT_BALANCE'), at(31))
    expect(over).toMatchObject({
      phase: 'settled',
      status: 'REFUNDED',
      topupId: GATEWAY_ID,
      settledAt: at(31),
    })
    expect(over.refusal?.code).toBe('INSUFFICIENT_BALANCE')
    expect(over.events.map(({ type }) => type)).toEqual(['topup.refunded'])
    expect(lastBody(over).data).toMatchObject({ status: 'REFUNDED', ref: 'order-77', balance_amount: 0 })
  })

  it('never frees its ref', () => {
    for (const code of ['INSUFFICIENT_BALANCE', 'ERR_VALIDATION', 'INVALID_PHONE'])
      expect(submitted(calledUp(), refused(code), at(31)).phase).toBe('settled')
  })

  it('waited for twice is still the only one', () => {
    const again = called(submitted(calledUp(), QUEUED, at(31)), at(60))
    expect(submitted(again, refused(), at(61))).toMatchObject({ phase: 'settled', status: 'REFUNDED' })
  })

  it('that names a top-up of somebody else under its ref ends it too: ours was never made', () => {
    const over = submitted(calledUp(), { kind: 'found', topup: stranger() }, at(31))
    expect(over).toMatchObject({ phase: 'settled', status: 'REFUNDED', refusal: { code: 'DUPLICATED_REF' } })
  })

  it('of a merchant who heard nothing yet frees the ref, as ever', () => {
    expect(submitted(sending(), refused(), at(1)).phase).toBe('refused')
  })
})

describe('a definite no after a doubtful send', () => {
  const resentAndQueued = () => called(submitted(resent(), QUEUED, at(91)), at(120))

  it('is not believed at once: it may be about the second copy', () => {
    const order = submitted(resentAndQueued(), refused(), at(121))
    expect(order).toMatchObject({ phase: 'in_doubt', status: 'PENDING', submissions: 2, events: [] })
    expect(order.refusal).not.toBeNull()
  })

  it('ends REFUNDED once it is proven absent too', () => {
    const order = missing(submitted(resentAndQueued(), refused(), at(121)), at(130))
    expect(provenAbsent(order, at(200))).toMatchObject({
      phase: 'settled',
      status: 'REFUNDED',
      submissions: 2,
    })
  })

  it('proof of absence is counted anew from the send that was waited for', () => {
    const order = submitted(resentAndQueued(), LOST, at(130))
    expect(order).toMatchObject({ phase: 'in_doubt', absence: null })
    expect(provenAbsent(order, at(500))).toBe(order)
  })
})

describe('"too fast"', () => {
  it('is no verdict on what was promised: it goes back to doubt, and out again once it is proven absent', () => {
    const order = submitted(calledUp(), TOO_FAST, at(31))
    expect(order).toMatchObject({ phase: 'in_doubt', status: 'PENDING', refusal: null, events: [] })
    const again = provenAbsent(missing(order, at(40)), at(110))
    expect(again).toMatchObject({ phase: 'sending', submissions: 2 })
  })

  it('after a doubtful send is none either', () => {
    expect(submitted(resent(), TOO_FAST, at(91))).toMatchObject({ phase: 'in_doubt', refusal: null })
  })

  it('of a send that nobody was told of is a refusal like any other', () => {
    expect(submitted(sending(), TOO_FAST, at(1))).toMatchObject({ phase: 'refused' })
  })
})

describe('a late answer', () => {
  it('"queued" ends the doubt: nothing has left, and it will be called', () => {
    const order = submitted(inDoubt(), QUEUED, at(12))
    expect(order).toMatchObject({ phase: 'queued', submissions: 1, topupId: GATEWAY_ID })
    expect(called(order, at(40))).toMatchObject({ phase: 'sending', submissions: 1 })
  })

  it.each<[string, Order]>([
    ['tracked', tracking()],
    ['unknown', unsettled()],
    ['final', fulfilled()],
  ])('"queued" changes nothing of what is %s', (_, order) => {
    expect(submitted(order, QUEUED, at(100))).toBe(order)
  })

  it('of another kind changes nothing of an order that waits: it was about no send', () => {
    for (const outcome of [ACCEPTED, LOST, refused()])
      expect(submitted(QUEUED_ORDER, outcome, at(9))).toBe(QUEUED_ORDER)
  })
})

describe('what is expected', () => {
  const expected = { at: at(20), lateAt: at(60) }

  it('is known of what was accepted, and of nothing else', () => {
    expect(expecting(tracking(), expected).expected).toEqual(expected)
    for (const order of [queued(), inDoubt(), submitted(sending(), refused(), at(1))])
      expect(expecting(order, expected)).toBe(order)
  })

  it('costs no row of its own', () => {
    expect(isWorthKeeping(tracking(), expecting(tracking(), expected))).toBe(false)
  })
})

type Happening = (order: Order, now: number) => Order
const outcomes: SubmitOutcome[] = [
  QUEUED,
  LOST,
  ACCEPTED,
  TOO_FAST,
  refused(),
  { kind: 'found', topup: null },
  { kind: 'found', topup: topup('PENDING') },
  { kind: 'found', topup: stranger() },
]
const happening: fc.Arbitrary<readonly [name: string, happening: Happening]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(...outcomes)
      .map(
        (outcome) => ['submitted', (order: Order, now: number) => submitted(order, outcome, now)] as const,
      ),
  },
  { weight: 5, arbitrary: fc.constant(['called', called] as const) },
  {
    weight: 6,
    arbitrary: fc.constant([
      'not found',
      (order: Order, now: number) => looked(order, NOT_FOUND, now),
    ] as const),
  },
  { weight: 3, arbitrary: fc.constant(['proven absent', provenAbsent] as const) },
  { weight: 2, arbitrary: fc.constant(['interrupted', interrupted] as const) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('PENDING', 'FULFILLED', 'UNKNOWN_ERROR')
      .map(
        (word) => [`found ${word}`, (order: Order, now: number) => looked(order, found(word), now)] as const,
      ),
  },
)

describe('whatever happens', () => {
  const lives = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), happening), { maxLength: 50 })
  const live = (
    life: readonly (readonly [number, readonly [string, Happening]])[],
    check: (name: string, before: Order, after: Order, now: number) => void,
  ) => {
    let [order, now] = [sending(), at(0)]
    for (const [waitMs, [name, happens]] of life) {
      now += waitMs
      const after = happens(order, now)
      check(name, order, after, now)
      order = after
    }
    return order
  }

  it('only a call sends what waits, and only a proof of absence counts as another send', () => {
    fc.assert(
      fc.property(lives, (life) => {
        live(life, (name, before, after) => {
          const leaves = before.phase !== 'sending' && after.phase === 'sending'
          if (leaves) expect(name).toBe(before.phase === 'queued' ? 'called' : 'proven absent')
          expect(after.submissions - before.submissions).toBe(name === 'proven absent' && leaves ? 1 : 0)
        })
      }),
      { numRuns: 2_000 },
    )
  })

  it('what was told PENDING keeps its id, and its ref is never free again', () => {
    fc.assert(
      fc.property(lives, (life) => {
        live(life, (_, before, after) => {
          if (before.topupId === null) return
          expect(after.topupId).toBe(before.topupId)
          expect(after.phase).not.toBe('refused')
        })
      }),
      { numRuns: 2_000 },
    )
  })

  it('a no settles at once only what was submitted once; and whatever settles is told', () => {
    fc.assert(
      fc.property(lives, (life) => {
        live(life, (name, before, after) => {
          if (before.phase === 'settled' || after.phase !== 'settled') return
          expect(after.events.length).toBe(before.events.length + 1)
          if (name === 'submitted' && after.status === 'REFUNDED') expect(before.submissions).toBe(1)
        })
      }),
      { numRuns: 2_000 },
    )
  })
})
