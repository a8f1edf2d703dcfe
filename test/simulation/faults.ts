/**
 * Everything that can go wrong, and when it does. Each place where something may fail asks once, naming whom
 * it concerns: the n-th question of a kind about an order is always the same fault, whatever else happens.
 */
import type { Dice } from './dice'

interface Kind {
  /** `beyond`: known to break promises, so only played when it is named. */
  readonly group: 'platform' | 'provider' | 'receiver' | 'merchant' | 'beyond'
  /** Of the questions asked. */
  readonly share: number
  readonly what: string
}

const kind = (group: Kind['group'], share: number, what: string): Kind => ({ group, share, what })

export const FAULTS = {
  crash_before_commit: kind('platform', 0.008, 'the object dies, and what it was writing with it'),
  crash_after_commit: kind(
    'platform',
    0.008,
    'the object dies after a write, before anything else leaves it',
  ),
  crash_after_call: kind('platform', 0.004, 'the object dies when its call has just left'),
  crash_before_call: kind('platform', 0.002, 'the object dies when a call for it arrives'),
  crash_before_reply: kind('platform', 0.004, 'the object dies when it has done what it was asked'),
  call_lost: kind('platform', 0.003, 'a call never reaches the object; the caller sees an error'),
  reply_lost: kind('platform', 0.003, 'a call is done, but the caller sees an error'),
  call_slow: kind('platform', 0.003, 'a call takes up to 15 s on its way'),
  commit_slow: kind('platform', 0.003, 'a write takes up to 5 s'),
  eviction: kind('platform', 0.02, 'the object is thrown out of memory when it is idle'),
  alarm_lost: kind(
    'platform',
    0.01,
    'an alarm that the book knows of never fires; half stay visible in the past',
  ),
  alarm_twice: kind('platform', 0.02, 'an alarm fires twice'),
  alarm_late: kind('platform', 0.03, 'an alarm fires up to 10 min late'),
  cron_missed: kind('platform', 0.05, 'a run of the cron is left out'),
  clock_step: kind(
    'platform',
    0.02,
    'the clock is set back, or forward while no absence is being proven, by up to 4 min',
  ),
  dns_fails: kind('platform', 0.02, 'the resolver knows nothing of a callback’s host at the moment'),
  dns_hangs: kind('platform', 0.01, 'the resolver never answers'),
  platform_down: kind('platform', 0.25, 'the whole platform is down for up to an hour'),

  clock_leap: kind(
    'beyond',
    0.02,
    'the clock is set forward by up to 10 min, also while an absence is being proven',
  ),
  alarm_lost_unbooked: kind('beyond', 0.01, 'an alarm that the book does not know of never fires'),

  send_lost: kind('provider', 0.02, 'the send never reaches the provider'),
  send_5xx_before: kind('provider', 0.02, 'the send is answered 5xx, and nothing was made'),
  send_429: kind('provider', 0.01, 'the send is refused for its rate, with Retry-After'),
  send_refused_balance: kind('provider', 0.02, 'the send is refused: no balance'),
  send_refused_invalid: kind('provider', 0.01, 'the send is refused: not valid'),
  send_answer_lost: kind('provider', 0.03, 'accepted, and the connection ends without an answer'),
  send_answer_late: kind('provider', 0.02, 'accepted, and answered after 5 to 40 s'),
  send_accepted_late: kind('provider', 0.01, 'accepted up to 12 s later, and never answered'),
  send_5xx_after: kind('provider', 0.02, 'accepted, and answered 5xx'),
  send_5xx_refusal: kind('provider', 0.01, 'accepted, and answered 500 in the words of a refusal'),
  send_html: kind('provider', 0.01, 'accepted, and answered with an HTML page'),
  send_truncated: kind('provider', 0.01, 'accepted, and the answer breaks off'),
  send_odd_4xx: kind('provider', 0.005, 'accepted, and answered 4xx with a code that nobody knows'),
  send_doubled: kind('provider', 0.01, 'a proxy sends it twice: the answer is that of the duplicate'),
  not_found_at_first: kind('provider', 0.06, 'accepted, and for up to 10 min not found by look-ups'),
  slow_settlement: kind('provider', 0.03, 'settles after minutes or hours'),
  unknown_for_hours: kind('provider', 0.03, 'UNKNOWN_ERROR for up to 30 h, then final'),
  new_word: kind('provider', 0.03, 'a status word that nobody has seen, then final'),
  reversal: kind('provider', 0.01, 'REFUNDED within 10 min after FULFILLED'),
  account_failed: kind('provider', 0.02, 'the balance, the statement or a probe is answered 5xx'),
  foreign_spend: kind('provider', 0.3, 'somebody else spends from the account'),
  provider_outage: kind(
    'provider',
    0.3,
    'the provider is down for up to 20 min: nothing that is asked arrives',
  ),
  look_lost: kind('provider', 0.01, 'a look-up gets no answer'),
  look_late: kind('provider', 0.01, 'a look-up is answered after up to 30 s'),
  look_5xx: kind('provider', 0.01, 'a look-up is answered 5xx'),
  look_429: kind('provider', 0.01, 'a look-up is answered 429, with any kind of Retry-After'),
  look_html: kind('provider', 0.01, 'a look-up is answered with an HTML page'),
  look_truncated: kind('provider', 0.01, 'the answer to a look-up breaks off'),
  look_not_found: kind('provider', 0.01, 'a look-up says not found once'),
  look_stale: kind('provider', 0.01, 'a look-up tells what was true up to a minute ago'),
  look_other: kind('provider', 0.005, 'a look-up tells of another top-up'),
  list_failed: kind('provider', 0.1, 'a page of the list is answered 5xx'),
  list_truncated: kind('provider', 0.05, 'a page of the list breaks off'),
  list_stale: kind('provider', 0.1, 'a page of the list is up to 25 s old'),
  list_without_ref: kind('provider', 0.05, 'a row of the list has lost its ref'),

  receiver_down: kind('receiver', 0.03, 'the receiver cannot be reached'),
  receiver_5xx: kind('receiver', 0.03, 'the receiver answers 5xx'),
  receiver_4xx: kind('receiver', 0.02, 'the receiver answers 4xx'),
  receiver_429: kind('receiver', 0.02, 'the receiver asks for a pause, of seconds or of days'),
  receiver_redirects: kind('receiver', 0.02, 'the receiver answers with a redirect'),
  receiver_hangs: kind('receiver', 0.02, 'the receiver takes the callback and never answers'),
  receiver_slow: kind('receiver', 0.02, 'the receiver takes the callback and says so too late'),
  receiver_reset: kind('receiver', 0.02, 'the receiver takes the callback, and its answer is lost'),
  receiver_floods: kind('receiver', 0.01, 'the receiver answers 200 with a page that is too long'),
  receiver_outage: kind('receiver', 0.25, 'all receivers of a merchant are down for up to 6 h'),
  receiver_gone: kind('receiver', 0.01, 'the receiver answers 410; its merchant sets it active again'),

  answer_lost: kind('merchant', 0.03, 'the merchant does not get his answer; he sends again'),
  hangs_up: kind('merchant', 0.02, 'the merchant waits a second or two only, and sends again'),
  gives_up: kind('merchant', 0.3, 'the merchant who got no answer does not send again'),
  sends_twice: kind('merchant', 0.04, 'the merchant sends the same ref twice at once'),
  sends_again: kind('merchant', 0.04, 'the merchant sends the same ref again, up to a day later'),
  sends_another: kind('merchant', 0.04, 'the merchant sends the same ref with another amount'),
  sends_after_refusal: kind(
    'merchant',
    0.5,
    'the merchant sends a refused ref again, perhaps with another amount',
  ),
  asks_status: kind('merchant', 0.2, 'the merchant asks for the status'),
  pauses_endpoint: kind('merchant', 0.3, 'the merchant pauses an endpoint for up to 12 h'),
} as const satisfies Record<string, Kind>

export type FaultName = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[]

const INDEX = new Map(FAULT_NAMES.map((name, index) => [name, index]))

/** One fault of one world: `3/alarm_lost/2` is the second alarm of order 3. */
export type FaultId = string

export interface FaultChoice {
  readonly enabled: ReadonlySet<FaultName>
  /** Exactly these, whatever chance says; null: as it falls. */
  readonly only: ReadonlySet<FaultId> | null
}

export class Faults {
  readonly injected: FaultId[] = []
  readonly #dice: Dice
  readonly #choice: FaultChoice
  readonly #asked = new Map<number, number>()
  readonly #tell: (key: number, what: string) => void
  /** The world gets well some day; only then can it be demanded that everything came right. */
  isOver = false

  constructor(dice: Dice, choice: FaultChoice, tell: (key: number, what: string) => void) {
    this.#dice = dice
    this.#choice = choice
    this.#tell = tell
  }

  strikes(name: FaultName, key: number): boolean {
    if (this.isOver || !this.#choice.enabled.has(name)) return false
    const { only } = this.#choice
    const slot = key * FAULT_NAMES.length + (INDEX.get(name) ?? 0)
    const count = (this.#asked.get(slot) ?? 0) + 1
    this.#asked.set(slot, count)
    if (only === null && this.#dice.nth(key, name, count) >= FAULTS[name].share) return false
    const id = `${key}/${name}/${count}`
    if (only?.has(id) === false) return false
    this.injected.push(id)
    this.#tell(key, `FAULT ${id}: ${FAULTS[name].what}`)
    return true
  }
}

export function faultOf(id: FaultId): FaultName | undefined {
  return FAULT_NAMES.find((name) => id.split('/')[1] === name)
}

/** `all`, `none`, names, and groups of them. */
export function readFaultNames(list: string): Set<FaultName> {
  const chosen = new Set<FaultName>()
  for (const word of list.split(',').map((part) => part.trim())) {
    if (word === 'none' || word === '') continue
    const names = FAULT_NAMES.filter((name) => isMeant(word, name))
    if (names.length === 0) throw new Error(`"${word}" is no fault; --list-faults names them`)
    for (const name of names) chosen.add(name)
  }
  return chosen
}

function isMeant(word: string, name: FaultName): boolean {
  const { group }: Kind = FAULTS[name]
  return word === name || word === group || (word === 'all' && group !== 'beyond')
}
