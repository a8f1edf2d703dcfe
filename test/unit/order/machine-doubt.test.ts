import { describe, expect, it } from 'vitest'
import {
  ABSENCE_LOOKS,
  ABSENCE_SPREAD_MS,
  interrupted,
  looked,
  nextStep,
  notAbsent,
  provenAbsent,
  submitted,
} from '../../../src/order/machine'
import {
  at,
  crashed,
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
  refusal,
  refusedLater,
  resent,
  sending,
  stranger,
  tracking,
  unsettled,
} from './builders'

describe('a lost answer is looked up, never sent again', () => {
  it.each(['PENDING', 'HANDLING'])('found %s, it is tracked under the id the merchant knows', (word) => {
    const order = looked(inDoubt(), found(word), at(20))
    expect(order).toMatchObject({ phase: 'tracking', status: word, topupId: GATEWAY_ID, submissions: 1 })
    expect(order.providerId).toBe(PROVIDER_ID)
  })

  it('found FULFILLED, it is final', () => {
    const order = looked(inDoubt(), found('FULFILLED'), at(20))
    expect(order).toMatchObject({ phase: 'settled', status: 'FULFILLED', topupId: GATEWAY_ID })
  })

  it('a look-up without an answer proves nothing, however often', () => {
    const minutes = Array.from({ length: 50 }, (_, index) => index)
    const order = minutes.reduce((seen, minute) => looked(seen, NO_ANSWER, at(20 + 60 * minute)), inDoubt())
    expect(order).toEqual(inDoubt())
    expect(nextStep(order)).toBe('look')
  })

  it('time alone proves nothing', () => {
    expect(provenAbsent(inDoubt(), hours(100))).toEqual(inDoubt())
  })
})

describe('404 once is not absence', () => {
  it('the numbers of the design: three look-ups over 60 s', () => {
    expect([ABSENCE_LOOKS, ABSENCE_SPREAD_MS]).toEqual([3, 60_000])
  })

  it.each([
    ['one', [20]],
    ['two, an hour apart', [20, 3_620]],
    ['three within 59.999 s', [20, 50, 79.999]],
    ['ten within 30 s', [20, 23, 26, 29, 32, 35, 38, 41, 44, 50]],
  ])('%s', (_, seconds) => {
    const order = seconds.reduce((seen, second) => looked(seen, NOT_FOUND, at(second)), inDoubt())
    expect(nextStep(order)).toBe('look')
    expect(provenAbsent(order, at(9_999))).toBe(order)
  })

  it('three over 60 s ask for the last proof, the list, and nothing is sent by itself', () => {
    expect(nextStep(missing())).toBe('prove_absence')
    expect(missing()).toMatchObject({ phase: 'in_doubt', submissions: 1 })
  })

  it('answers that waited to be read make the proof longer, never shorter', () => {
    const asked = [20, 50, 79].map((second) => [at(second), at(second + (second === 20 ? 0 : 40))] as const)
    const order = asked.reduce((seen, [ask, read]) => looked(seen, NOT_FOUND, read, ask), inDoubt())
    expect(order.absence).toEqual({ count: 3, firstAt: at(20), lastAt: at(79) })
    expect(nextStep(order)).toBe('look')
    expect(nextStep(looked(order, NOT_FOUND, at(130), at(80)))).toBe('prove_absence')
    const first = looked(inDoubt(), NOT_FOUND, at(50), at(20))
    expect(first.absence?.firstAt).toBe(at(50))
    // A wallet whose clock is ahead proves nothing either.
    expect(looked(first, NOT_FOUND, at(60), at(600)).absence?.lastAt).toBe(at(60))
  })

  it('a failed look-up between them neither counts nor starts over', () => {
    const order = [NOT_FOUND, NO_ANSWER, NOT_FOUND, NO_ANSWER].reduce(
      (seen, outcome, index) => looked(seen, outcome, at(20 + index * 30)),
      inDoubt(),
    )
    expect(order.absence?.count).toBe(2)
    expect(nextStep(looked(order, NOT_FOUND, at(140)))).toBe('prove_absence')
  })

  it.each([
    ['sending', sending()],
    ['tracking: it lags behind its own acceptance', tracking()],
    ['unknown', unsettled()],
    ['final', fulfilled()],
  ])('on an order that is %s it means nothing', (_, order) => {
    expect(missing(order)).toBe(order)
  })

  it('listed after all, the proof starts over', () => {
    const order = notAbsent(missing())
    expect(nextStep(order)).toBe('look')
    expect(nextStep(looked(order, NOT_FOUND, at(200)))).toBe('look')
  })

  it('found after all, nothing is left of the proof', () => {
    expect(looked(missing(), found('PENDING'), at(100)).absence).toBeNull()
  })

  it('a top-up found under our ref ends the proof, also when it is not ours and the order is flagged', () => {
    const flagged = { ...missing(), flag: { at: hours(24), reason: 'open for 24 h' } }
    const order = looked(flagged, { kind: 'found', topup: stranger() }, hours(25))
    expect(nextStep(order)).not.toBe('prove_absence')
    expect(provenAbsent(order, hours(25)).submissions).toBe(1)
  })
})

describe('proven absent', () => {
  it('the same upstream ref goes out once more, and everything the merchant knows stays', () => {
    const order = resent()
    expect(order).toMatchObject({ phase: 'sending', status: 'PENDING', submissions: 2, topupId: GATEWAY_ID })
    expect(order.intent).toEqual(sending().intent)
    expect(order.events).toEqual([])
    expect(order.submittedAt).toBe(at(90))
  })

  it('the first send does not count towards the absence of the second', () => {
    const again = interrupted(resent(), at(110))
    expect(again.absence).toBeNull()
    expect(nextStep(looked(again, NOT_FOUND, at(120)))).toBe('look')
    expect(nextStep(missing(again, at(120)))).toBe('prove_absence')
  })

  it('accepted the second time, it keeps the id the merchant was told first', () => {
    const order = submitted(resent(), { kind: 'accepted', topupId: PROVIDER_ID }, at(91))
    expect(order).toMatchObject({ phase: 'tracking', providerId: PROVIDER_ID, topupId: GATEWAY_ID })
  })

  it('refused the second time, it is not final: absence must be proven of that send too', () => {
    expect(refusedLater()).toMatchObject({ phase: 'in_doubt', status: 'PENDING' })
    expect(refusedLater().events).toEqual([])
    expect(provenAbsent(refusedLater(), at(92))).toEqual(refusedLater())
  })

  it('refused and absent, the money never moved and never will: REFUNDED, told once', () => {
    const order = provenAbsent(missing(refusedLater(), at(100)), at(170))
    expect(order).toMatchObject({ phase: 'settled', status: 'REFUNDED', submissions: 2, stateVersion: 2 })
    expect(order.events.map(({ type }) => type)).toEqual(['topup.refunded'])
    expect(lastBody(order).data).toMatchObject({ status: 'REFUNDED', balance_amount: 0, final: true })
  })

  it('refused, yet found: the provider has the last word', () => {
    expect(looked(refusedLater(), found('FULFILLED'), at(100))).toMatchObject({ status: 'FULFILLED' })
    expect(looked(refusedLater(), found('PENDING'), at(100)).refusal).toBeNull()
  })

  it.each([
    ['tracking', tracking()],
    ['unknown', unsettled()],
    ['final', fulfilled()],
    ['sending', sending()],
  ])('is no argument on an order that is %s', (_, order) => {
    expect(provenAbsent(order, hours(30))).toBe(order)
    expect(notAbsent(order)).toBe(order)
  })
})

describe('a crash', () => {
  it('during the send leaves it in doubt: nobody knows what became of it', () => {
    expect(crashed()).toMatchObject({ phase: 'in_doubt', topupId: GATEWAY_ID, submissions: 1 })
  })

  it('during the second send too', () => {
    expect(interrupted(resent(), at(95))).toMatchObject({ phase: 'in_doubt', submissions: 2 })
  })

  it('at any other time changes nothing', () => {
    expect(interrupted(tracking(), at(95))).toEqual(tracking())
    expect(interrupted(fulfilled(), at(95))).toEqual(fulfilled())
  })
})

describe("a stranger's top-up under our ref, after the merchant was told PENDING", () => {
  const strange = () => looked(inDoubt(), { kind: 'found', topup: stranger('FULFILLED') }, at(20))

  it('is nobody to guess about: unknown, and a human is called', () => {
    expect(strange()).toMatchObject({ phase: 'unknown', status: 'UNKNOWN_ERROR', topupId: GATEWAY_ID })
    expect(strange().flag?.reason).toContain(stranger().id)
  })

  it('lends nothing of itself to what the merchant sees', () => {
    expect(lastBody(strange()).data).toMatchObject({ _id: GATEWAY_ID, final: false, balance_amount: 0 })
    expect(strange().providerId).toBeNull()
  })

  it('is told once and looked up on', () => {
    const later = looked(strange(), { kind: 'found', topup: stranger('FULFILLED') }, at(90))
    expect(later.events).toHaveLength(1)
    expect(nextStep(later)).toBe('look')
  })

  it('answers a second send: that leaves `sending` too, also when the order is flagged already', () => {
    const flagged = { ...resent(), flag: { at: hours(24), reason: 'open for 24 h' } }
    const order = submitted(flagged, { kind: 'found', topup: stranger() }, hours(25))
    expect(order).toMatchObject({ phase: 'unknown', status: 'UNKNOWN_ERROR' })
  })

  it('never settles or reverses anything', () => {
    const other = { kind: 'found', topup: stranger('REFUNDED') } as const
    expect(looked(fulfilled(), other, at(90))).toEqual(fulfilled())
    expect(looked(tracking(), other, at(90)).phase).toBe('unknown')
  })
})

it('the refusal that was kept is the one of the last send', () => {
  const again = submitted(resent(), { kind: 'in_doubt', reason: 'x', refusal: refusal('ODD') }, at(91))
  expect(again.refusal?.code).toBe('ODD')
  expect(interrupted({ ...again, phase: 'sending' }, at(99)).refusal).toBeNull()
})
