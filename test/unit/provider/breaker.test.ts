import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { isAnswer, isDefinite } from '../../../src/provider/answered'
import { Breaker, type Call, type Pass } from '../../../src/provider/breaker'
import { accepted, answered, failure, row, success } from './answers'

const NOON = Date.UTC(2026, 1, 1, 12)
const at = (seconds: number) => NOON + seconds * 1_000

let breaker: Breaker
beforeEach(() => {
  breaker = new Breaker(at(0))
})

function started(call: Call, subject: string, second: number): Pass {
  const pass = breaker.start(call, subject, at(second))
  if (pass === null) throw new Error(`a ${call} is admitted at ${second}`)
  return pass
}
const began = (order: string, second = 0) => started('send', order, second)
/** Begins and ends at once. */
const sent = (order: string, isAnswered: boolean, second = 0) =>
  breaker.ended(began(order, second), isAnswered, at(second))
const read = (subject: string, isAnswered: boolean, second = 0) =>
  breaker.ended(started('read', subject, second), isAnswered, at(second))

const ORDERS = ['a', 'b', 'c', 'd', 'e']
const openBySends = (second = 0) => {
  for (const order of ORDERS) sent(order, false, second)
}
const openByReads = (second = 0) => {
  for (let turn = 0; turn < 10; turn++) read(`ref-${turn % 3}`, false, second)
}
/** The probe that is due then. */
const probe = (ok: boolean, second: number) => {
  expect(breaker.startProbe(at(second))).toBe(true)
  breaker.probed(ok, at(second))
}
const halfOpen = () => {
  openBySends(0)
  probe(true, 5)
}
const state = (second: number) => breaker.describe(at(second)).state

describe('a closed breaker', () => {
  it('admits everything and has nothing to say', () => {
    expect(breaker.admits(at(1))).toBe(true)
    expect(breaker.admits(at(1), 'read')).toBe(true)
    expect(breaker.startProbe(at(1))).toBe(false)
    expect(breaker.retryAfterSeconds(at(1))).toBe(0)
    expect(breaker.describe(at(1))).toEqual({
      state: 'closed',
      since: at(0),
      reason: null,
      nextProbeAt: null,
    })
  })

  it('opens after five sends in doubt in a row', () => {
    for (const order of ORDERS.slice(1)) sent(order, false)
    expect(state(0)).toBe('closed')
    sent('a', false, 3)
    expect(breaker.describe(at(3))).toEqual({
      state: 'open',
      since: at(3),
      reason: 'sends_in_doubt',
      nextProbeAt: at(8),
    })
  })

  it('does not open for one order, however often it is in doubt', () => {
    for (let turn = 0; turn < 50; turn++) sent('a', false)
    expect(state(0)).toBe('closed')
  })

  it('counts anew after a definite answer to a send', () => {
    for (const order of ORDERS.slice(1)) sent(order, false)
    sent('x', true)
    for (const order of ORDERS.slice(1)) sent(order, false)
    expect(state(0)).toBe('closed')
    sent('a', false)
    expect(state(0)).toBe('open')
  })

  it('opens after ten reads in a row without an answer', () => {
    for (let turn = 0; turn < 9; turn++) read(`ref-${turn}`, false)
    expect(state(0)).toBe('closed')
    read('ref-9', false)
    expect(breaker.describe(at(0))).toMatchObject({ state: 'open', reason: 'reads_unanswered' })
  })

  it('does not open for one thing that nobody can read', () => {
    for (let turn = 0; turn < 50; turn++) read('ref', false)
    expect(state(0)).toBe('closed')
    read('other', false)
    expect(state(0)).toBe('open')
  })

  it('counts anew after a read that was answered', () => {
    for (let turn = 0; turn < 9; turn++) read(`ref-${turn}`, false)
    read('ref', true)
    for (let turn = 0; turn < 9; turn++) read(`ref-${turn}`, false)
    expect(state(0)).toBe('closed')
  })

  it('takes no answer to a read for one to a send, nor the other way round', () => {
    for (const order of ORDERS.slice(1)) sent(order, false)
    read('ref', true)
    sent('a', false)
    expect(state(0)).toBe('open')
    breaker = new Breaker(at(0))
    for (let turn = 0; turn < 9; turn++) read(`ref-${turn}`, false)
    sent('x', true)
    read('ref', false)
    expect(state(0)).toBe('open')
  })
})

describe('a breaker that sends opened', () => {
  beforeEach(() => openBySends(0))

  it('admits no send, and reads: only they resolve doubt', () => {
    expect(breaker.admits(at(60))).toBe(false)
    expect(breaker.start('send', 'x', at(60))).toBeNull()
    expect(breaker.admits(at(60), 'read')).toBe(true)
  })

  it('admits neither once the reads are not answered either, and keeps its wait', () => {
    openByReads(2)
    expect(breaker.admits(at(2), 'read')).toBe(false)
    expect(breaker.describe(at(2))).toEqual({
      state: 'open',
      since: at(0),
      reason: 'reads_unanswered',
      nextProbeAt: at(5),
    })
  })

  it('is not closed by reads that are answered', () => {
    for (let turn = 0; turn < 20; turn++) read(`ref-${turn}`, true, 1)
    expect(state(1)).toBe('open')
  })
})

it('a breaker that reads opened admits nothing', () => {
  openByReads(0)
  expect(breaker.admits(at(1))).toBe(false)
  expect(breaker.start('read', 'ref', at(1))).toBeNull()
})

describe('a probe', () => {
  beforeEach(() => openBySends(0))

  it('is due five seconds after it opened, one at a time', () => {
    expect(breaker.startProbe(at(4.999))).toBe(false)
    expect(breaker.startProbe(at(5))).toBe(true)
    expect(breaker.startProbe(at(6))).toBe(false)
    expect(breaker.admits(at(6))).toBe(false)
  })

  it('that fails doubles the wait, up to a minute', () => {
    let second = 0
    const waits = [5, 10, 20, 40, 60, 60, 60].map(() => {
      const next = breaker.describe(at(second)).nextProbeAt ?? 0
      const wait = (next - at(second)) / 1_000
      second += wait
      probe(false, second)
      return wait
    })
    expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60])
  })

  it('that never reports is given up after ten seconds', () => {
    breaker.startProbe(at(5))
    expect(breaker.describe(at(6)).nextProbeAt).toBe(at(15))
    expect(breaker.startProbe(at(14.999))).toBe(false)
    expect(breaker.startProbe(at(15))).toBe(true)
  })

  it('that comes too late for an open breaker changes nothing', () => {
    probe(true, 5)
    breaker.probed(false, at(6))
    expect(state(6)).toBe('half_open')
    sent('x', true, 7)
    breaker.probed(true, at(8))
    expect(state(8)).toBe('closed')
  })
})

describe('after a good probe', () => {
  beforeEach(halfOpen)

  it('reads go freely and sends one at a time', () => {
    expect(state(5)).toBe('half_open')
    expect(breaker.admits(at(5))).toBe(true)
    began('x', 5)
    expect(breaker.admits(at(6))).toBe(false)
    expect(breaker.start('send', 'y', at(6))).toBeNull()
    expect(breaker.retryAfterSeconds(at(6))).toBe(2)
    expect(breaker.admits(at(6), 'read')).toBe(true)
  })

  it('the first definite answer to a send closes it', () => {
    sent('x', true, 6)
    expect(breaker.describe(at(6))).toEqual({
      state: 'closed',
      since: at(6),
      reason: null,
      nextProbeAt: null,
    })
    began('y', 6)
    began('z', 6)
  })

  it('the first send in doubt opens it again, for twice as long', () => {
    sent('x', false, 6)
    expect(breaker.describe(at(6))).toEqual({
      state: 'open',
      since: at(6),
      reason: 'sends_in_doubt',
      nextProbeAt: at(16),
    })
    probe(true, 16)
    sent('y', false, 17)
    expect(breaker.describe(at(17)).nextProbeAt).toBe(at(37))
  })

  it('reads that are not answered open it again, by the full count', () => {
    for (let turn = 0; turn < 9; turn++) read(`ref-${turn}`, false, 6)
    expect(state(6)).toBe('half_open')
    read('ref', false, 6)
    expect(breaker.describe(at(6))).toMatchObject({ state: 'open', nextProbeAt: at(16) })
  })

  it('reads that are answered do not close it: sends were in doubt', () => {
    read('ref', true, 6)
    expect(state(6)).toBe('half_open')
  })

  it('half a minute without a send closes it', () => {
    expect(state(34.999)).toBe('half_open')
    expect(breaker.describe(at(35))).toMatchObject({ state: 'closed', reason: null })
  })

  it('and such a half minute, what was in doubt before counts no more', () => {
    for (const order of ORDERS.slice(1)) sent(order, false, 35)
    expect(state(35)).toBe('closed')
  })

  it('half a minute closes nothing while a send is under way', () => {
    const pass = began('x', 34)
    expect(state(40)).toBe('half_open')
    breaker.ended(pass, false, at(42))
    expect(state(42)).toBe('open')
  })

  it('a send that never ends makes room for another after a quarter of a minute', () => {
    began('x', 6)
    expect(breaker.admits(at(20.999))).toBe(false)
    expect(breaker.admits(at(21))).toBe(true)
  })
})

it('after a good probe, reads that opened it count anew', () => {
  openByReads(0)
  probe(true, 5)
  for (let turn = 0; turn < 9; turn++) read(`ref-${turn}`, false, 6)
  expect(state(6)).toBe('half_open')
})

describe('after it closed', () => {
  beforeEach(() => {
    halfOpen()
    sent('x', true, 6)
  })

  it('one send in doubt opens nothing: it takes five again', () => {
    for (const order of ORDERS.slice(1)) sent(order, false, 7)
    expect(state(7)).toBe('closed')
  })

  it('five within half a minute wait for twice as long as before', () => {
    openBySends(35.9)
    expect(breaker.describe(at(35.9)).nextProbeAt).toBe(at(45.9))
  })

  it('five later are another illness, and wait for five seconds', () => {
    openBySends(36)
    expect(breaker.describe(at(36)).nextProbeAt).toBe(at(41))
  })
})

describe('what began before it opened', () => {
  it('opens nothing when it ends in doubt later, in whatever state', () => {
    const late = Array.from({ length: 20 }, (_, turn) => began(`late-${turn}`))
    const end = (second: number) => {
      for (const pass of late.splice(0, 6)) breaker.ended(pass, false, at(second))
    }
    openBySends(0)
    end(1)
    expect(breaker.describe(at(1)).nextProbeAt).toBe(at(5))
    probe(true, 5)
    end(6)
    expect(state(6)).toBe('half_open')
    sent('x', true, 7)
    end(8)
    expect(state(8)).toBe('closed')
  })

  it('closes nothing when it ends well, but makes the first probe due', () => {
    const late = began('late')
    openBySends(0)
    breaker.ended(late, true, at(2))
    expect(breaker.admits(at(2))).toBe(false)
    expect(breaker.describe(at(2))).toMatchObject({ state: 'open', nextProbeAt: at(2) })
    probe(true, 2)
    expect(state(2)).toBe('half_open')
  })

  it('does not close what is half open either', () => {
    const late = began('late')
    halfOpen()
    breaker.ended(late, true, at(6))
    expect(state(6)).toBe('half_open')
  })

  it('makes no later probe due: a provider that failed one is asked at its time', () => {
    const late = began('late')
    openBySends(0)
    probe(false, 5)
    breaker.ended(late, true, at(6))
    expect(breaker.describe(at(6)).nextProbeAt).toBe(at(15))
  })

  it('makes no probe due when it is a read, or in doubt', () => {
    const [late, doubtful] = [started('read', 'ref', 0), began('late')]
    openBySends(0)
    breaker.ended(late, true, at(1))
    breaker.ended(doubtful, false, at(1))
    expect(breaker.describe(at(1)).nextProbeAt).toBe(at(5))
  })
})

describe('who is not admitted', () => {
  it('is told to come when the probe is through', () => {
    openBySends(0)
    expect(breaker.retryAfterSeconds(at(0))).toBe(6)
    expect(breaker.retryAfterSeconds(at(3.5))).toBe(3)
    expect(breaker.retryAfterSeconds(at(5))).toBe(2)
    expect(breaker.retryAfterSeconds(at(500))).toBe(2)
    probe(true, 500)
    expect(breaker.retryAfterSeconds(at(500))).toBe(0)
  })
})

describe('a clock that was set back by an hour', () => {
  it('leaves the wait as long as it was', () => {
    openBySends(0)
    expect(breaker.describe(at(-3_600))).toEqual({
      state: 'open',
      since: at(-3_600),
      reason: 'sends_in_doubt',
      nextProbeAt: at(-3_595),
    })
    expect(breaker.retryAfterSeconds(at(-3_600))).toBe(6)
    expect(breaker.startProbe(at(-3_595))).toBe(true)
  })

  it('does not hide what ends after it', () => {
    halfOpen()
    const pass = began('x', 6)
    breaker.ended(pass, true, at(-3_600))
    expect(state(-3_600)).toBe('closed')
  })
})

describe('whatever happens', () => {
  const event = fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 }), fc.constant(61_000)),
    what: fc.constantFrom('send', 'read', 'end', 'probe'),
    subject: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    ok: fc.boolean(),
    which: fc.nat(20),
  })

  it('it is asked again within a minute of a probe, and a provider that recovers is soon open', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(event, { minLength: 60, maxLength: 160 }), fc.boolean(), (events, isIll) => {
        breaker = new Breaker(NOON)
        let now = NOON
        const passes: Pass[] = []
        for (const { gapMs, what, subject, ok, which } of events) {
          now += gapMs
          if (what === 'send' || what === 'read') {
            const isAdmitted = breaker.admits(now, what)
            const pass = breaker.start(what, subject, now)
            expect(pass !== null).toBe(isAdmitted)
            if (pass !== null) passes.push(pass)
          } else if (what === 'end') {
            const [pass] = passes.splice(which % Math.max(1, passes.length), 1)
            if (pass !== undefined) breaker.ended(pass, ok && !isIll, now)
          } else if (breaker.startProbe(now)) breaker.probed(ok, now)
          const view = breaker.describe(now)
          seen.add(view.state)
          expect(view.since).toBeLessThanOrEqual(now)
          expect((view.nextProbeAt ?? 0) - now).toBeLessThanOrEqual(60_000)
          expect(view.nextProbeAt !== null).toBe(view.state === 'open')
          expect(view.reason === null).toBe(view.state === 'closed')
          expect(breaker.retryAfterSeconds(now) === 0).toBe(breaker.admits(now))
          expect(breaker.retryAfterSeconds(now)).toBeLessThanOrEqual(61)
        }
        now += 60_000
        if (breaker.startProbe(now)) breaker.probed(true, now)
        const pass = breaker.start('send', 'x', now)
        expect(pass).not.toBeNull()
        if (pass !== null) breaker.ended(pass, true, now)
        expect(breaker.describe(now).state).toBe('closed')
      }),
      { numRuns: 2_000 },
    )
    expect([...seen].toSorted()).toEqual(['closed', 'half_open', 'open'])
  })

  it('a provider whose sends all hang, but that validates well, gets one send a minute in the end', () => {
    let sends = 0
    for (let now = NOON; now < at(3_600); now += 1_000) {
      if (breaker.startProbe(now)) breaker.probed(true, now)
      const pass = breaker.start('send', `order-${now}`, now)
      if (pass === null) continue
      sends++
      breaker.ended(pass, false, now)
    }
    expect(sends).toBeLessThan(70)
  })
})

describe('an answer', () => {
  it.each([
    ['an object', true, answered(200, success(row()))],
    ['a definite no', true, answered(404, failure('NOT_FOUND'))],
    ['a key that is refused', true, answered(401, failure('ERR_AUTH'))],
    ["a router's miss", true, answered(404, { message: 'Route not found', statusCode: 404 })],
    ['too many requests', true, answered(429, failure('RATE_LIMIT_EXCEEDED'))],
    ['too many requests, as a page', true, answered(429, '<html>')],
    ['an internal error in the envelope', false, answered(500, failure('INTERNAL_ERROR'))],
    ['a gateway that is down', false, answered(502, '<html>')],
    ['a page with 200', false, answered(200, '<html>')],
    ['a page with 403', false, answered(403, '<html>')],
    ['nothing', false, answered(200, '')],
    ['null', false, answered(200, 'null')],
    ['a list', false, answered(200, '[]')],
    ['half an object', false, answered(200, '{"success":true')],
    ['a timeout', false, { kind: 'failed', reason: 'timeout' } as const],
  ])('to a read: %s is one: %s', (_, isOne, exchange) => {
    expect(isAnswer(exchange)).toBe(isOne)
  })

  const refusal = {
    httpStatus: 403,
    code: 'NO_BALANCE',
    message: '',
    detailsJson: null,
    retryAfterSeconds: null,
  }
  it('to a send is whatever is not in doubt, and "too many requests"', () => {
    expect(isDefinite({ kind: 'accepted', topupId: accepted().data.topupId }, 200)).toBe(true)
    expect(isDefinite({ kind: 'found', topup: null }, 403)).toBe(true)
    expect(isDefinite({ kind: 'refused', refusal }, 403)).toBe(true)
    expect(isDefinite({ kind: 'in_doubt', reason: 'http_429', refusal: null }, 429)).toBe(true)
    expect(isDefinite({ kind: 'in_doubt', reason: 'http_409', refusal: null }, 409)).toBe(false)
    expect(isDefinite({ kind: 'in_doubt', reason: 'timeout', refusal: null }, null)).toBe(false)
  })
})
