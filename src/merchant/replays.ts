/** A merchant's bulk replays: kept with his other chores, one running in each environment. */
import { bookOf, type Env, orderById } from '../env'
import type { Environment } from '../order/state'
import { randomHex } from '../platform/crypto'
import { log, logError } from '../platform/log'
import {
  advanced,
  cancelled,
  newReplay,
  type Outcome,
  position,
  REPLAY_BATCH,
  type Replay,
  type ReplayFilter,
  replayId,
} from './replay'
import type { Listed } from './replay-list'

const PREFIX = 'replay:'
/** In each environment; the oldest make room. */
const REPLAYS_KEPT = 50

export class Replays {
  readonly #env: Env
  readonly #storage: DurableObjectStorage
  readonly #merchantId: () => string
  readonly #arm: () => void
  /** Environments whose next replay is being made, and replays with a part under way: each once at a time. */
  readonly #making = new Set<Environment>()
  readonly #underWay = new Set<string>()

  constructor(env: Env, storage: DurableObjectStorage, merchantId: () => string, arm: () => void) {
    this.#env = env
    this.#storage = storage
    this.#merchantId = merchantId
    this.#arm = arm
  }

  /** Null while another one runs in this environment. */
  async make(filter: ReplayFilter): Promise<Replay | null> {
    const { environment } = filter
    if (this.#making.has(environment) || this.all(environment).some(isRunning)) return null
    this.#making.add(environment)
    try {
      const now = Date.now()
      const id = replayId(randomHex(8), now)
      const matched = await this.#book().makeReplayList(id, filter)
      const replay = newReplay(id, environment, matched, now)
      for (const { id } of this.all(environment).slice(REPLAYS_KEPT - 1)) this.#storage.kv.delete(PREFIX + id)
      this.#keep(replay)
      log('replay.started', { merchant: this.#merchantId(), environment, replay: id, matched })
      return replay
    } finally {
      this.#making.delete(environment)
    }
  }

  /** Newest first. */
  all(environment: Environment): Replay[] {
    return this.#all()
      .filter((replay) => replay.environment === environment)
      .reverse()
  }

  /** Null when there is none such. */
  get(environment: Environment, id: string): Replay | null {
    const replay = this.#storage.kv.get<Replay>(PREFIX + id)
    return replay?.environment === environment ? replay : null
  }

  /** What is being made again at this moment is still made, and counted. Null when there is none such. */
  cancel(environment: Environment, id: string): Replay | null {
    const replay = this.get(environment, id)
    if (replay === null) return null
    const after = cancelled(replay, Date.now())
    if (after !== replay) this.#keep(after)
    return after
  }

  /** Each time at which one wants to go on. */
  times(): number[] {
    return this.#all()
      .filter(isRunning)
      .map(({ at }) => at)
  }

  /** Everything that is due. */
  async run(now: number): Promise<void> {
    const due = this.#all().filter(
      (replay) => isRunning(replay) && replay.at <= now && !this.#underWay.has(replay.id),
    )
    await Promise.all(due.map((replay) => this.#goOn(replay)))
  }

  /** A part that was not noted because this object died is asked for again: the orders know this replay. */
  async #goOn(replay: Replay): Promise<void> {
    const { id, environment } = replay
    this.#underWay.add(id)
    try {
      const part = await this.#book().replayPart(id, environment, position(replay), REPLAY_BATCH)
      const outcomes = await Promise.all(part.map((listed) => this.#again(listed, id)))
      const current = this.get(environment, id)
      if (current === null) return
      const after = advanced(current, outcomes, Date.now())
      this.#keep(after)
      if (isRunning(after)) return
      log('replay.ended', { merchant: this.#merchantId(), environment, replay: id, state: after.state })
      await this.#book().dropReplayList(id, environment)
    } finally {
      this.#underWay.delete(id)
    }
  }

  async #again({ objectId, deliveryId }: Listed, replay: string): Promise<Outcome> {
    try {
      const answer = await orderById(this.#env, objectId).retry(deliveryId, replay)
      if (answer === null) return { skipped: 'not_found' }
      return answer.kind === 'due' ? 'done' : { skipped: answer.reason }
    } catch (error) {
      logError('replay.retry', error, { delivery: deliveryId })
      return 'failed'
    }
  }

  /** Replay and alarm are durable together. */
  #keep(replay: Replay): void {
    this.#storage.transactionSync(() => {
      this.#storage.kv.put(PREFIX + replay.id, replay)
      this.#arm()
    })
  }

  #book() {
    return bookOf(this.#env, this.#merchantId())
  }

  /** Oldest first, as their ids sort. */
  #all(): Replay[] {
    return Array.from(this.#storage.kv.list<Replay>({ prefix: PREFIX }), ([, replay]) => replay)
  }
}

function isRunning({ state }: Replay): boolean {
  return state === 'running'
}
