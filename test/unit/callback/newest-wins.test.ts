/** The one rule for receivers: ignore what is not newer than the state_version you have. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looked, submitted } from '../../../src/order/machine'
import { isFinal, type Order } from '../../../src/order/state'
import { topupView } from '../../../src/order/view'
import { at, found, inDoubt, PROVIDER_ID, tracking } from '../order/builders'

const WORDS = ['PENDING', 'HANDLING', 'UNKNOWN_ERROR', 'FULFILLED', 'REFUNDED', 'A NEW WORD'] as const

/** Whatever the provider says one after the other, reversals after final included. */
const anyOrder = fc
  .record({ lost: fc.boolean(), words: fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }) })
  .map(({ lost, words }) =>
    words.reduce<Order>(
      (order, word, index) => looked(order, found(word), at(60 + index)),
      lost ? submitted(inDoubt(), { kind: 'accepted', topupId: PROVIDER_ID }, at(20)) : tracking(),
    ),
  )
  .filter(({ events }) => events.length > 0)

/** Each event at least once, up to three times, in any order: at least once and no promise is what it means. */
const anyArrival = anyOrder.chain((order) => {
  const bodies = order.events.map(({ body }) => body)
  return fc
    .array(fc.constantFrom(...bodies), { maxLength: 2 * bodies.length })
    .chain((again) => {
      const all = [...bodies, ...again]
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
    })
    .map((arrived) => ({ order, arrived }))
})

interface Told {
  readonly status: string
  readonly final: boolean
  readonly state_version: number
}

/** What the receiver holds true after each callback. */
function believed(arrived: readonly string[]): Told[] {
  let known: Told = { status: 'none', final: false, state_version: 0 }
  return arrived.map((body) => {
    const { data }: { data: Told } = JSON.parse(body)
    if (data.state_version > known.state_version) known = data
    return known
  })
}

describe('a receiver that ignores what is not newer', () => {
  it('ends in the true state, whatever arrives twice, late or never in order', () => {
    fc.assert(
      fc.property(anyArrival, ({ order, arrived }) => {
        const { status, final, state_version } = believed(arrived).at(-1) ?? {}
        expect({ status, final, state_version }).toEqual({
          status: topupView(order).status,
          final: isFinal(order),
          state_version: order.stateVersion,
        })
      }),
      { numRuns: 2_000 },
    )
  })

  it('never goes back on its way there', () => {
    fc.assert(
      fc.property(anyArrival, ({ arrived }) => {
        const versions = believed(arrived).map(({ state_version }) => state_version)
        expect(versions).toEqual([...versions].sort((a, b) => a - b))
      }),
    )
  })

  it('needs the rule: the last to arrive is not always the truth', () => {
    const wrong = fc.sample(anyArrival, 500).filter(({ order, arrived }) => {
      const { data }: { data: Told } = JSON.parse(arrived.at(-1) ?? '')
      return data.status !== topupView(order).status
    })
    expect(wrong.length).toBeGreaterThan(0)
  })
})
