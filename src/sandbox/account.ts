/**
 * The Durable Object of one sandbox account. It only carries a `Ledger` from one request to the next;
 * every rule is there.
 *
 * This is the one place for itty-durable: a toy whose loss costs nobody money. By its file, because the
 * package's main entry is CommonJS around ES modules and does not bundle.
 */
import { createDurable } from 'itty-durable/itty-durable.js'
import { Ledger, savedLedger } from './ledger'
import { decodeCommand } from './protocol'

const SECONDS_HEX_DIGITS = 8
const ID_RANDOM_BYTES = 8

export class SandboxAccount extends createDurable({ autoPersist: true }) {
  /** The stored form. itty-durable writes every public property and puts it back before the first call. */
  saved: unknown = null
  #ledger: Ledger | null = null
  #isUnsaved = false

  /** The bindings stay outside: itty-durable would copy every secret of the Worker onto the state. */
  constructor(state: DurableObjectState) {
    super(state, {})
  }

  /** The only call: one command in, its answer out, without an `await` between. */
  run(encoded: string): unknown {
    const command = decodeCommand(encoded)
    const now = Date.now()
    this.#ledger ??= new Ledger(savedLedger.nullable().catch(null).parse(this.saved))
    const ledger = this.#ledger
    switch (command.call) {
      case 'send':
        this.#isUnsaved = true
        return ledger.send(command.order, now, newTopupId)
      case 'find_by_ref':
        return ledger.findByRef(command.refs, now)
      case 'find_by_id':
        return ledger.findById(command.id, now)
      case 'list':
        return ledger.list(command.query, now)
      case 'transactions':
        return ledger.transactions(command.query, now)
      case 'balance':
        return { balance: ledger.balance(now) }
    }
  }

  /** itty-durable persists after every request; a look-up changes nothing and writes nothing. */
  override async persist(): Promise<void> {
    if (!this.#isUnsaved) return
    this.#isUnsaved = false
    await super.persist()
  }

  override getPersistable() {
    return { saved: this.#ledger?.save() ?? this.saved }
  }
}

/** Like a MongoDB id: 4 bytes of Unix seconds, then 8 nobody can guess. */
function newTopupId(now: number): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(SECONDS_HEX_DIGITS, '0')
  const random = crypto.getRandomValues(new Uint8Array(ID_RANDOM_BYTES))
  return seconds + Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
