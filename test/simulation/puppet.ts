/** An object whose code each test writes, on the simulation's platform. */
import { Dice } from './dice'
import { type FaultId, type FaultName, Faults } from './faults'
import { Kernel, type Life } from './kernel'
import { Platform } from './platform'
import type { Storage } from './storage'

export const START = 1_000_000
const edge: Life = { name: 'edge', alive: true }

type Answer = string | number | null

interface Bodies {
  handle(storage: Storage, call: (name: string) => Promise<unknown>): Answer | Promise<Answer>
  alarm(storage: Storage): void | Promise<void>
}

export let kernel: Kernel
export let platform: Platform
export const bodies: Bodies = { handle: () => null, alarm: () => undefined }
/** When the handler ran, since the start. */
export const alarms: number[] = []

/** Exactly these faults strike; the object's key is 1. */
export function newPlatform(...only: FaultId[]): void {
  alarms.length = 0
  bodies.handle = () => null
  bodies.alarm = () => undefined
  kernel = new Kernel(START)
  const dice = new Dice(1)
  const enabled = new Set(only.map((id) => id.split('/')[1] as FaultName))
  const faults = new Faults(dice, { enabled, only: new Set(only) }, () => undefined)
  const network = {
    serverOf: () => {
      throw new Error('there is no network')
    },
  }
  class Puppet {
    readonly #storage: Storage
    readonly #env: { ORDER: { idFromName(name: string): object; get(id: object): Stub } }

    constructor(ctx: DurableObjectState, env: unknown) {
      this.#storage = ctx.storage as unknown as Storage
      this.#env = env as never
    }

    handle(): Answer | Promise<Answer> {
      const { ORDER } = this.#env
      return bodies.handle(this.#storage, (name) => ORDER.get(ORDER.idFromName(name)).read())
    }

    read(): unknown {
      return this.#storage.kv.get('it') ?? null
    }

    alarm(): void | Promise<void> {
      alarms.push(kernel.now - START)
      return bodies.alarm(this.#storage)
    }
  }
  const trace = () => undefined
  const classes = { ORDER: Puppet, WALLET: Puppet, MERCHANT: Puppet, BOOK: Puppet, RECONCILER: Puppet }
  platform = new Platform({ kernel, dice, faults, trace, network }, classes)
  platform.know('ORDER', 'a', 1)
  platform.know('ORDER', 'b', 2)
}

interface Stub {
  handle(): Promise<unknown>
  read(): Promise<unknown>
}

export function stub(name = 'a', from: Life = edge): Stub {
  const namespace = platform.envOf(from).ORDER
  return namespace.get(namespace.idFromName(name)) as unknown as Stub
}

/** Runs until all is quiet; an exception is its text. */
export async function outcome(work: Promise<unknown>): Promise<unknown> {
  let result: unknown = 'never came'
  work.then(
    (value) => {
      result = value
    },
    (error: unknown) => {
      result = String(error)
    },
  )
  await kernel.run(Number.POSITIVE_INFINITY)
  return result
}

export const disk = (name = 'a') => platform.hostOf('ORDER', name)?.disk
