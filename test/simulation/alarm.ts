/** One object's alarm, as the platform keeps it: at least once, usually in time, and now and then not at all. */
import type { Host, ObjectLife } from './host'
import type { Platform } from './platform'
import type { Write } from './storage'

/** Of the platform's contract: retries of a handler that throws, and the first pause. */
const RETRIES = 6
const RETRY_MS = 2_000

export class Alarm {
  readonly #platform: Platform
  readonly #host: Host
  /** Counts what was set, so that an alarm that was replaced does not fire. */
  #set = 0
  #handling: { readonly scheduled: number; readonly retries: number; again: boolean } | null = null

  constructor(platform: Platform, host: Host) {
    this.#platform = platform
    this.#host = host
  }

  get isHandling(): boolean {
    return this.#handling !== null
  }

  /**
   * What was written is durable. An alarm that was set for no later than the moment of setting has been seen to
   * be lost: it stays, and never fires.
   */
  committed(writes: readonly Write[]): void {
    const last = writes.findLast(({ kind }) => kind === 'alarm' || kind === 'clear')
    if (last === undefined) return
    this.#set++
    if (last.kind === 'alarm' && last.isAhead) this.rearm()
  }

  /** Also when the clock was set. */
  rearm(): void {
    const { alarm } = this.#host.disk
    const { kernel, faults, dice } = this.#platform
    if (alarm === null) return
    const { key } = this.#host
    const set = ++this.#set
    // The platform goes by the same clock as the programs.
    let at = Math.max(alarm - kernel.skewMs, kernel.now)
    if (faults.strikes('alarm_late', key)) at += dice.between(key, 'alarm_late', 1_000, 600_000)
    kernel.at(at, null, () => this.#fire(set))
    if (faults.strikes('alarm_twice', key)) {
      kernel.at(at + dice.between(key, 'alarm_twice', 0, 20_000), null, () => this.#handle(0, true))
    }
  }

  /** The instance died, perhaps in the middle of its handler. That is not the handler's fault and costs no retry. */
  crashed(): void {
    if (this.#handling !== null) this.#handledBadly(false)
  }

  #fire(set: number): void {
    const { disk, key } = this.#host
    if (set !== this.#set || disk.alarm === null) return
    if (this.#isPutOff(() => this.#fire(set))) return
    const { faults, dice } = this.#platform
    const isBooked = this.#platform.isBooked(this.#host)
    if (faults.strikes(isBooked ? 'alarm_lost' : 'alarm_lost_unbooked', key)) {
      if (dice.unit(key, 'alarm_forgotten') < 0.5) disk.alarm = null
      return
    }
    this.#handle(0, false)
  }

  #retry(set: number, retries: number): void {
    if (set !== this.#set || this.#host.disk.alarm === null) return
    if (!this.#isPutOff(() => this.#retry(set, retries))) this.#handle(retries, false)
  }

  /** While the platform is down nothing fires; it comes after. */
  #isPutOff(then: () => void): boolean {
    const { kernel, dice, downUntil, isDown } = this.#platform
    if (isDown) kernel.at(downUntil + dice.between(this.#host.key, 'after_outage', 0, 60_000), null, then)
    return isDown
  }

  /** One run of the handler at a time. `stray`: the platform runs it although nothing is due. */
  #handle(retries: number, stray: boolean): void {
    const { isDown, kernel, trace } = this.#platform
    const { disk, label, key } = this.#host
    if (isDown) return
    if (this.#handling !== null) {
      this.#handling.again = true
      return
    }
    this.#handling = { scheduled: disk.alarm ?? kernel.wallNow, retries, again: false }
    if (!stray) disk.alarm = null
    const { life, instance } = this.#host.wake()
    kernel.current = life
    if (!stray) life.storage.alarmIs(null)
    trace(key, () => `${label}.alarm${retries > 0 ? ` (retry ${retries})` : ''}`)
    let result: unknown
    try {
      result = instance.alarm?.()
    } catch (error) {
      result = Promise.reject(error)
    }
    void Promise.resolve(result).then(
      () => life.storage.send(() => this.#handledWell(life)),
      (error: unknown) => {
        if (!life.alive) return
        trace(key, () => `${label}.alarm throws: ${String(error)}`)
        life.storage.send(() => this.#handledBadly(true))
      },
    )
  }

  #handledWell(life: ObjectLife): void {
    const again = this.#handling?.again === true
    this.#handling = null
    if (again) this.#fire(this.#set)
    this.#host.evictIfIdle(life)
  }

  /** An alarm that was set meanwhile wins. */
  #handledBadly(threw: boolean): void {
    const handling = this.#handling
    this.#handling = null
    if (handling === null) return
    const { disk, life } = this.#host
    if (disk.alarm !== null) {
      this.rearm()
      return
    }
    const retries = handling.retries + (threw ? 1 : 0)
    if (retries > RETRIES) return
    disk.alarm = handling.scheduled
    life?.storage.alarmIs(handling.scheduled)
    const set = ++this.#set
    this.#platform.kernel.after(RETRY_MS * 2 ** retries, null, () => this.#retry(set, retries))
  }
}
