/**
 * The HTTP client of OneClickDz v3. It carries bytes and keeps deadlines; what an answer means is in
 * classify.ts. The sandbox is spoken to by this same client.
 */
import type { Evidence } from '../order/history'
import type { LookOutcome, SubmitOutcome, TopupRequest } from '../order/state'
import { sha256Hex } from '../platform/crypto'
import {
  classifyLook,
  classifyRead,
  classifySend,
  type Exchange,
  type ListPage,
  type ReadOutcome,
  readListPage,
} from './classify'
import { PAGE_ROWS } from './sweep'

/** A merchant's send answers within 12 s: this, a look-up for a duplicate ref, and our own writes. */
const SEND_DEADLINE_MS = 8_000
const READ_DEADLINE_MS = 5_000
/** A look-up inside a send, when the provider says that the ref exists. */
const LOOK_IN_SEND_DEADLINE_MS = 2_500
/** A page of 100 rows is some 40 KB; far more than this is not the provider's. */
const MAX_BODY_BYTES = 1_000_000
/** Of each answer's body, kept with the order: more than any top-up object. */
const KEPT_CHARACTERS = 1_000

export interface ProviderAccess {
  /** Without a trailing slash; `/v3/...` is added. */
  readonly baseUrl: string
  readonly accessToken: string
  /** The sandbox's tokens are the merchants' names. */
  readonly tokenIsPublic?: boolean
  readonly fetch: (request: Request) => Promise<Response>
}

/** Of an exchange without an answer. */
const NOTHING = { httpStatus: null, received: '', receivedBytes: 0, sha256: null } as const

/** Of one row of a page: the row's own text in place of the page's. */
export function rowEvidence(page: Evidence, json: string): Evidence {
  return { ...page, received: json.slice(0, KEPT_CHARACTERS).toWellFormed() }
}

/** What an answer meant, with the exchanges that say so. */
export interface Told<Outcome> {
  readonly outcome: Outcome
  readonly evidence: readonly Evidence[]
}

export type Call = 'send' | 'look' | 'list' | 'read'

/**
 * Told when an exchange begins, and by what it gives when it ends: whoever speaks to an account watches its pace, its
 * health and its words. `subject` is what is asked about: a ref, or a path.
 */
export type Noted = (call: Call, subject: string) => (exchange: Exchange) => void

/** Speaks for one provider account. No method throws. */
export class OneClick {
  readonly #access: ProviderAccess
  readonly #noted: Noted

  constructor(access: ProviderAccess, noted: Noted = () => () => undefined) {
    this.#access = access
    this.#noted = noted
  }

  /** `POST /v3/mobile/send`, the merchant's fields as he sent them. */
  async send(ref: string, { planCode, msisdn, amountDzd }: TopupRequest): Promise<Told<SubmitOutcome>> {
    const amount = amountDzd === null ? {} : { amount: amountDzd }
    const body = JSON.stringify({ plan_code: planCode, MSSIDN: msisdn, ...amount, ref })
    const { exchange, evidence } = await this.#exchange(
      'send',
      '/v3/mobile/send',
      ref,
      SEND_DEADLINE_MS,
      body,
    )
    const outcome = classifySend(exchange)
    if (outcome.kind !== 'found') return { outcome, evidence: [evidence] }
    const look = await this.#look(ref, LOOK_IN_SEND_DEADLINE_MS)
    const topup = look.outcome.kind === 'found' ? look.outcome.topup : null
    return { outcome: { kind: 'found', topup }, evidence: [evidence, ...look.evidence] }
  }

  /** `GET /v3/mobile/check-ref/{ref}`. */
  look(ref: string): Promise<Told<LookOutcome>> {
    return this.#look(ref, READ_DEADLINE_MS)
  }

  /** One page of `GET /v3/mobile/list`, newest first; its page is null when no valid answer came. */
  async list(
    window: { from: number; to: number },
    page: number,
  ): Promise<{ page: ListPage | null; evidence: Evidence }> {
    const query = new URLSearchParams({
      page: String(page),
      pageSize: String(PAGE_ROWS),
      from: new Date(window.from).toISOString(),
      to: new Date(window.to).toISOString(),
    })
    const { exchange, evidence } = await this.#exchange(
      'list',
      `/v3/mobile/list?${query}`,
      'list',
      READ_DEADLINE_MS,
    )
    return { page: readListPage(exchange), evidence }
  }

  /** The `data` of any other read: plans, balance, transactions, validate, ping. */
  async read(path: string, deadlineMs = READ_DEADLINE_MS): Promise<ReadOutcome> {
    return classifyRead((await this.#exchange('read', path, path, deadlineMs)).exchange)
  }

  async #look(ref: string, deadlineMs: number): Promise<Told<LookOutcome>> {
    const path = `/v3/mobile/check-ref/${encodeURIComponent(ref)}`
    const { exchange, evidence } = await this.#exchange('look', path, ref, deadlineMs)
    return { outcome: classifyLook(exchange, ref), evidence: [evidence] }
  }

  async #exchange(
    call: Call,
    path: string,
    subject: string,
    deadlineMs: number,
    body?: string,
  ): Promise<{ exchange: Exchange; evidence: Evidence }> {
    const at = Date.now()
    const method = call === 'send' ? 'POST' : 'GET'
    const ended = this.#noted(call, subject)
    const { exchange, bytes } = await this.#ask(method, path, deadlineMs, body)
    ended(exchange)
    const asked = { at, durationMs: Date.now() - at, method, path, sent: body ?? null }
    if (exchange.kind === 'failed') {
      return { exchange, evidence: { ...asked, ...NOTHING, failure: exchange.reason } }
    }
    const evidence = {
      ...asked,
      httpStatus: exchange.httpStatus,
      failure: null,
      received: exchange.body.slice(0, KEPT_CHARACTERS).toWellFormed(),
      receivedBytes: bytes.byteLength,
      sha256: await sha256Hex(bytes),
    }
    return { exchange, evidence }
  }

  /** Merchants read what the provider says, and an error may repeat what it was asked with. */
  #masked(text: string): string {
    const { accessToken, tokenIsPublic } = this.#access
    if (tokenIsPublic) return text
    const inJson = JSON.stringify(accessToken).slice(1, -1)
    return text.replaceAll(accessToken, '…').replaceAll(inJson, '…')
  }

  /** One deadline covers connect, headers and body. */
  async #ask(
    method: string,
    path: string,
    deadlineMs: number,
    body?: string,
  ): Promise<{ exchange: Exchange; bytes: Uint8Array<ArrayBuffer> }> {
    const signal = AbortSignal.timeout(deadlineMs)
    try {
      const request = new Request(this.#access.baseUrl + path, {
        method,
        headers: {
          'X-Access-Token': this.#access.accessToken,
          Accept: 'application/json',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        // A redirected POST would become a GET without a body, and its 200 would look like a yes.
        redirect: 'manual',
        signal,
        ...(body === undefined ? {} : { body }),
      })
      const response = await this.#access.fetch(request)
      const bytes = await readBytes(response)
      const exchange: Exchange = {
        kind: 'answered',
        httpStatus: response.status,
        body: this.#masked(new TextDecoder().decode(bytes)),
        retryAfter: response.headers.get('Retry-After'),
      }
      return { exchange, bytes }
    } catch (error) {
      const reason = signal.aborted ? 'timeout' : this.#masked(describe(error))
      return { exchange: { kind: 'failed', reason }, bytes: new Uint8Array() }
    }
  }
}

/** Throws when the body breaks off or is absurdly long: then nothing is known. */
async function readBytes(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES) throw new Error('answer too large')
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

function describe(error: unknown): string {
  return error instanceof Error ? `network: ${error.message}` : 'network'
}
