/** Worlds in which one promise was broken each, and the helpers that break them. */
import { type Draft, HOUR, MINUTE, NAMES, SECOND, START } from './checker-world.ts'
import type { GatewayOrder, MerchantView, ProviderTopup, Views } from './views.ts'

export type World = Draft<Views>

export const order = (w: World, name: keyof typeof NAMES) =>
  w.gateway.orders[NAMES[name]] as Draft<GatewayOrder>
export const ana = (w: World) => w.merchants[0] as Draft<MerchantView>
const bil = (w: World) => w.merchants[1] as Draft<MerchantView>
function topup(w: World, name: keyof typeof NAMES) {
  const { upstreamRef } = order(w, name)
  return w.provider.topups.find((one) => one.upstreamRef === upstreamRef) as Draft<ProviderTopup>
}
const sendsOf = (w: World, ref: string) =>
  w.merchants.flatMap(({ sends }) => sends.filter((s) => s.ref === ref))
export function first<T>(items: readonly T[]): T {
  return items[0] as T
}
export function truth(w: World, name: keyof typeof NAMES, status: string, at: number) {
  topup(w, name).statuses.push({ at, status })
}
/** Later, with the alarms that the time between would have set anew. */
export function later(w: World, hours: number) {
  w.at += hours * HOUR
  for (const one of w.gateway.orders) if (one.alarmAt !== null) one.alarmAt += hours * HOUR
}
export function call(w: World, kind: 'send' | 'look', name: keyof typeof NAMES, at: number) {
  w.provider.calls.push({ at, kind, upstreamRef: order(w, name).upstreamRef })
}
/** Everywhere: at the gateway and at the receiver, so that the bytes stay the same. */
function rewrite(w: World, name: keyof typeof NAMES, change: (body: string) => string) {
  const event = order(w, name).events.at(-1) as Draft<GatewayOrder['events'][number]>
  const body = change(event.body)
  for (const { received } of w.merchants)
    for (const callback of received) if (callback.eventId === event.id) callback.body = body
  event.body = body
}
export function answer(w: World, ref: string, told: Draft<MerchantView['sends'][number]>['answer']) {
  for (const send of sendsOf(w, ref)) send.answer = told
}
function dropOrder(w: World, name: keyof typeof NAMES) {
  const gone = order(w, name)
  w.gateway.orders = w.gateway.orders.filter((one) => one !== gone)
}
const REFUSED = { kind: 'refused', httpStatus: 403, code: 'INSUFFICIENT_BALANCE' } as const

/** The promise, what is broken, how; and where one fact breaks two promises, the other one. */
export const BROKEN: [promise: string, what: string, (w: World) => void, also?: string[]][] = [
  [
    'never twice upstream',
    'two top-ups under one upstream ref',
    (w) => w.provider.topups.push({ ...topup(w, 'waiting'), id: 'b' }),
  ],
  [
    'never twice',
    'a second one under another upstream ref',
    (w) => w.provider.topups.push({ ...topup(w, 'waiting'), id: 'b', upstreamRef: 'ana-2-order-2' }),
    ['never lost'],
  ],
  [
    'one order, one name',
    'two orders with one id',
    (w) => {
      order(w, 'waiting').topupId = order(w, 'unknown').topupId
      answer(w, 'order-2', { kind: 'ok', topupId: order(w, 'waiting').topupId ?? '', replayed: false })
    },
  ],
  [
    'one order, one name',
    'two orders for one upstream ref',
    (w) => {
      w.provider.topups = w.provider.topups.filter((one) => one !== topup(w, 'waiting'))
      order(w, 'waiting').upstreamRef = order(w, 'unknown').upstreamRef
    },
  ],
  [
    'as asked',
    'another number',
    (w) => {
      topup(w, 'waiting').msisdn = '0699999999'
    },
  ],
  [
    'as asked',
    'another amount',
    (w) => {
      topup(w, 'fulfilled').amountDzd = 5000
    },
  ],
  [
    'as asked',
    'another plan',
    (w) => {
      topup(w, 'fulfilled').planCode = 'PREPAID_DJEZZY'
    },
  ],
  [
    'as asked',
    'the refused body of two',
    (w) => {
      topup(w, 'retried').amountDzd = 7
    },
  ],
  [
    'as asked',
    'an order that nobody sent',
    (w) => {
      w.provider.topups = w.provider.topups.filter((one) => one !== topup(w, 'waiting'))
      ana(w).sends = ana(w).sends.filter(({ ref }) => ref !== 'order-2')
    },
  ],
  [
    'never lost',
    'a top-up without an order, its merchant in the dark',
    (w) => {
      answer(w, 'order-2', { kind: 'none' })
      dropOrder(w, 'waiting')
    },
  ],
  [
    'refused means nothing taken',
    'a top-up although the merchant was refused',
    (w) => {
      answer(w, 'order-2', { ...REFUSED })
      dropOrder(w, 'waiting')
    },
  ],
  [
    'refused means nothing taken',
    'an order although he was refused',
    (w) => answer(w, 'order-2', { ...REFUSED }),
  ],
  [
    'refused means nothing taken',
    'the freed ref was taken, and its next order began later',
    (w) => {
      const bils = w.gateway.orders.at(-1) as Draft<GatewayOrder>
      const taken = w.provider.topups.find(({ upstreamRef }) => upstreamRef === bils.upstreamRef)
      if (taken) taken.acceptedAt = START + 16
    },
  ],
  [
    'a 200 is for ever',
    'no order any more',
    (w) => {
      w.provider.topups = w.provider.topups.filter((one) => one !== topup(w, 'waiting'))
      dropOrder(w, 'waiting')
    },
  ],
  [
    'a 200 is for ever',
    'another id now',
    (w) => {
      order(w, 'waiting').topupId = 'f'.repeat(24)
    },
  ],
  [
    'a 200 is for ever',
    'two ids told',
    (w) =>
      ana(w).sends.push({
        ...first(sendsOf(w, 'order-2')),
        answer: { kind: 'ok', topupId: 'a', replayed: true },
      }),
  ],
  [
    'another body is refused',
    'got 200',
    (w) => {
      const told = first(sendsOf(w, 'order-2'))
      ana(w).sends.push({
        ...told,
        amountDzd: 9,
        answer: { kind: 'ok', topupId: order(w, 'waiting').topupId ?? '', replayed: true },
      })
    },
  ],
  ['the same answer again', 'twice as if new', (w) => ana(w).sends.push({ ...first(sendsOf(w, 'order-2')) })],
  [
    'the same answer again',
    'refused the second time',
    (w) => ana(w).sends.push({ ...first(sendsOf(w, 'order-2')), at: START + MINUTE, answer: { ...REFUSED } }),
  ],
  [
    'the same answer again',
    'its own body is a duplicate',
    (w) =>
      ana(w).sends.push({
        ...first(sendsOf(w, 'order-2')),
        at: START + MINUTE,
        answer: { ...REFUSED, code: 'DUPLICATED_REF' },
      }),
  ],
  [
    'intent before network',
    'sent before it was durable',
    (w) => {
      order(w, 'waiting').createdAt += 75
    },
  ],
  [
    'absence is proven before a second send',
    'at once',
    (w) => call(w, 'send', 'waiting', START + 9 * SECOND),
  ],
  [
    'absence is proven before a second send',
    'without a list',
    (w) => {
      w.provider.calls = w.provider.calls.filter(({ kind }) => kind !== 'list')
    },
  ],
  [
    'absence is proven before a second send',
    'after two look-ups',
    (w) => {
      const { upstreamRef } = order(w, 'sentAgain')
      w.provider.calls.splice(
        w.provider.calls.findIndex((c) => c.kind === 'look' && c.upstreamRef === upstreamRef),
        1,
      )
    },
  ],
  [
    'absence is proven before a second send',
    'after 50 s',
    (w) => {
      const { upstreamRef } = order(w, 'neverMade')
      const again = w.provider.calls.findLast((c) => c.kind === 'send' && c.upstreamRef === upstreamRef)
      if (again) again.at -= 16 * SECOND
    },
  ],
  [
    'absence is proven before a second send',
    'three look-ups all at the end',
    (w) => {
      const { upstreamRef } = order(w, 'neverMade')
      for (const c of w.provider.calls)
        if (c.kind === 'look' && c.upstreamRef === upstreamRef) c.at = START + 70 * SECOND
    },
  ],
  [
    'only known words, final or not',
    "the provider's new word",
    (w) => {
      order(w, 'waiting').status = 'QUEUED'
    },
  ],
  [
    'only known words, final or not',
    'an unknown that is final',
    (w) => {
      order(w, 'unknown').final = true
    },
    ['only known words, final or not', 'never guessed', 'the one rule'],
  ],
  [
    'only known words, final or not',
    'final without a time',
    (w) => {
      order(w, 'fulfilled').settledAt = null
    },
  ],
  [
    'a next action',
    'no alarm',
    (w) => {
      order(w, 'waiting').alarmAt = null
    },
  ],
  [
    'a next action',
    'an alarm that never rang',
    (w) => {
      order(w, 'unknown').alarmAt = w.at - 4 * MINUTE
    },
  ],
  [
    'a next action',
    'in a year',
    (w) => {
      order(w, 'unknown').alarmAt = w.at + 365 * 24 * HOUR
    },
  ],
  [
    'a next action',
    'final with a callback that nobody will send',
    (w) => {
      order(w, 'settledLater').alarmAt = null
    },
  ],
  [
    'never guessed',
    'refunded while fulfilled',
    (w) => {
      first(topup(w, 'fulfilled').statuses).status = 'X'
      topup(w, 'fulfilled').statuses = [{ at: START, status: 'REFUNDED' }]
    },
  ],
  [
    'never guessed',
    'fulfilled, and nothing was made',
    (w) => {
      w.provider.topups = w.provider.topups.filter((one) => one !== topup(w, 'fulfilled'))
    },
  ],
  [
    'never guessed',
    'right by luck: settled before the provider did',
    (w) => {
      topup(w, 'fulfilled').statuses = [
        { at: START, status: 'PENDING' },
        { at: START + 5 * MINUTE, status: 'FULFILLED' },
      ]
    },
  ],
  [
    'never guessed',
    'refunded as never made, and made later',
    (w) =>
      w.provider.topups.push({
        ...topup(w, 'sentAgain'),
        id: 'x',
        msisdn: '0600000006',
        amountDzd: 106,
        upstreamRef: order(w, 'neverMade').upstreamRef,
        acceptedAt: START + 10 * MINUTE,
        statuses: [{ at: START + 10 * MINUTE, status: 'FULFILLED' }],
      }),
  ],
  [
    'never guessed',
    'a word that nobody knows became final',
    (w) => {
      topup(w, 'fulfilled').statuses = [{ at: START, status: 'PARTIALLY_DONE' }]
    },
  ],
  [
    'noticed in time',
    'final for hours, not here',
    (w) => {
      truth(w, 'waiting', 'FULFILLED', START + MINUTE)
      later(w, 2)
    },
  ],
  [
    'noticed in time',
    'unknown for hours, and not said',
    (w) => {
      truth(w, 'waiting', 'UNKNOWN_ERROR', START + MINUTE)
      later(w, 2)
    },
  ],
  [
    'flagged after a day',
    'unknown for 27 h',
    (w) => {
      later(w, 26)
    },
  ],
  [
    'no look after final',
    'looked up an hour later',
    (w) => call(w, 'look', 'fulfilled', START + 50 * MINUTE),
  ],
  [
    'no send after final',
    'sent again after all',
    (w) => {
      for (const s of [100, 130, 180]) call(w, 'look', 'retried', START + s * SECOND)
      w.provider.calls.push({ at: START + 150 * SECOND, kind: 'list', upstreamRef: null })
      call(w, 'send', 'retried', START + 200 * SECOND)
    },
    ['no look after final'],
  ],
  [
    'few calls',
    'a poller',
    (w) => {
      for (let s = 0; s < 3600; s += 5) call(w, 'look', 'waiting', START + s * SECOND)
    },
  ],
  [
    'few calls',
    'lists without end',
    (w) => {
      for (let i = 0; i < 20_000; i++)
        w.provider.calls.push({ at: START + i * 100, kind: 'list', upstreamRef: null })
    },
  ],
  [
    'one event per version',
    'a final order that tells nobody',
    (w) => {
      order(w, 'failed').events = []
      order(w, 'failed').deliveries = []
      ana(w).received = ana(w).received.filter(({ body }) => !body.includes('"order-10"'))
    },
    ['the event fits the state'],
  ],
  [
    'one event per version',
    'a version is left out',
    (w) => {
      order(w, 'fulfilled').stateVersion = 3
    },
  ],
  [
    'one event per version',
    'an event of a version that is not there',
    (w) => {
      order(w, 'held').stateVersion = 1
    },
  ],
  [
    'one event per version',
    'two events of one version',
    (w) => {
      const event = first(order(w, 'held').events)
      order(w, 'held').events.push({ ...event })
    },
    ['event ids', 'the event fits the state'],
  ],
  [
    'event ids',
    'one id for two orders',
    (w) => {
      const event = first(order(w, 'held').events)
      event.id = first(order(w, 'fulfilled').events).id
      first(order(w, 'held').deliveries).eventId = event.id
    },
    ['event ids', 'frozen bytes'],
  ],
  [
    'event ids',
    'an id that is not of its version',
    (w) => {
      first(order(w, 'held').events).id = 'evt_random'
      first(order(w, 'held').deliveries).eventId = 'evt_random'
    },
  ],
  [
    'the event fits the state',
    'no JSON',
    (w) => rewrite(w, 'held', (body) => body.slice(0, 40)),
    ['the event fits the state'],
  ],
  [
    'the event fits the state',
    'refunded told, fulfilled meant',
    (w) => rewrite(w, 'held', (body) => body.replaceAll('FULFILLED', 'REFUNDED')),
    ['never guessed', 'the event fits the state'],
  ],
  [
    'the event fits the state',
    'not final told',
    (w) => rewrite(w, 'held', (body) => body.replace('"final":true', '"final":false')),
  ],
  [
    'the event fits the state',
    'another version in the body',
    (w) => rewrite(w, 'held', (body) => body.replace('"state_version":2', '"state_version":3')),
  ],
  [
    'the event fits the state',
    'the ref of another order',
    (w) => rewrite(w, 'held', (body) => body.replace('order-11', 'order-12')),
  ],
  [
    'the event fits the state',
    'another id in the body',
    (w) => rewrite(w, 'held', (body) => body.replace(/"_id":"[^"]*"/, '"_id":"none"')),
  ],
  [
    'the event fits the state',
    'another amount',
    (w) => rewrite(w, 'held', (body) => body.replace('"topup_amount":111', '"topup_amount":1110')),
  ],
  [
    'the event fits the state',
    'a reversal that is called a refund',
    (w) => {
      const event = order(w, 'reversed').events[1]
      if (event) event.type = 'topup.refunded'
      rewrite(w, 'reversed', (body) => body.replace('topup.reversed', 'topup.refunded'))
    },
  ],
  [
    'the event fits the state',
    'reversed from what it never was',
    (w) =>
      rewrite(w, 'reversed', (body) =>
        body.replace('"previous_status":"FULFILLED"', '"previous_status":"HANDLING"'),
      ),
  ],
  [
    'frozen bytes',
    'other bytes under one id',
    (w) => {
      first(ana(w).received).body += ' '
    },
  ],
  [
    'frozen bytes',
    'a callback of no event',
    (w) => {
      first(ana(w).received).eventId = 'evt_invented_2'
    },
    ['delivered means accepted'],
  ],
  [
    'frozen bytes',
    "another merchant's event",
    (w) => bil(w).received.push({ ...first(ana(w).received), accepted: false }),
  ],
  [
    'nothing is dropped',
    'an event with no delivery',
    (w) => {
      order(w, 'held').deliveries = []
    },
  ],
  [
    'nothing is dropped',
    'one endpoint of two was forgotten',
    (w) => bil(w).endpoints.push({ id: 'ep_2', state: 'active' }),
  ],
  [
    'nothing is dropped',
    'cancelled although the endpoint is there',
    (w) => {
      first(order(w, 'held').deliveries).state = 'cancelled'
    },
  ],
  [
    'nothing is dropped',
    'delivered twice over',
    (w) => order(w, 'held').deliveries.push({ ...first(order(w, 'held').deliveries) }),
  ],
  [
    'delivered means accepted',
    'nobody accepted it',
    (w) => {
      first(ana(w).received).accepted = false
    },
  ],
  [
    'held only while not active',
    'held by an active endpoint',
    (w) => {
      first(bil(w).endpoints).state = 'active'
    },
  ],
  [
    'failed only after every attempt',
    'given up after eleven',
    (w) => {
      first(order(w, 'failed').deliveries).attempts = 11
    },
  ],
  [
    'the one rule',
    'two bodies of one version',
    (w) => {
      const told = first(ana(w).received)
      ana(w).received.push({ ...told, body: told.body.replace('FULFILLED', 'REFUNDED') })
    },
    ['frozen bytes', 'the one rule'],
  ],
  [
    'the one rule',
    'a version that is newer than the order',
    (w) => {
      const told = first(ana(w).received)
      ana(w).received.push({ ...told, body: told.body.replace('"state_version":2', '"state_version":9') })
    },
    ['frozen bytes'],
  ],
  [
    'what is gone is told',
    'a foreign top-up that nobody was told of',
    (w) => {
      w.gateway.losses = []
    },
  ],
  [
    'only what is gone is told',
    'an alarm for a top-up of our own',
    (w) => w.gateway.losses.push({ kind: 'orphan', topupId: topup(w, 'waiting').id }),
  ],
]
