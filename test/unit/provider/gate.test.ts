/** Reads at the account's pace: who waits for an answer first, the sweep when one is to spare, the books in between. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Breaker } from '../../../src/provider/breaker'
import { Budget } from '../../../src/provider/budget'
import { Gate } from '../../../src/provider/gate'

const NOON = Date.UTC(2026, 1, 1, 12)
/** 4 at once, then one every 517 ms. */
const PER_MINUTE = 120
const BURST = 4

let budget: Budget
let breaker: Breaker
let gate: Gate

beforeEach(() => {
  vi.useFakeTimers({ now: NOON })
  budget = new Budget(PER_MINUTE, NOON)
  breaker = new Breaker(NOON)
  gate = new Gate(budget, breaker)
})
afterEach(() => {
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
  vi.useRealTimers()
})

function drain(): void {
  while (budget.take(Date.now()));
}

/** What came of it, and after how many ms; empty while it waits. */
function asking(turn: Promise<boolean>): { admitted?: boolean; afterMs?: number } {
  const asked: { admitted?: boolean; afterMs?: number } = {}
  const from = Date.now()
  void turn.then((admitted) => {
    asked.admitted = admitted
    asked.afterMs = Date.now() - from
  })
  return asked
}

const later = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Ten reads of two things came to no answer. */
function openForReads(): void {
  for (let count = 0; count < 10; count++) {
    const pass = breaker.start('read', `thing-${count % 2}`, Date.now())
    if (pass !== null) breaker.ended(pass, false, Date.now())
  }
  expect(breaker.describe(Date.now())).toMatchObject({ state: 'open', reason: 'reads_unanswered' })
}

function openForSends(): void {
  for (let count = 0; count < 5; count++) {
    const pass = breaker.start('send', `order-${count}`, Date.now())
    if (pass !== null) breaker.ended(pass, false, Date.now())
  }
  expect(breaker.describe(Date.now())).toMatchObject({ state: 'open', reason: 'sends_in_doubt' })
}

describe('a read that somebody waits for', () => {
  it('goes at once while there is one to spare', async () => {
    const turns = Array.from({ length: BURST }, () => asking(gate.turn(4_000)))
    await later(0)
    for (const turn of turns) expect(turn).toEqual({ admitted: true, afterMs: 0 })
  })

  it('waits for the next one, in the order of asking', async () => {
    drain()
    const turns = Array.from({ length: 3 }, () => asking(gate.turn(4_000)))
    await later(4_000)
    expect(turns.map(({ admitted }) => admitted)).toEqual([true, true, true])
    const [first, second, third] = turns.map(({ afterMs }) => afterMs ?? 0)
    expect(first).toBe(budgetPauseMs())
    expect(second).toBeGreaterThan(first ?? 0)
    expect(third).toBeGreaterThan(second ?? 0)
  })

  it('is told no when its patience ends, and takes nothing', async () => {
    budget.throttled(NOON, 30)
    const turn = asking(gate.turn(4_000))
    await later(3_999)
    expect(turn).toEqual({})
    await later(1)
    expect(turn).toEqual({ admitted: false, afterMs: 4_000 })
    await later(26_000)
    expect(budget.take(Date.now())).toBe(true)
  })

  it('is told no when its own patience ends, whoever waits longer before it', async () => {
    budget.throttled(NOON, 30)
    const page = asking(gate.turn(60_000))
    const look = asking(gate.turn(4_000))
    await later(4_500)
    expect(look).toEqual({ admitted: false, afterMs: 4_000 })
    expect(page).toEqual({})
    await later(26_000)
    expect(page.admitted).toBe(true)
  })

  it('costs no more than a few wake-ups while it waits', async () => {
    budget.throttled(NOON, 3)
    void gate.turn(60_000)
    void gate.turn(4_000)
    budget.throttled(NOON, 30)
    const woken = vi.spyOn(breaker, 'admits')
    await later(29_000)
    expect(woken.mock.calls.length).toBeLessThan(10)
  })

  it('is told no at once while the breaker is open for reads', async () => {
    openForReads()
    const turn = asking(gate.turn(60_000))
    await later(0)
    expect(turn).toEqual({ admitted: false, afterMs: 0 })
    expect(budget.describe(NOON).tokens).toBe(BURST)
  })

  it('is told no when the breaker opens while it waits', async () => {
    drain()
    const turn = asking(gate.turn(60_000))
    openForReads()
    await later(1_000)
    expect(turn.admitted).toBe(false)
  })

  it('goes on while the breaker is open for sends only: look-ups alone resolve doubt', async () => {
    openForSends()
    const turn = asking(gate.turn(4_000))
    await later(0)
    expect(turn.admitted).toBe(true)
  })
})

describe('a read that waits', () => {
  it('is not let in after its patience, however many reads there are by then: nobody listens any more', async () => {
    drain()
    const turn = asking(gate.turn(400))
    vi.setSystemTime(NOON + 5_000)
    await later(400)
    expect(turn.admitted).toBe(false)
  })

  it('is let in although the breaker has opened for sends meanwhile', async () => {
    drain()
    const turn = asking(gate.turn(4_000))
    openForSends()
    await later(1_000)
    expect(turn.admitted).toBe(true)
  })
})

describe('the sweep', () => {
  it('takes a read if there is one to spare, and waits for none', () => {
    for (let count = 0; count < BURST; count++) expect(gate.mayRead(NOON)).toBe(true)
    expect(gate.mayRead(NOON)).toBe(false)
    expect(gate.nextAt(NOON)).toBe(NOON + budgetPauseMs())
  })

  it('goes after whoever waits for an answer', async () => {
    drain()
    const turn = asking(gate.turn(4_000))
    vi.setSystemTime(NOON + 600)
    expect(gate.mayRead(Date.now())).toBe(false)
    await later(1)
    await later(600)
    expect(turn.admitted).toBe(true)
    vi.setSystemTime(NOON + 5_000)
    expect(gate.mayRead(Date.now())).toBe(true)
  })

  it('stands still while the breaker is open for reads, until a probe may have closed it', () => {
    openForReads()
    expect(gate.mayRead(NOON)).toBe(false)
    expect(gate.nextAt(NOON)).toBe(NOON + breaker.retryAfterSeconds(NOON) * 1_000)
    expect(budget.describe(NOON).tokens).toBe(BURST)
  })
})

describe('the books', () => {
  it('never take more than a third of the reads, however long the statement', async () => {
    let pages = 0
    const readAll = async () => {
      while (Date.now() < NOON + 60_000) if (await gate.booksTurn(4_000)) pages++
    }
    const reading = readAll()
    await later(62_000)
    await reading
    expect(pages).toBeLessThanOrEqual(PER_MINUTE / 3 + 2)
    expect(pages).toBeGreaterThan(PER_MINUTE / 3 - 3)
  })

  it('leave the rest to those who wait, also when several read them at once', async () => {
    const pages = Array.from({ length: 30 }, () => asking(gate.booksTurn(60_000)))
    await later(15_000)
    expect(pages.filter(({ admitted }) => admitted).length).toBeLessThanOrEqual(15_000 / 1_500 + 1)
    const look = asking(gate.turn(4_000))
    await later(0)
    expect(look).toEqual({ admitted: true, afterMs: 0 })
    await later(60_000)
  })

  it('take the next turn at once after a rest', async () => {
    await gate.booksTurn(4_000)
    await later(10_000)
    const page = asking(gate.booksTurn(4_000))
    await later(0)
    expect(page).toEqual({ admitted: true, afterMs: 0 })
  })

  it('of a reconciliation without end keep neither look-ups nor the audit waiting', async () => {
    const until = NOON + 3 * 60_000
    let pages = 0
    const reconciling = async () => {
      while (Date.now() < until) if (await gate.booksTurn(60_000)) pages++
    }
    const audits: number[] = []
    const auditing = async () => {
      while (Date.now() < until) {
        const askedAt = Date.now()
        if (await gate.booksTurn(4_000)) audits.push(Date.now() - askedAt)
        await new Promise((resolve) => setTimeout(resolve, 20_000))
      }
    }
    const looks: ReturnType<typeof asking>[] = []
    void reconciling()
    void auditing()
    while (Date.now() < until) {
      looks.push(asking(gate.turn(4_000)))
      await later(1_000)
    }
    await later(30_000)
    expect(looks.every(({ admitted }) => admitted)).toBe(true)
    // One read every 517 ms: none waits for more than the page before it.
    expect(Math.max(...looks.map(({ afterMs }) => afterMs ?? 0))).toBeLessThan(1_100)
    expect(Math.max(...audits)).toBeLessThan(3_500)
    expect(pages).toBeGreaterThan(80)
  })

  it('slow down with the budget', async () => {
    budget.throttled(NOON, 0)
    await later(3_000)
    const first = asking(gate.booksTurn(4_000))
    const second = asking(gate.booksTurn(8_000))
    await later(20_000)
    expect(first.admitted).toBe(true)
    expect(second.afterMs).toBeGreaterThanOrEqual(60_000 / (60 / 3))
  })
})

/** From an empty budget to its next token. */
function budgetPauseMs(): number {
  return Math.ceil(60_000 / (PER_MINUTE - BURST))
}
