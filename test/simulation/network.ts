/** The internet between the gateway and everybody else, and the few classes of the web that the gateway uses. */
import type { Kernel, Life } from './kernel'

/** What a server made of a request. `reset`: the connection ends without an answer. */
export type Reply =
  | {
      readonly kind: 'answer'
      readonly afterMs: number
      readonly status: number
      readonly body: string
      readonly headers?: Readonly<Record<string, string>>
      /** The body breaks off before its end. */
      readonly isCut?: boolean
    }
  | { readonly kind: 'reset'; readonly afterMs: number }
  | { readonly kind: 'hang' }

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly body: string
  readonly headers: ReadonlyMap<string, string>
}

export interface Server {
  /** Whom a request is about: see `Platform`. */
  keyOf(asked: Asked): number
  /** The request has arrived. */
  handle(asked: Asked, key: number): Reply
  /** How long it takes to arrive. */
  travelMs(key: number): number
}

export interface Network {
  serverOf(host: string): Server
}

/** One request that is on its way; `settle` is called once, if ever. */
export function carry(
  kernel: Kernel,
  from: Life,
  request: { server: Server; asked: Asked; key: number },
  settle: { answered(reply: Reply & { kind: 'answer' }): void; failed(): void },
): void {
  const { server, asked, key } = request
  kernel.after(server.travelMs(key), null, () => {
    const reply = server.handle(asked, key)
    if (reply.kind === 'hang') return
    kernel.after(reply.afterMs, from, () => {
      if (reply.kind === 'answer') settle.answered(reply)
      else settle.failed()
    })
  })
}
