/** What a language must have to say why an event has not arrived. */

export interface Facts {
  /** Where it was sent, without its query, ready to stand in a sentence. */
  readonly url: string
  readonly host: string
  /** Of the answer; '' when there was none. */
  readonly status: string
  /** What was answered, or why the address may not be called; may be ''. */
  readonly answer: string
}

type Cause = (facts: Facts) => string

/** Every fragment is without its full stop. */
export interface WhyTexts {
  /** Sets text of the other direction apart, so that neither shuffles the other. */
  readonly isolated: (text: string) => string
  readonly joined: (first: string, second: string) => string
  readonly stop: string
  readonly causes: {
    readonly delivered: Cause
    readonly redirected: Cause
    readonly gone: Cause
    readonly throttled: Cause
    /** 401, 403. */
    readonly barred: Cause
    /** 404, 405. */
    readonly lost: Cause
    /** 413. */
    readonly oversized: Cause
    readonly refused: Cause
    readonly failed: Cause
    readonly timeout: Cause
    readonly dns: Cause
    readonly tls: Cause
    readonly connect: Cause
    readonly too_large: Cause
    readonly forbidden: Cause
    /** An outcome without a sentence of its own, with an answer and without one. */
    readonly answered: Cause
    readonly silent: Cause
  }
  readonly firstAttempt: (at: string) => string
  readonly nextAttempt: (at: string, spent: number, all: number) => string
  readonly soon: string
  readonly held: {
    readonly unverified: string
    readonly paused: string
    readonly disabled: string
    readonly gone: string
    readonly breaker: string
  }
  readonly heldOtherwise: (reason: string) => string
  readonly exhausted: (spent: number) => string
  readonly cancelled: {
    readonly endpoint_deleted: string
    readonly superseded: string
  }
  readonly cancelledOtherwise: (reason: string) => string
}
