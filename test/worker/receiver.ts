/** A merchant's receiver that is down, slow or well, and what it saw of each event. */
import { vi } from 'vitest'
import { answering } from './world'

const PATH = '/callback'
/** Far above what a step takes: the machine may be busy. */
const PATIENCE = { timeout: 10_000, interval: 20 }

export interface Seen {
  readonly id: string
  readonly ref: string
  readonly body: string
  readonly status: number
}

export class FlakyReceiver {
  /** Every request that was answered, in order. */
  readonly seen: Seen[] = []
  /** Requests that wait for their answer now. */
  waiting = 0
  /** How it answers from now on. */
  status = 204
  /** Answers are held back while it is set. */
  slow = false

  constructor() {
    answering(PATH, (request) => this.#answer(request))
  }

  /** How many requests came, answered or not. */
  get requests(): number {
    return this.seen.length + this.waiting
  }

  async came(count: number): Promise<void> {
    await vi.waitFor(() => {
      if (this.requests < count) throw new Error(`${this.requests} requests instead of ${count}`)
    }, PATIENCE)
  }

  async answered(count: number): Promise<void> {
    await vi.waitFor(() => {
      if (this.seen.length < count) throw new Error(`${this.seen.length} answers instead of ${count}`)
    }, PATIENCE)
  }

  /** The refs whose events it took, each as often as it did. */
  get taken(): string[] {
    return this.seen
      .filter(({ status }) => status < 300)
      .map(({ ref }) => ref)
      .toSorted()
  }

  async #answer(request: Request): Promise<Response> {
    const body = await request.text()
    const { type, data } = JSON.parse(body)
    if (type === 'endpoint.verification') return Response.json({ challenge: data.challenge })
    this.waiting += 1
    while (this.slow) await new Promise((resolve) => setTimeout(resolve, 10))
    this.waiting -= 1
    const { status } = this
    this.seen.push({ id: request.headers.get('webhook-id') ?? '', ref: data.ref, body, status })
    return new Response(null, { status })
  }
}
