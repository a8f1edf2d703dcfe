/** Example events that a merchant sends to an endpoint of his to try it: nothing is kept, nothing is tried again. */
import type { AttemptResult } from '../callback/deliver'
import { type ExampleType, exampleEvent } from '../callback/examples'
import { post } from '../callback/post'
import type { Settings } from '../env'
import { randomHex } from '../platform/crypto'
import { log } from '../platform/log'
import type { Signer } from './endpoint'

/** What was sent, and what came of it. */
export interface EndpointTest
  extends Pick<AttemptResult, 'outcome' | 'httpStatus' | 'durationMs' | 'answer'> {
  readonly eventId: string
  readonly type: ExampleType
  /** The bytes that were signed and sent. */
  readonly body: string
  readonly url: string
}

export class EndpointTests {
  /** One at a time each: a slow receiver must not be flooded through us. */
  readonly #underWay = new Set<string>()

  /** Null when `find` finds none. Whatever state the endpoint is in, and whatever came of it, changes nothing. */
  async send(
    id: string,
    type: ExampleType,
    settings: Settings,
    find: () => Promise<Signer | undefined>,
  ): Promise<EndpointTest | 'busy' | null> {
    if (this.#underWay.has(id)) return 'busy'
    this.#underWay.add(id)
    try {
      const target = await find()
      return target === undefined ? null : await sendOne(target, type, settings)
    } finally {
      this.#underWay.delete(id)
    }
  }
}

async function sendOne(target: Signer, type: ExampleType, settings: Settings): Promise<EndpointTest> {
  const event = exampleEvent(type, target.environment, randomHex(12), Date.now())
  const message = { id: event.id, body: event.body, attemptNumber: 1, isTest: true }
  const result = await post(target, message, settings)
  const { outcome, httpStatus, durationMs, answer } = result
  log('callback.test', { endpoint: target.id, message: event.id, outcome, http_status: httpStatus })
  return {
    eventId: event.id,
    type,
    body: event.body,
    url: target.url,
    outcome,
    httpStatus,
    durationMs,
    answer,
  }
}
