/** What the page says about an order, in the customer's words. */
export type ShownState = 'queued' | 'sending' | 'sent' | 'refunded' | 'unknown'

/** How far one step of the timeline is. */
export type StepMark = 'done' | 'now' | 'later' | 'doubt' | 'failed'

export interface StateTexts {
  /** The big word on the page, and its title. */
  readonly heading: string
  /** What is known. Nothing that is not. */
  readonly sentence: string
  /** What happens next, or what the customer can do. */
  readonly next: string
  /** The last two steps of the timeline, named by what is known in this state. */
  readonly operatorStep: string
  readonly resultStep: string
}

/** Every word of the customer's status page. Times and dates come in already formatted. */
export interface StatusTexts {
  readonly brand: string
  readonly languages: string
  readonly states: Readonly<Record<ShownState, StateTexts>>
  /** Takes the place of `next` when an order without result is older than usual. */
  readonly late: string
  readonly nextLook: {
    readonly at: (time: string) => string
    readonly on: (date: string, time: string) => string
    readonly soon: string
    readonly undated: string
  }
  readonly labels: { readonly number: string; readonly amount: string; readonly date: string }
  readonly timeline: string
  readonly askedStep: string
  readonly acceptedStep: string
  /** Read aloud in place of the mark's shape. */
  readonly marks: Readonly<Record<StepMark, string>>
  readonly dateAndTime: (date: string, time: string) => string
  readonly reason: string
  readonly offers: string
  readonly offersHint: string
  /** Beside the code of the page's own link. */
  readonly keep: { readonly heading: string; readonly scan: string; readonly print: string }
  readonly asOf: (dateAndTime: string) => string
  readonly refreshes: string
  readonly unknownLink: { readonly heading: string; readonly sentence: string; readonly next: string }
}
