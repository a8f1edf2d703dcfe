/** The events as people look through them: newest first, and no page is lost between two. */
import { runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listEvents } from '../../src/merchant/event-list'
import { entry, newBook, record } from './book-entries'

let books = 0

const TYPES = ['topup.fulfilled', 'topup.refunded'] as const

/** An order with one event, of a type. */
function order(number: number, type: (typeof TYPES)[number]) {
  const id = `evt_${number.toString(16).padStart(24, '0')}_2`
  const event = {
    id,
    type,
    ref: `order-${number}`,
    stateVersion: 2,
    createdAt: number,
    body: `{"n":${number}}`,
  }
  return entry(number, { createdAt: number, revision: 3, stateVersion: 2, events: [event] })
}

describe('the list of events', () => {
  it('has each event once, newest first, whatever the pages and however few are looked at for one', async () => {
    const types = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 12 })
    const size = fc.integer({ min: 1, max: 5 })
    await fc.assert(
      fc.asyncProperty(
        types,
        size,
        size,
        fc.option(fc.constantFrom(...TYPES)),
        async (all, limit, looked, type) => {
          const book = newBook(`listed-${books++}`)
          await record(
            book,
            all.map((each, number) => order(number + 1, each)),
          )
          const seen = await runInDurableObject(book, (_, { storage }) => {
            const refs: (string | null)[] = []
            let before: number | null = null
            do {
              const page = listEvents(storage.sql, { environment: 'production', type, limit, before }, looked)
              refs.push(...page.items.map(({ ref }) => ref))
              before = page.next
            } while (before !== null && refs.length <= all.length)
            return refs
          })
          const wanted = all.flatMap((each, number) =>
            type === null || each === type ? [`order-${number + 1}`] : [],
          )
          expect(seen).toEqual(wanted.reverse())
        },
      ),
      { numRuns: 25 },
    )
  })

  it('shows one in its place with its text as it was sent, and none of the other environment', async () => {
    const book = newBook('placed')
    await record(book, [order(1, 'topup.fulfilled')])
    const request = { environment: 'production', type: null, limit: 9, before: null } as const
    const [listed] = (await book.listEvents(request)).items
    const position = listed?.position ?? 0
    expect(await book.eventAt('production', position)).toMatchObject({
      ref: 'order-1',
      body: '{"n":1}',
      deliveries: [],
    })
    expect(await book.eventAt('sandbox', position)).toBeNull()
    expect(await book.listEvents({ ...request, environment: 'sandbox' })).toEqual({ items: [], next: null })
    expect(await newBook('empty').listEvents(request)).toEqual({ items: [], next: null })
  })
})
