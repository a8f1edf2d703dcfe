/** The merchants' servers behind their endpoints: what reaches them, and how they answer. */
import type { Dice } from './dice'
import type { Faults } from './faults'
import type { Kernel } from './kernel'
import type { Asked, Reply, Server } from './network'
import { MERCHANTS } from './platform'
import type { Trace } from './trace'
import type { ReceivedCallback } from './views'

interface Parts {
  readonly kernel: Kernel
  readonly dice: Dice
  readonly faults: Faults
  readonly trace: Trace
}

interface Body {
  readonly type: string
  readonly data: { readonly ref?: string; readonly challenge?: string }
}

/** Too long for an acknowledgement: somebody's front page. */
const LONG_PAGE = 'x'.repeat(70_000)
const DAY_SECONDS = 86_400
const LONGEST_OUTAGE_MS = 6 * 3_600_000

export class Receiver implements Server {
  readonly received: ReceivedCallback[] = []
  readonly #parts: Parts
  readonly #merchant: number
  readonly #keyOfRef: (ref: string) => number
  /** By the path of the URL. */
  readonly #endpointIds = new Map<string, string>()
  /** Nothing reaches him before then; null until his first callback. */
  #outUntil: number | null = null
  /** Called when an endpoint answered 410: its merchant will notice some day. */
  onGone: (endpointId: string) => void = () => undefined

  constructor(parts: Parts, merchant: number, keyOfRef: (ref: string) => number) {
    this.#parts = parts
    this.#merchant = merchant
    this.#keyOfRef = keyOfRef
  }

  serves(path: string, endpointId: string): void {
    this.#endpointIds.set(path, endpointId)
  }

  get endpointIds(): readonly string[] {
    return Array.from(this.#endpointIds.values())
  }

  keyOf({ body }: Asked): number {
    const { ref } = bodyOf(body).data
    return ref === undefined ? MERCHANTS + this.#merchant : this.#keyOfRef(ref)
  }

  travelMs(key: number): number {
    return this.#parts.dice.between(key, 'callback_travel', 5, 150)
  }

  handle({ url, body, headers }: Asked, key: number): Reply {
    const { type, data } = bodyOf(body)
    if (type === 'endpoint.verification')
      return answer(200, 20, JSON.stringify({ challenge: data.challenge }))
    const endpointId = this.#endpointIds.get(url.pathname) ?? url.pathname
    const { accepted, reply } = this.#judge(key, endpointId)
    const { kernel, trace } = this.#parts
    if (reply.kind !== 'reset' || accepted !== null) {
      const eventId = headers.get('webhook-id') ?? ''
      this.received.push({ at: kernel.now, endpointId, eventId, body, accepted: accepted === true })
    }
    trace(
      key,
      () => `receiver ${endpointId}: ${type} => ${reply.kind === 'answer' ? reply.status : reply.kind}`,
    )
    return reply
  }

  /** `accepted` null: it never reached his program. */
  #judge(key: number, endpointId: string): { accepted: boolean | null; reply: Reply } {
    const { dice, faults } = this.#parts
    const soon = dice.between(key, 'receiver_takes', 10, 900)
    if (this.#isOut() || faults.strikes('receiver_down', key))
      return { accepted: null, reply: { kind: 'reset', afterMs: soon } }
    if (faults.strikes('receiver_5xx', key))
      return no(answer(dice.pick(key, 'status', [500, 502, 503]), soon))
    if (faults.strikes('receiver_4xx', key))
      return no(answer(dice.pick(key, 'status', [400, 401, 404]), soon))
    if (faults.strikes('receiver_429', key)) {
      const asked = dice.pick(key, 'pause', ['2', '600', String(30 * DAY_SECONDS)])
      return no({ ...answer(429, soon), headers: { 'retry-after': asked } })
    }
    if (faults.strikes('receiver_redirects', key)) {
      return no({ ...answer(302, soon), headers: { location: 'https://elsewhere.dz/' } })
    }
    if (faults.strikes('receiver_hangs', key)) return no({ kind: 'hang' })
    if (faults.strikes('receiver_gone', key)) {
      this.onGone(endpointId)
      return no(answer(410, soon))
    }
    if (faults.strikes('receiver_floods', key)) return no(answer(200, soon, LONG_PAGE))
    if (faults.strikes('receiver_reset', key)) return no({ kind: 'reset', afterMs: soon })
    if (faults.strikes('receiver_slow', key)) return { accepted: true, reply: answer(200, 15_000) }
    return { accepted: true, reply: answer(dice.pick(key, 'yes', [200, 204]), soon) }
  }

  /** From his first callback on, when most of the others are still to come. */
  #isOut(): boolean {
    const { kernel, dice, faults } = this.#parts
    if (this.#outUntil === null) {
      const isHit = faults.strikes('receiver_outage', MERCHANTS + this.#merchant)
      const longMs = dice.unit(MERCHANTS + this.#merchant, 'out_for') ** 2 * LONGEST_OUTAGE_MS
      this.#outUntil = isHit ? kernel.now + longMs : 0
    }
    return !faults.isOver && kernel.now < this.#outUntil
  }
}

function no(reply: Reply): { accepted: boolean; reply: Reply } {
  return { accepted: false, reply }
}

function answer(status: number, afterMs: number, body = ''): Reply & { kind: 'answer' } {
  return { kind: 'answer', afterMs, status, body }
}

/** The gateway wrote it. */
function bodyOf(body: string): Body {
  return JSON.parse(body)
}
