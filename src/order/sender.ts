/** Takes an order's sends to the wallet, one at a time, and keeps what came of each. */
import type { Env } from '../env'
import { randomHex } from '../platform/crypto'
import { measure } from '../platform/metrics'
import type { SendTerms, Submitted } from '../provider/wallet'
import type { Tracked } from '../provider/watch'
import { admission, giveBack, type Terms } from './admission'
import { inWords, noted } from './history'
import type { Keeper } from './keeper'
import { PAGE_SECRET_BYTES } from './link'
import * as machine from './machine'
import type { Intent, Order, Refusal, SubmitOutcome } from './state'
import { askWallet, doubtful, within } from './submit'
import { TIMED_ID_RANDOM_BYTES, timedId } from './timed-id'

interface Sending {
  readonly intent: Intent
  /** Null when the send was not refused. */
  readonly concluded: Promise<Refusal | null>
}

export class Sender {
  readonly #env: Env
  readonly #kept: Keeper
  readonly #orderId: string
  readonly #waitUntil: (work: Promise<unknown>) => void
  #underWay: Sending | null = null

  constructor(env: Env, kept: Keeper, { id, waitUntil }: Background) {
    this.#env = env
    this.#kept = kept
    this.#orderId = id
    this.#waitUntil = waitUntil
  }

  /** Other sends of this ref wait for it, and so do status questions. Null when none is under way. */
  get underWay(): Sending | null {
    return this.#underWay
  }

  /** Null when it left: accepted, found, or in doubt. */
  first(intent: Intent, terms: Terms, answerBy: number): Promise<Refusal | null> {
    return this.#alone(intent, this.#admitAndSubmit(intent, terms, answerBy))
  }

  /** Its turn has come, or it was proven absent: the record says `sending`, and the merchant was told PENDING. */
  again(intent: Intent, answerBy: number): Promise<Refusal | null> {
    return this.#alone(intent, this.#submit(intent, { isPromised: true, refusesDown: false }, answerBy))
  }

  tracked({ intent, submittedAt, providerId }: Order): Tracked {
    const { upstreamRef, account, request } = intent
    const { planCode } = request
    return { order: this.#orderId, upstreamRef, account, planCode, submittedAt, providerId }
  }

  #alone(intent: Intent, send: Promise<Refusal | null>): Promise<Refusal | null> {
    const concluded = send.finally(() => {
      this.#underWay = null
    })
    this.#underWay = { intent, concluded }
    return concluded
  }

  /** What speaks against a first send is asked before anything is written: it leaves no trace. */
  async #admitAndSubmit(intent: Intent, terms: Terms, answerBy: number): Promise<Refusal | null> {
    const verdict = await admission(this.#env, intent, terms)
    if (verdict.kind === 'refused') return verdict.refusal
    const now = Date.now()
    const gatewayId = timedId(randomHex(TIMED_ID_RANDOM_BYTES), now)
    const ids = { gatewayId, pageSecret: randomHex(PAGE_SECRET_BYTES) }
    this.#kept.commit(machine.begin(intent, { ...ids, warnings: verdict.warnings }, now), now)
    const { refusesDown } = terms
    const refusal = await this.#submit(intent, { isPromised: false, refusesDown }, answerBy)
    // Before the ref is free again: given back late, it would be the next send's that is taken from the count.
    if (refusal !== null && terms.limited) await giveBack(this.#env, intent)
    return refusal
  }

  /** The record says `sending`, durably; only now may a byte leave. */
  async #submit(intent: Intent, terms: SendTerms, answerBy: number): Promise<Refusal | null> {
    const record = this.#kept.mustHave()
    const askedAt = Date.now()
    const asked = askWallet(this.#env, this.tracked(record), intent, terms)
    const told = await within(answerBy - Date.now(), asked)
    if (told === null) this.#waitUntil(asked.then((late) => this.#hearLate(late, record.submissions)))
    const now = Date.now()
    const answer = told ?? doubtful('wallet_late')
    this.#measure(record, answer, now - askedAt)
    const { outcome, evidence, expected } = answer
    const after = machine.expecting(machine.submitted(this.#kept.mustHave(), outcome, now), expected)
    if (after.phase === 'refused') {
      await this.#kept.erase(after)
      return after.refusal
    }
    this.#kept.commit(noted(after, { did: 'send', result: inWords(outcome), evidence }, now), now)
    return null
  }

  #measure({ intent, submissions }: Order, { outcome, evidence }: Submitted, ms: number): void {
    measure(this.#env.METRICS, {
      fact: 'send',
      merchant: intent.merchantId,
      environment: intent.environment,
      plan: intent.request.planCode,
      outcome: outcome.kind,
      why: reasonOf(outcome),
      answeredBy: evidence.length > 0 ? 'provider' : 'gateway',
      ms: Math.max(0, ms),
      providerMs: evidence.reduce((sum, { durationMs }) => sum + durationMs, 0),
      submissions,
    })
  }

  /** The wallet's answer after the merchant had his; of no use once the ref was sent again. */
  #hearLate({ outcome, evidence, expected }: Submitted, submissions: number): void {
    const before = this.#kept.mustHave()
    if (before.submissions !== submissions) return
    const now = Date.now()
    const after = machine.expecting(machine.submitted(before, outcome, now), expected)
    this.#kept.commit(noted(after, { did: 'late_answer', result: inWords(outcome), evidence }, now), now)
  }
}

function reasonOf(outcome: SubmitOutcome): string {
  if (outcome.kind === 'refused') return outcome.refusal.code
  return outcome.kind === 'in_doubt' ? outcome.reason : ''
}

/** Of the object that the sends are made for. */
interface Background {
  readonly id: string
  readonly waitUntil: (work: Promise<unknown>) => void
}
