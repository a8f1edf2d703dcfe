/** Whatever happens to an order, in whatever order and at whatever pace, these stay true. */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  aged,
  interrupted,
  looked,
  nextStep,
  notAbsent,
  provenAbsent,
  submitted,
} from '../../../src/order/machine'
import { alarmAt, nextLookAt } from '../../../src/order/schedule'
import type { LookOutcome, Order, SubmitOutcome } from '../../../src/order/state'
import { at, GATEWAY_ID, NO_ANSWER, NOT_FOUND, refusal, sending, stranger, topup } from './builders'

type Happening =
  | { readonly kind: 'submitted'; readonly outcome: SubmitOutcome }
  | { readonly kind: 'looked'; readonly outcome: LookOutcome }
  | { readonly kind: 'interrupted' | 'provenAbsent' | 'notAbsent' | 'aged' }
type Timed = { readonly waitMs: number; readonly happening: Happening }

const WORDS = [
  'PENDING',
  'HANDLING',
  'UNKNOWN_ERROR',
  'FULFILLED',
  'REFUNDED',
  'SUCCESS',
  'FAILED',
  'NEW',
  ' ',
]
const IDS = ['69a0c1d2e3f405162738495a', '69a0c1d2e3f405162738495b']

const anyTopup = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS).map((word) => topup(word)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...WORDS).map((word) => topup(word, { msisdn: null, planCode: null })),
  },
  { weight: 1, arbitrary: fc.constantFrom(...WORDS).map((word) => stranger(word)) },
)
const anySubmit: fc.Arbitrary<SubmitOutcome> = fc.oneof(
  fc.constantFrom(...IDS).map((topupId) => ({ kind: 'accepted' as const, topupId })),
  fc.option(anyTopup).map((topup) => ({ kind: 'found' as const, topup })),
  fc.constant({ kind: 'refused' as const, refusal: refusal() }),
  fc
    .option(fc.constant(refusal('ODD')))
    .map((refusal) => ({ kind: 'in_doubt' as const, reason: 'x', refusal })),
)
const anyLook: fc.Arbitrary<LookOutcome> = fc.oneof(
  { weight: 10, arbitrary: fc.constant(NOT_FOUND) },
  { weight: 1, arbitrary: fc.constant(NO_ANSWER) },
  { weight: 2, arbitrary: anyTopup.map((topup) => ({ kind: 'found' as const, topup })) },
)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: anySubmit.map((outcome) => ({ kind: 'submitted' as const, outcome })) },
  { weight: 10, arbitrary: anyLook.map((outcome) => ({ kind: 'looked' as const, outcome })) },
  { weight: 4, arbitrary: fc.constant({ kind: 'provenAbsent' as const }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('interrupted' as const, 'notAbsent', 'aged').map((kind) => ({ kind })),
  },
)
const pause = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 45_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 45_000, max: 26 * 3_600_000 }) },
)
const history = fc.array(fc.record({ waitMs: pause, happening }), { maxLength: 40 })

function step(order: Order, happening: Happening, now: number): Order {
  switch (happening.kind) {
    case 'submitted':
      return submitted(order, happening.outcome, now)
    case 'looked':
      return looked(order, happening.outcome, now)
    case 'interrupted':
      return interrupted(order, now)
    case 'provenAbsent':
      return provenAbsent(order, now)
    case 'notAbsent':
      return notAbsent(order)
    case 'aged':
      return aged(order, now)
  }
}

interface Moment {
  readonly before: Order
  readonly after: Order
  readonly happening: Happening
  readonly now: number
}

/** Lives a history from the first send on; half of them begin with a lost answer. */
function live(timed: readonly Timed[], lostAnswer: boolean): Moment[] {
  const moments: Moment[] = []
  let [order, now] = [lostAnswer ? interrupted(sending(), at(0)) : sending(), at(0)]
  for (const { waitMs, happening } of timed) {
    now += waitMs
    const after = step(order, happening, now)
    moments.push({ before: order, after, happening, now })
    order = after
  }
  return moments
}

const always = (check: (moment: Moment, earlier: readonly Moment[]) => void) =>
  fc.assert(
    fc.property(history, fc.boolean(), (timed, lostAnswer) => {
      live(timed, lostAnswer).forEach((moment, index, all) => {
        check(moment, all.slice(0, index))
      })
    }),
    { numRuns: 1_500 },
  )

/** What the provider said in this moment, when it said anything about our top-up. */
function word({ happening }: Moment): string | null {
  if (happening.kind !== 'looked' && happening.kind !== 'submitted') return null
  if (happening.outcome.kind !== 'found' || happening.outcome.topup === null) return null
  return happening.outcome.topup.id === stranger().id ? null : happening.outcome.topup.status
}

describe('never twice', () => {
  let resends = 0

  it('it is sent again only after three not-found over a minute since the last send', () => {
    always((moment, earlier) => {
      const { before, after, happening } = moment
      expect(after.submissions - before.submissions).toBe(
        after.phase === 'sending' && before.phase !== 'sending' ? 1 : 0,
      )
      if (after.phase !== 'sending' || before.phase === 'sending') return
      resends++
      expect(happening.kind).toBe('provenAbsent')
      const lastSend = earlier.findLastIndex((past) => past.after.submissions > past.before.submissions)
      const misses = earlier
        .slice(lastSend + 1)
        .filter((past) => past.happening.kind === 'looked' && past.happening.outcome.kind === 'not_found')
        .map((past) => past.now)
      expect(misses.length).toBeGreaterThanOrEqual(3)
      expect((misses.at(-1) ?? 0) - (misses[0] ?? 0)).toBeGreaterThanOrEqual(60_000)
      expect(after.intent).toBe(before.intent)
    })
  })

  it('and never once the provider has shown it', () => {
    always(({ after, before }, earlier) => {
      const shown = before.providerId !== null || earlier.some((past) => past.after.phase === 'tracking')
      if (shown) expect(after.submissions).toBe(before.submissions)
    })
  })

  it('is refused only while the merchant was never told that it is pending', () => {
    always(({ before, after }) => {
      if (after.phase === 'refused') expect([before.topupId, after.topupId]).toEqual([null, null])
      if (before.phase === 'refused') expect(after).toBe(before)
    })
  })

  afterAll(() => expect(resends).toBeGreaterThan(0))
})

describe('never lost', () => {
  it('whatever is not done has a next step and an alarm', () => {
    always(({ after, now }) => {
      if (after.phase === 'settled' || after.phase === 'refused') return
      expect(nextStep(after)).not.toBe('none')
      expect(alarmAt(after, now)).not.toBeNull()
      if (nextStep(after) === 'look') expect(nextLookAt(after, now)).toBeGreaterThan(now)
    })
  })

  it('whatever the merchant has to be told yet has an alarm', () => {
    always(({ after, now }) => {
      if (after.events.length > 0) expect(alarmAt(after, now)).not.toBeNull()
    })
  })
})

describe('never guessed', () => {
  it('FULFILLED is only ever the word of the provider, and REFUNDED his or a refusal proven absent', () => {
    always((moment) => {
      const { before, after, happening } = moment
      if (after.status === before.status) return
      if (after.status === 'FULFILLED') expect(word(moment)).toBe('FULFILLED')
      if (after.status === 'REFUNDED' && word(moment) !== 'REFUNDED') {
        expect(happening.kind).toBe('provenAbsent')
        expect(before.refusal).not.toBeNull()
        expect(nextStep(before)).toBe('prove_absence')
      }
    })
  })

  it('final is left by a reversal alone: one event more, the other final word', () => {
    always((moment) => {
      const { before, after } = moment
      if (before.phase !== 'settled' || after === before) return
      expect(after.phase).toBe('settled')
      expect([after.status, word(moment)]).toEqual([after.status, after.status])
      expect(after.status).toBe(before.status === 'FULFILLED' ? 'REFUNDED' : 'FULFILLED')
      expect(after.events.at(-1)?.type).toBe('topup.reversed')
      expect(after.stateVersion).toBe(before.stateVersion + 1)
    })
  })

  it('a status is final exactly when the phase is', () => {
    always(({ after }) => {
      const finalWord = after.status === 'FULFILLED' || after.status === 'REFUNDED'
      expect(after.phase === 'settled').toBe(finalWord)
      expect(after.settledAt !== null).toBe(finalWord)
    })
  })
})

describe('what the merchant was told stays', () => {
  it('his id never changes, and he has one as soon as he can be answered', () => {
    always(({ before, after }) => {
      if (before.topupId !== null) expect(after.topupId).toBe(before.topupId)
      if (after.phase !== 'sending' && after.phase !== 'refused') expect(after.topupId).not.toBeNull()
    })
  })

  it('the version is 1 and one more for each event; events are never changed or dropped', () => {
    always(({ before, after }) => {
      expect(after.stateVersion).toBe(1 + after.events.length)
      expect(after.stateVersion).toBeGreaterThanOrEqual(before.stateVersion)
      expect(after.events.slice(0, before.events.length)).toEqual(before.events)
      expect(after.events.map(({ id }) => id)).toEqual(
        after.events.map((_, index) => `evt_${GATEWAY_ID}_${index + 2}`),
      )
    })
  })

  it('nobody is told the same status twice in a row', () => {
    always(({ after }) => {
      for (const { body } of after.events) {
        const { data } = JSON.parse(body)
        expect(data.status).not.toBe(data.previous_status)
      }
    })
  })
})
