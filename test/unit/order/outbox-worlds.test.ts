/** Endpoints come, go, pause and answer as they like: no delivery is ever lost. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptOutcome } from '../../../src/callback/deliver'
import { looked } from '../../../src/order/machine'
import {
  ATTEMPT_DELAYS_SECONDS,
  attempted,
  deliveryTimes,
  dueDeliveries,
  type EndpointState,
  fanOut,
  followEndpoints,
} from '../../../src/order/outbox'
import type { Delivery, Order } from '../../../src/order/state'
import { answer, at, endpoint, found, fulfilled } from './builders'

const OUTCOMES: AttemptOutcome[] = [
  'delivered',
  'gone',
  'throttled',
  'failed',
  'timeout',
  'refused',
  'redirected',
  'forbidden',
  'not_tried',
]
const STATES: EndpointState['state'][] = ['active', 'active', 'paused', 'disabled', 'unverified', 'breaker']
const MOST_ENDPOINTS = 4

const attempts = fc.record({
  kind: fc.constant('attempts' as const),
  outcome: fc.constantFrom(...OUTCOMES),
  retryAfter: fc.option(fc.nat({ max: 10_000 })),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  probe: fc.boolean(),
})
const change = fc.record({
  kind: fc.constant('change' as const),
  which: fc.nat({ max: MOST_ENDPOINTS - 1 }),
  state: fc.constantFrom(...STATES),
  foldSuperseded: fc.boolean(),
})
const creation = fc.record({ kind: fc.constant('creation' as const), state: fc.constantFrom(...STATES) })
/** `heir` counts among the endpoints that are left; null: nobody takes over. */
const removal = fc.record({
  kind: fc.constant('removal' as const),
  which: fc.nat({ max: MOST_ENDPOINTS - 1 }),
  heir: fc.option(fc.nat({ max: MOST_ENDPOINTS - 2 })),
})
const reversal = fc.record({ kind: fc.constant('reversal' as const) })
const happening = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: attempts },
    { weight: 4, arbitrary: change },
    { weight: 1, arbitrary: creation },
    { weight: 2, arbitrary: removal },
    { weight: 1, arbitrary: reversal },
  ),
  /** Else the order hears of it together with what happens next. */
  heard: fc.boolean(),
})
type Happening = (typeof happening extends fc.Arbitrary<infer T> ? T : never)['what']

interface World {
  readonly order: Order
  readonly endpoints: readonly EndpointState[]
  /** Ids are never used again. */
  readonly created: number
  readonly now: number
}

const plan = (world: World): World => {
  const { order, endpoints, now } = world
  return { ...world, order: followEndpoints(fanOut(order, endpoints, now), endpoints, now) }
}

function withEndpoint(world: World, change: Partial<EndpointState> = {}): World {
  if (world.endpoints.length >= MOST_ENDPOINTS) return world
  const id = `ep_shop_${String(world.created).padStart(8, '0')}`
  return {
    ...world,
    created: world.created + 1,
    endpoints: [...world.endpoints, endpoint({ id, ...change })],
  }
}

function without(world: World, which: number, heir: number | null): World {
  const deleted = world.endpoints[which]
  if (deleted === undefined) return world
  const left = world.endpoints.filter((each) => each !== deleted)
  const replaces = (each: EndpointState) => [...each.replaces, deleted.id, ...deleted.replaces]
  const endpoints = left.map((each, index) => (index === heir ? { ...each, replaces: replaces(each) } : each))
  return { ...world, endpoints }
}

function step(world: World, happening: Happening): World {
  const { order, endpoints } = world
  switch (happening.kind) {
    case 'attempts': {
      const times = deliveryTimes(order)
      const now = times.length === 0 ? world.now : Math.max(world.now, Math.min(...times))
      const result = answer(happening.outcome, happening.retryAfter)
      const tried = dueDeliveries(order, now).reduce(
        (seen, { id }) => attempted(seen, id, result, now, happening.random, happening.probe),
        order,
      )
      return { ...world, order: tried, now }
    }
    case 'change': {
      const { which, state, foldSuperseded } = happening
      const changed = endpoints.map((each, index) =>
        index === which ? { ...each, state, foldSuperseded } : each,
      )
      return { ...world, endpoints: changed }
    }
    case 'creation':
      return withEndpoint(world, { state: happening.state })
    case 'removal':
      return without(world, happening.which, happening.heir)
    case 'reversal': {
      const word = order.status === 'FULFILLED' ? 'REFUNDED' : 'FULFILLED'
      return { ...world, order: looked(order, found(word), world.now) }
    }
  }
}

const start = (): World =>
  plan(withEndpoint(withEndpoint({ order: fulfilled(), endpoints: [], created: 1, now: at(12) })))

type Check = (before: World, after: World, resumes: number) => void

/** Checked whenever the order looked at its endpoints. `resumes`: how many 410s there were. */
function live(happenings: readonly { what: Happening; heard: boolean }[], check: Check): World {
  let [planned, resumes] = [start(), 0]
  let world = planned
  const look = () => {
    const after = plan(world)
    check(planned, after, resumes)
    world = planned = after
  }
  for (const { what, heard } of happenings) {
    // Attempts are made by an order that has just looked.
    if (what.kind === 'attempts') look()
    world = step(world, what)
    resumes += what.kind === 'attempts' && what.outcome === 'gone' ? 1 : 0
    if (heard) look()
  }
  look()
  return planned
}

const always = (check: Check) =>
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => void live(happenings, check)),
    { numRuns: 1_500 },
  )

const OPEN: Delivery['state'][] = ['pending', 'held']

function versionOf({ events }: Order, { eventId }: Delivery): number {
  return events.find(({ id }) => id === eventId)?.stateVersion ?? 0
}

describe('in any world', () => {
  it('a delivery is pending with a time, or held, delivered, failed or cancelled without one', () => {
    always((_, { order }) => {
      for (const delivery of order.deliveries) {
        expect(['pending', 'held', 'delivered', 'failed', 'cancelled']).toContain(delivery.state)
        expect(delivery.nextAttemptAt !== null).toBe(delivery.state === 'pending')
        expect(
          delivery.reason !== null || OPEN.includes(delivery.state) || delivery.state === 'delivered',
        ).toBe(true)
      }
    })
  })

  it('none disappears, none is doubled, none that is over comes back', () => {
    always((before, { order }) => {
      expect(new Set(order.deliveries.map(({ id }) => id)).size).toBe(order.deliveries.length)
      before.order.deliveries.forEach((earlier, index) => {
        expect(order.deliveries[index]?.id).toBe(earlier.id)
        if (!OPEN.includes(earlier.state)) expect(order.deliveries[index]).toEqual(earlier)
      })
      expect(order.events.every(({ fannedOut }) => fannedOut)).toBe(true)
    })
  })

  it('every endpoint that there is when an event is handed out gets it; none gets it twice', () => {
    always((before, { order, endpoints }) => {
      const told = (eventId: string) =>
        order.deliveries.filter((each) => each.eventId === eventId).map((each) => each.endpointId)
      for (const { id } of order.events.slice(before.order.events.length))
        expect(told(id).toSorted()).toEqual(endpoints.map((each) => each.id).toSorted())
      for (const { id } of order.events) expect(new Set(told(id)).size).toBe(told(id).length)
    })
  })

  it('cancelled is only what was asked for: its endpoint is gone without an heir, or folds what is older', () => {
    always((before, { order, endpoints }) => {
      order.deliveries.forEach((delivery, index) => {
        if (delivery.state !== 'cancelled' || before.order.deliveries[index]?.state === 'cancelled') return
        const { eventId, endpointId, reason } = delivery
        const own = endpoints.find(({ id }) => id === endpointId)
        const heir = endpoints.find(({ replaces }) => replaces.includes(endpointId))
        if (reason === 'superseded') {
          expect((own ?? heir)?.foldSuperseded).toBe(true)
          const version = versionOf(order, delivery)
          const newer = order.deliveries.filter((each) => versionOf(order, each) > version)
          const place = (own ?? heir)?.id
          expect(newer.some((each) => each.endpointId === place && each.state !== 'cancelled')).toBe(true)
        } else {
          expect([reason, own]).toEqual(['endpoint_deleted', undefined])
          const has = order.deliveries.some(
            (each) => each.eventId === eventId && each.endpointId === heir?.id,
          )
          expect(heir === undefined || has).toBe(true)
        }
      })
    })
  })

  it('of several events that are due at an endpoint only the newest is tried', () => {
    always((_, { order, now }) => {
      const due = dueDeliveries(order, now)
      expect(new Set(due.map(({ endpointId }) => endpointId)).size).toBe(due.length)
      for (const other of order.deliveries) {
        if (other.nextAttemptAt === null || other.nextAttemptAt > now) continue
        const tried = due.find(({ endpointId }) => endpointId === other.endpointId)
        expect(tried && versionOf(order, tried)).toBeGreaterThanOrEqual(versionOf(order, other))
      }
    })
  })

  it('when all receivers are well again everything comes to an end, each newest event delivered', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        let world = live(happenings, () => undefined)
        const failed = world.order.deliveries.filter(({ state }) => state === 'failed').length
        world = plan({ ...world, endpoints: world.endpoints.map((each) => ({ ...each, state: 'active' })) })
        const well = { outcome: 'delivered', retryAfter: null, random: 0.5, probe: false } as const
        for (let round = 0; round < world.order.deliveries.length; round++)
          world = plan(step(world, { kind: 'attempts', ...well }))
        const { order, endpoints } = world
        expect(order.deliveries.filter(({ state }) => OPEN.includes(state))).toEqual([])
        expect(order.deliveries.filter(({ state }) => state === 'failed')).toHaveLength(failed)
        for (const { id } of endpoints) {
          const told = order.deliveries.filter(({ endpointId }) => endpointId === id)
          const newest = told.toSorted((a, b) => versionOf(order, b) - versionOf(order, a))[0]
          if (newest !== undefined) expect(['delivered', 'failed']).toContain(newest.state)
        }
      }),
      { numRuns: 1_500 },
    )
  })

  it('each attempt is counted once, and costs at most one', () => {
    always((before, { order }) => {
      order.deliveries.forEach((delivery, index) => {
        const { attempts, attemptsMade, attemptsSpent } = delivery
        const earlier = before.order.deliveries[index]
        const made = attemptsMade - (earlier?.attemptsMade ?? 0)
        const spent = attemptsSpent - (earlier?.attemptsSpent ?? 0)
        expect(made).toBeGreaterThanOrEqual(spent)
        expect(spent).toBeGreaterThanOrEqual(0)
        expect(attempts).toHaveLength(Math.min(attemptsMade, 30))
      })
    })
  })

  it('failed is only what the schedule gave up; what is open has an endpoint', () => {
    always((_, { order, endpoints }) => {
      for (const { state, attemptsSpent, endpointId } of order.deliveries) {
        if (state === 'failed') expect(attemptsSpent).toBeGreaterThanOrEqual(ATTEMPT_DELAYS_SECONDS.length)
        if (OPEN.includes(state)) expect(endpoints.map(({ id }) => id)).toContain(endpointId)
      }
    })
  })

  it('attempts never exceed the schedule, except one for each 410 that was lifted', () => {
    always((_, { order }, resumes) => {
      for (const { attemptsSpent } of order.deliveries) {
        expect(attemptsSpent).toBeLessThanOrEqual(ATTEMPT_DELAYS_SECONDS.length + resumes)
      }
    })
  })

  it('every pending delivery, and nothing else, has a time', () => {
    always((_, { order }) => {
      const times = order.deliveries.flatMap(({ nextAttemptAt }) =>
        nextAttemptAt === null ? [] : [nextAttemptAt],
      )
      expect(deliveryTimes(order)).toEqual(times)
      expect(times).toHaveLength(order.deliveries.filter(({ state }) => state === 'pending').length)
    })
  })
})
