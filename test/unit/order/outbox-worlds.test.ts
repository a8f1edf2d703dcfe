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

const IDS = ['ep_shop_00000001', 'ep_shop_00000002', 'ep_shop_00000003']
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
const STATES: EndpointState['state'][] = ['active', 'active', 'paused', 'disabled', 'unverified']

const attempts = fc.record({
  kind: fc.constant('attempts' as const),
  outcome: fc.constantFrom(...OUTCOMES),
  retryAfter: fc.option(fc.nat({ max: 10_000 })),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
})
const change = fc.record({
  kind: fc.constant('change' as const),
  id: fc.constantFrom(...IDS),
  state: fc.constantFrom(...STATES),
})
const removal = fc.record({ kind: fc.constant('removal' as const), id: fc.constantFrom(...IDS) })
const reversal = fc.record({ kind: fc.constant('reversal' as const) })
const happening = fc.oneof(
  { weight: 8, arbitrary: attempts },
  { weight: 4, arbitrary: change },
  { weight: 1, arbitrary: removal },
  { weight: 1, arbitrary: reversal },
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

interface World {
  readonly order: Order
  readonly endpoints: readonly EndpointState[]
  readonly now: number
}

const plan = ({ order, endpoints, now }: World): World => ({
  order: followEndpoints(fanOut(order, endpoints, now), endpoints, now),
  endpoints,
  now,
})

function step(world: World, happening: Happening): World {
  const { order, endpoints } = world
  switch (happening.kind) {
    case 'attempts': {
      const times = deliveryTimes(order)
      const now = times.length === 0 ? world.now : Math.max(world.now, Math.min(...times))
      const result = answer(happening.outcome, happening.retryAfter)
      const tried = dueDeliveries(order, now).reduce(
        (seen, { id }) => attempted(seen, id, result, now, happening.random),
        order,
      )
      return plan({ order: tried, endpoints, now })
    }
    case 'change': {
      const others = endpoints.filter(({ id }) => id !== happening.id)
      return plan({
        ...world,
        endpoints: [...others, endpoint({ id: happening.id, state: happening.state })],
      })
    }
    case 'removal':
      return plan({ ...world, endpoints: endpoints.filter(({ id }) => id !== happening.id) })
    case 'reversal': {
      const word = order.status === 'FULFILLED' ? 'REFUNDED' : 'FULFILLED'
      return plan({ ...world, order: looked(order, found(word), world.now) })
    }
  }
}

const start = (): World =>
  plan({ order: fulfilled(), endpoints: IDS.slice(0, 2).map((id) => endpoint({ id })), now: at(12) })

const always = (check: (before: World, after: World, spentFree: number) => void) =>
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      let [world, resumes] = [start(), 0]
      for (const each of happenings) {
        const next = step(world, each)
        resumes += each.kind === 'attempts' && each.outcome === 'gone' ? 1 : 0
        check(world, next, resumes)
        world = next
      }
    }),
    { numRuns: 1_500 },
  )

const OPEN: Delivery['state'][] = ['pending', 'held']

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

  it('every endpoint that there is when an event is made gets it', () => {
    always((before, { order }) => {
      const made = order.events.slice(before.order.events.length)
      for (const { id } of made) {
        const endpoints = order.deliveries
          .filter(({ eventId }) => eventId === id)
          .map((each) => each.endpointId)
        expect(endpoints.toSorted()).toEqual(before.endpoints.map((each) => each.id).toSorted())
      }
    })
  })

  it('failed is only what the schedule gave up, cancelled only what lost its endpoint', () => {
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
