/** A small world in which everything went right, written by hand: what the checker's tests break, one thing at a time. */
import type {
  GatewayOrder,
  MerchantSend,
  MerchantView,
  ProviderCall,
  ProviderTopup,
  ProviderView,
  ReceivedCallback,
  Views,
} from './views.ts'

/** The same, to be broken. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? Draft<Item>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T

export const START = Date.UTC(2026, 10, 23, 12)
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/** Made by somebody else, when the account had been in use for long. */
const FOREIGN = { id: 'f'.repeat(24), at: START + 3 * HOUR }

const TYPES: Record<string, string> = {
  FULFILLED: 'topup.fulfilled',
  REFUNDED: 'topup.refunded',
  UNKNOWN_ERROR: 'topup.unknown',
}

interface Story {
  readonly merchantId: string
  readonly endpointId: string
  readonly n: number
  /** Status and the seconds after the send at which the gateway saw it. */
  readonly events: readonly (readonly [status: string, after: number])[]
  /** What the provider had; none where it never made it. */
  readonly truth?: readonly (readonly [status: string, after: number])[]
  readonly status?: string
  readonly answers?: readonly MerchantSend['answer'][]
  readonly delivery?: 'delivered' | 'held' | 'failed' | 'pending'
  readonly calls?: readonly (readonly [kind: ProviderCall['kind'], after: number])[]
}

interface Chapter {
  readonly topup: ProviderTopup | null
  readonly calls: ProviderCall[]
  readonly sends: MerchantSend[]
  readonly order: GatewayOrder
  readonly received: ReceivedCallback[]
}

const hex = (n: number) => n.toString(16).padStart(24, '0')

function bodyOf(story: Story, sent: MerchantSend, i: number, topupId: string): string {
  const [status, after] = story.events[i] as readonly [string, number]
  const previous = story.events[i - 1]?.[0] ?? 'PENDING'
  const final = TYPES[status] !== 'topup.unknown'
  const reversed = previous === 'FULFILLED' || previous === 'REFUNDED'
  return JSON.stringify({
    type: reversed ? 'topup.reversed' : TYPES[status],
    timestamp: new Date(sent.at + after * SECOND).toISOString(),
    data: {
      _id: topupId,
      ref: sent.ref,
      status,
      plan_code: sent.planCode,
      MSSIDN: sent.msisdn,
      topup_amount: sent.amountDzd,
      final,
      state_version: i + 2,
      previous_status: previous,
      environment: 'sandbox',
    },
  })
}

function chapter(story: Story): Chapter {
  const { merchantId, endpointId, n } = story
  const at = START + n * SECOND
  const topupId = hex(n)
  const upstreamRef = `${merchantId}-order-${n}`
  const asked = {
    ref: `order-${n}`,
    planCode: 'PREPAID_MOBILIS',
    msisdn: `06${String(n).padStart(8, '0')}`,
    amountDzd: 100 + n,
  }
  const answers = story.answers ?? [{ kind: 'ok', topupId, replayed: false }]
  const sends = answers.map((answer, i) => ({ ...asked, at: at + i * MINUTE, answer }))
  const sent = sends[0] as MerchantSend
  const events = story.events.map((_, i) => {
    const body = bodyOf(story, sent, i, topupId)
    const type: string = JSON.parse(body).type
    return { id: `evt_${hex(n)}_${i + 2}`, type, stateVersion: i + 2, body }
  })
  const state = story.delivery ?? 'delivered'
  const status = story.status ?? story.events.at(-1)?.[0] ?? 'PENDING'
  const final = status === 'FULFILLED' || status === 'REFUNDED'
  const settled = story.events.find(([word]) => word === 'FULFILLED' || word === 'REFUNDED')
  const calls = story.calls ?? [
    ['send', 0],
    ['look', 6],
  ]
  const attempts = { delivered: 1, failed: 12, held: 0, pending: 3 }[state]
  return {
    topup: story.truth
      ? {
          id: topupId,
          upstreamRef,
          planCode: asked.planCode,
          msisdn: asked.msisdn,
          amountDzd: asked.amountDzd,
          acceptedAt: at + 100,
          statuses: story.truth.map(([word, after]) => ({ at: at + 100 + after * SECOND, status: word })),
        }
      : null,
    calls: calls.map(([kind, after]) => ({
      at: at + 90 + after * SECOND,
      kind,
      upstreamRef: kind === 'list' ? null : upstreamRef,
    })),
    sends,
    order: {
      merchantId,
      ref: asked.ref,
      upstreamRef,
      topupId,
      status,
      final,
      stateVersion: 1 + events.length,
      createdAt: at + 20,
      settledAt: settled ? at + settled[1] * SECOND : null,
      alarmAt: !final || state === 'pending' ? START + 2 * HOUR : null,
      flagged: false,
      events,
      deliveries: events.map(({ id }) => ({ eventId: id, endpointId, state, attempts })),
    },
    received: events.flatMap(({ id, body }, i) =>
      state === 'held'
        ? []
        : [
            {
              at: at + (story.events[i]?.[1] ?? 0) * SECOND + 50,
              endpointId,
              eventId: id,
              body,
              accepted: state === 'delivered',
            },
          ],
    ),
  }
}

const RUN = [
  ['PENDING', 0],
  ['HANDLING', 3],
  ['FULFILLED', 8],
] as const

const ANA = { merchantId: 'ana', endpointId: 'ep_ana' }
const BIL = { merchantId: 'bil', endpointId: 'ep_bil', delivery: 'held' } as const

const NONE = { kind: 'none' } as const
const ok = (n: number, replayed = false) => ({ kind: 'ok', topupId: hex(n), replayed }) as const
const no = (httpStatus: number, code: string) => ({ kind: 'refused', httpStatus, code }) as const

/** Lists and look-ups that together prove that a ref is not there, after a send at 0. */
const PROOF = [
  ['send', 0],
  ['look', 2],
  ['look', 20],
  ['list', 30],
  ['look', 65],
  ['send', 66],
] as const

export const NAMES = {
  fulfilled: 0,
  waiting: 1,
  unknown: 2,
  settledLater: 3,
  sentAgain: 4,
  neverMade: 5,
  unnoticedReversal: 6,
  reversed: 7,
  retried: 8,
  failed: 9,
  held: 10,
} as const

export function goodWorld(): Draft<Views> {
  const stories: Story[] = [
    { ...ANA, n: 1, events: [['FULFILLED', 10]], truth: RUN },
    { ...ANA, n: 2, events: [], truth: [['PENDING', 0]] },
    { ...ANA, n: 3, events: [['UNKNOWN_ERROR', 9]], truth: [['UNKNOWN_ERROR', 8]] },
    {
      ...ANA,
      n: 4,
      events: [
        ['UNKNOWN_ERROR', 9],
        ['REFUNDED', 900],
      ],
      truth: [
        ['UNKNOWN_ERROR', 8],
        ['REFUNDED', 890],
      ],
      delivery: 'pending',
    },
    {
      ...ANA,
      n: 5,
      events: [['FULFILLED', 90]],
      truth: [
        ['PENDING', 66],
        ['FULFILLED', 80],
      ],
      calls: [...PROOF, ['look', 85]],
    },
    { ...ANA, n: 6, events: [['REFUNDED', 67]], calls: PROOF },
    { ...ANA, n: 7, events: [['FULFILLED', 10]], truth: [...RUN, ['REFUNDED', 60]] },
    {
      ...ANA,
      n: 8,
      events: [
        ['FULFILLED', 10],
        ['REFUNDED', 20],
      ],
      truth: [...RUN, ['REFUNDED', 9]],
    },
    {
      ...ANA,
      n: 9,
      events: [['FULFILLED', 10]],
      truth: RUN,
      answers: [NONE, ok(9, true), no(429, 'TOO_MANY')],
    },
    { ...ANA, n: 10, events: [['FULFILLED', 10]], truth: RUN, delivery: 'failed' },
    { ...BIL, n: 11, events: [['FULFILLED', 10]], truth: RUN },
  ]
  const chapters = stories.map(chapter)
  // A refused send leaves nothing; a ref that a refusal freed begins a new order at once.
  const nothing = chapter({ ...BIL, n: 12, events: [], answers: [no(403, 'INSUFFICIENT_BALANCE')] })
  const other = {
    ...(chapters[8] as Chapter).sends[0],
    amountDzd: 7,
    at: START + HOUR,
    answer: no(403, 'DUPLICATED_REF'),
  }
  const anew = chapter({ ...BIL, n: 13, events: [], truth: [['PENDING', 0]] })
  const freed = { ...(anew.sends[0] as MerchantSend), at: START + 10, answer: no(403, 'NO_BALANCE') }
  const freedCall = { at: START + 15, kind: 'send', upstreamRef: anew.order.upstreamRef } as const
  chapters.push(anew)
  const of = (merchantId: string) => chapters.filter(({ order }) => order.merchantId === merchantId)
  const merchant = (merchantId: string, state: 'active' | 'paused', sends: MerchantSend[]): MerchantView => ({
    merchantId,
    sends: [...of(merchantId).flatMap((one) => one.sends), ...sends],
    received: of(merchantId).flatMap((one) => one.received),
    endpoints: [{ id: `ep_${merchantId}`, state }],
  })
  const provider: ProviderView = {
    topups: chapters.flatMap(({ topup }) => topup ?? []),
    calls: [...chapters.flatMap(({ calls }) => calls), freedCall],
    elsewhere: [FOREIGN],
  }
  const views: Views = {
    at: START + HOUR,
    provider,
    merchants: [
      merchant('ana', 'active', [other as MerchantSend]),
      merchant('bil', 'paused', [...nothing.sends, freed]),
    ],
    gateway: {
      orders: chapters.map(({ order }) => order),
      losses: [{ kind: 'orphan', topupId: FOREIGN.id }],
    },
  }
  return structuredClone(views) as Draft<Views>
}
