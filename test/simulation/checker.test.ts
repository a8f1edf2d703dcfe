import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check, SETTLE_GRACE_MS } from './checker.ts'
import { ana, answer, BROKEN, call, first, later, order, truth, type World } from './checker-broken.ts'
import { type Draft, goodWorld, MINUTE, SECOND, START } from './checker-world.ts'
import type { GatewayOrder, Views } from './views.ts'

const promises = (w: Views) => new Set(check(w).map(({ promise }) => promise))

describe('the checker', () => {
  it('finds nothing in a world in which every promise was kept', () => {
    expect(check(goodWorld())).toEqual([])
  })

  it.each(BROKEN)('catches: %s: %s', (promise, _, breakIt, also = []) => {
    const world = goodWorld()
    breakIt(world)
    expect(promises(world)).toEqual(new Set([promise, ...also]))
  })

  it('has a broken world for every promise it makes', () => {
    expect(new Set(BROKEN.map(([promise]) => promise)).size).toBe(30)
    expect(BROKEN.length).toBeGreaterThanOrEqual(60)
  })
})

describe('what is allowed', () => {
  const fine = (change: (w: World) => void) => {
    const world = goodWorld()
    change(world)
    expect(check(world)).toEqual([])
  }

  it('lets a look-up end that was under way', () =>
    fine((w) => call(w, 'look', 'fulfilled', (order(w, 'fulfilled').settledAt ?? 0) + 20 * SECOND)))

  it('lets a top-up be old news until the grace is over', () =>
    fine((w) => {
      truth(w, 'waiting', 'FULFILLED', w.at)
      w.at += SETTLE_GRACE_MS - 1
      for (const one of w.gateway.orders) if (one.alarmAt !== null) one.alarmAt = w.at
    }))

  it('takes another grace', () => {
    const world = goodWorld()
    truth(world, 'waiting', 'FULFILLED', START + MINUTE)
    expect(check(world, 10 * MINUTE)).toHaveLength(1)
  })

  it('takes a 5xx for no answer', () =>
    fine((w) => answer(w, 'order-2', { kind: 'refused', httpStatus: 503, code: 'SERVICE_UNAVAILABLE' })))

  it('lets an endpoint be proven, and a callback arrive twice', () =>
    fine((w) => {
      ana(w).received.push({ ...first(ana(w).received) })
      const body =
        '{"type":"endpoint.verification","timestamp":"2026-11-23T12:00:00Z","data":{"challenge":"9f"}}'
      ana(w).received.push({ at: START, endpointId: 'ep_ana', eventId: 'msg_1', body, accepted: true })
    }))

  it('lets an alarm be a little late', () =>
    fine((w) => {
      order(w, 'waiting').alarmAt = w.at - MINUTE
    }))

  it('knows an unknown order that was flagged', () => {
    fine((w) => {
      order(w, 'unknown').flagged = true
      later(w, 26)
    })
  })
})

describe('whatever the views hold', () => {
  it('gives an answer', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.double(), fc.nat(10), (text, json, number, which) => {
        const world = goodWorld()
        const one = world.gateway.orders[which] as Draft<GatewayOrder>
        for (const body of [
          text,
          JSON.stringify(json),
          JSON.stringify({ type: json, data: { ref: json } }),
        ]) {
          one.events.push({ id: text, type: text, stateVersion: number, body })
          ana(world).received.push({ at: number, endpointId: text, eventId: text, body, accepted: true })
        }
        one.alarmAt = number
        one.upstreamRef = text
        one.status = text
        expect(check(world)).not.toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('takes time linear in their size', () => {
    const world = goodWorld()
    const copies = 2000
    const big: World = {
      ...world,
      gateway: { orders: [], losses: [] },
      provider: { topups: [], calls: [], elsewhere: [] },
      merchants: [],
    }
    for (let i = 0; i < copies; i++) {
      const text = JSON.stringify(world).replaceAll('ana', `a${i}`).replaceAll('bil', `b${i}`)
      const copy: World = JSON.parse(
        text.replaceAll(/0{15}(?=[0-9a-f]{9}["_\\])/g, i.toString(16).padStart(15, '0')),
      )
      big.gateway.orders.push(...copy.gateway.orders)
      big.provider.topups.push(...copy.provider.topups)
      big.provider.calls.push(...copy.provider.calls)
      big.merchants.push(...copy.merchants)
    }
    const begin = performance.now()
    expect(check(big)).toEqual([])
    // 24,000 orders take about half a second; quadratic would take minutes.
    expect(performance.now() - begin).toBeLessThan(15_000)
  })
})
