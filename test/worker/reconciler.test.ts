/** Runs of one account: one at a time, kept part by part, and told when they are over. What a part is, a script says here. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bookOf, merchantById, reconcilerByName } from '../../src/env'
import { Book } from '../../src/merchant/book'
import { Wallet } from '../../src/provider/wallet'
import type { Advanced } from '../../src/reconcile/advance'
import { Parts } from '../../src/reconcile/parts'
import type { Ports } from '../../src/reconcile/ports'
import type { Started, Wanted } from '../../src/reconcile/reconciler-calls'
import { EMPTY_TALLY } from '../../src/reconcile/report'
import { type Run, withTallies } from '../../src/reconcile/run'
import { env } from './world'

type Advance = (run: Run, ports: Ports) => Promise<Advanced>
const script = {
  set advance(advance: Advance) {
    vi.spyOn(Parts.prototype, 'advance').mockImplementation(advance)
  },
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Of tomorrow: an alarm that is set for then does not come by itself. */
const NOON = Math.ceil(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2
const PARTS = 4

/** The parts that were begun, by the run and where it was. */
let begun: string[]
let count = 0
let wallet: string
let merchantId: string

beforeEach(async () => {
  vi.setSystemTime(NOON)
  begun = []
  merchantId = `rec${++count}`
  wallet = `own:${merchantId}`
  await merchantById(env, merchantId).create(merchantId, 'Reconciled')
  vi.spyOn(Wallet.prototype, 'account').mockImplementation(() => Promise.resolve('the account'))
  script.advance = advanceQuarter
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A quarter of the window, then the end. */
function advanceQuarter(run: Run): Promise<Advanced> {
  begun.push(`${run.id} ${run.reachedAt}`)
  if (run.reachedAt >= run.to) return Promise.resolve({ run: { ...run, isOver: true }, blockedBy: null })
  const counts = { ...EMPTY_TALLY.counts, upstream: 1, matched: 1 }
  const counted = withTallies(run, new Map([[merchantId, { ...EMPTY_TALLY, counts }]]))
  const reachedAt = run.reachedAt + (run.to - run.from) / PARTS
  return Promise.resolve({ run: { ...counted, reachedAt }, blockedBy: null })
}

/** A stub of its own for each use: an aborted object takes its stubs with it. */
const reconciler = () => reconcilerByName(env, wallet)
const alarm = () => runDurableObjectAlarm(reconciler())
const alarmAt = () => runInDurableObject(reconciler(), (_, { storage }) => storage.getAlarm())
const storedRuns = () =>
  runInDurableObject(reconciler(), (_, { storage }) => Array.from(storage.kv.list({ prefix: 'run:' })).length)

async function die(): Promise<void> {
  await runInDurableObject(reconciler(), (_, state) => state.abort('dead')).catch(() => undefined)
}

const wanted = (change: Partial<Wanted> = {}): Wanted => ({
  merchantId: null,
  environment: 'production',
  from: NOON - HOUR_MS,
  to: NOON,
  checkIndex: 'sample',
  ...change,
})

async function start(change: Partial<Wanted> = {}): Promise<string> {
  const started: Started = await reconciler().start(wanted(change))
  return started.kind === 'started' ? started.report.id : started.id
}

/** What the merchant's book has been told. */
async function told(id: string) {
  return await runInDurableObject(bookOf(env, merchantId), (_, { storage }) => {
    const [table] = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'reconciliations'").toArray()
    if (table === undefined) return null
    const [row] = storage.sql
      .exec<{ report: string }>('SELECT report FROM reconciliations WHERE id = ?', id)
      .toArray()
    return row === undefined ? null : JSON.parse(row.report)
  })
}

const places = (id: string, ...quarters: number[]) =>
  quarters.map((quarter) => `${id} ${NOON - HOUR_MS + (quarter * HOUR_MS) / PARTS}`)

describe('a run', () => {
  it('goes through its window, and is told to whoever it concerns', async () => {
    const id = await start()
    expect(await reconciler().report(id)).toMatchObject({
      state: 'running',
      reachedAt: NOON - HOUR_MS,
      endedAt: null,
    })
    expect(await alarm()).toBe(true)
    expect(begun).toEqual(places(id, 0, 1, 2, 3, 4))
    const counts = { upstream: PARTS, matched: PARTS }
    expect(await reconciler().report(id)).toMatchObject({
      state: 'complete',
      reachedAt: NOON,
      endedAt: NOON,
      counts,
    })
    expect(await told(id)).toMatchObject({ id, state: 'complete', counts })
    expect(await alarmAt()).toBeNull()
    expect(await storedRuns()).toBe(0)
  })

  it('goes on where it was when its object dies between two parts', async () => {
    const id = await start()
    script.advance = async (run) => {
      const after = await advanceQuarter(run)
      // What an alarm may take is over with each part.
      vi.setSystemTime(Date.now() + 6 * 60_000)
      return after
    }
    for (let part = 0; part <= PARTS; part++) {
      expect(await alarmAt()).toBeGreaterThan(Date.now())
      vi.setSystemTime((await alarmAt()) ?? 0)
      expect(await alarm()).toBe(true)
      await die()
    }
    expect(begun).toEqual(places(id, 0, 1, 2, 3, 4))
    expect(await reconciler().report(id)).toMatchObject({ state: 'complete', counts: { upstream: PARTS } })
  })

  it('does the part again in the middle of which its object died', async () => {
    const id = await start()
    script.advance = async (run) => {
      if (begun.length !== 2) return await advanceQuarter(run)
      begun.push('died')
      return await new Promise(() => undefined)
    }
    const running = alarm().catch(() => undefined)
    await vi.waitFor(() => expect(begun).toContain('died'))
    await die()
    await running
    script.advance = advanceQuarter
    expect(await reconciler().report(id)).toMatchObject({ state: 'running', reachedAt: NOON - HOUR_MS / 2 })
    await alarm()
    expect(begun).toEqual([...places(id, 0, 1), 'died', ...places(id, 2, 3, 4)])
    expect(await reconciler().report(id)).toMatchObject({ state: 'complete', counts: { upstream: PARTS } })
  })

  it('leaves out the part that takes its object with it each time', async () => {
    const id = await start()
    script.advance = async (run) => {
      if (run.reachedAt > run.from) return await advanceQuarter(run)
      begun.push('died')
      return await new Promise(() => undefined)
    }
    for (let deaths = 1; deaths <= 3; deaths++) {
      const running = alarm().catch(() => undefined)
      await vi.waitFor(() => expect(begun).toHaveLength(deaths))
      await die()
      await running
      // A moment to come to rest.
      expect(await alarmAt()).toBeGreaterThan(Date.now() + 10_000)
      vi.setSystemTime((await alarmAt()) ?? 0)
    }
    await alarm()
    expect(await reconciler().report(id)).toMatchObject({
      state: 'incomplete',
      reasons: ['the gateway stopped while it was at it'],
    })
  })
})

describe('a part that could not be read', () => {
  const blocking = (run: Run): Promise<Advanced> => {
    begun.push('blocked')
    return Promise.resolve({ run, blockedBy: 'list: a page was not read' })
  }

  it('is tried again after 30 s, 2 min and 5 min, and then left out, with the reason', async () => {
    const id = await start()
    script.advance = (run) => (run.reachedAt === run.from ? blocking(run) : advanceQuarter(run))
    const pauses: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      await alarm()
      const at = (await alarmAt()) ?? 0
      pauses.push((at - Date.now()) / 1_000)
      await die()
      vi.setSystemTime(at)
    }
    expect(pauses).toEqual([30, 120, 300])
    expect(await reconciler().report(id)).toMatchObject({ state: 'running', reachedAt: NOON - HOUR_MS })
    await alarm()
    expect(begun.slice(0, 4)).toEqual(['blocked', 'blocked', 'blocked', 'blocked'])
    expect(await reconciler().report(id)).toMatchObject({
      state: 'incomplete',
      reachedAt: NOON,
      reasons: ['list: a page was not read'],
    })
  })

  it('has all its tries again once one of them was good', async () => {
    const id = await start()
    let tries = 0
    script.advance = (run) => (++tries % 3 === 0 ? advanceQuarter(run) : blocking(run))
    for (let alarms = 0; alarms < 20 && (await storedRuns()) > 0; alarms++) {
      await alarm()
      vi.setSystemTime((await alarmAt()) ?? 0)
    }
    expect(await reconciler().report(id)).toMatchObject({ state: 'complete', reasons: [] })
  })

  it('is not waited for when the account is another by now', async () => {
    const id = await start()
    script.advance = (run) => {
      vi.mocked(Wallet.prototype.account).mockImplementation(() => Promise.resolve('another account'))
      return run.reachedAt < run.to ? blocking(run) : advanceQuarter(run)
    }
    await alarm()
    expect(begun).toEqual(['blocked', ...places(id, 4)])
    expect(await reconciler().report(id)).toMatchObject({
      state: 'incomplete',
      reasons: ['the credential at the provider was changed'],
    })
  })

  it('is waited for when nobody can tell which account it is', async () => {
    const id = await start()
    script.advance = (run) => {
      vi.mocked(Wallet.prototype.account).mockImplementation(() => Promise.resolve(null))
      return blocking(run)
    }
    await alarm()
    expect(await alarmAt()).toBe(NOON + 30_000)
    expect(await reconciler().report(id)).toMatchObject({ state: 'running', reasons: [] })
  })

  it('whatever throws: no alarm does, and each leaves another one', async () => {
    const id = await start()
    script.advance = () => Promise.reject(new Error('a bug'))
    for (let alarms = 0; alarms < 20 && (await storedRuns()) > 0; alarms++) {
      expect(await alarm()).toBe(true)
      if ((await storedRuns()) > 0) expect(await alarmAt()).toBeGreaterThan(Date.now())
      vi.setSystemTime((await alarmAt()) ?? Date.now())
    }
    expect(await reconciler().report(id)).toMatchObject({ state: 'incomplete', endedAt: Date.now() })
  })
})

describe('several runs', () => {
  it('are one at a time, in order; of one asker there is one', async () => {
    const first = await start({ merchantId: 'a' })
    const second = await start({ merchantId: 'b' })
    expect(await reconciler().start(wanted({ merchantId: 'a' }))).toEqual({ kind: 'busy', id: first })
    let atOnce = 0
    script.advance = async (run) => {
      expect(++atOnce).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 1))
      atOnce--
      return await advanceQuarter(run)
    }
    await alarm()
    expect(begun).toEqual([...places(first, 0, 1, 2, 3, 4), ...places(second, 0, 1, 2, 3, 4)])
    expect((await reconciler().start(wanted({ merchantId: 'a' }))).kind).toBe('started')
  })

  it('asked for all the time do not put the alarm off', async () => {
    await start({ merchantId: 'a' })
    const first = await alarmAt()
    for (let others = 0; others < 5; others++) {
      vi.setSystemTime(Date.now() + 500)
      const id = await start({ merchantId: `another-${others}` })
      await reconciler().report(id)
    }
    expect(await alarmAt()).toBe(first)
    // Two minutes late, it is lost.
    vi.setSystemTime(Date.now() + 2 * 60_000)
    await start({ merchantId: 'b' })
    expect(await alarmAt()).toBeGreaterThan(Date.now())
  })

  it('that somebody waits for goes before what cron has planned, which goes on behind it', async () => {
    await reconciler().plan('daily', 'production', NOON - HOUR_MS, NOON)
    let asked = ''
    script.advance = async (run) => {
      const after = await advanceQuarter(run)
      if (begun.length === 2) asked = await start({ merchantId: 'a' })
      return after
    }
    await alarm()
    const daily = begun[0]?.split(' ')[0] ?? ''
    expect(begun).toEqual([
      ...places(daily, 0, 1),
      ...places(asked, 0, 1, 2, 3, 4),
      ...places(daily, 2, 3, 4),
    ])
  })
})

describe('what cron plans', () => {
  const windows = async () =>
    await runInDurableObject(reconciler(), (_, { storage }) =>
      Array.from(storage.kv.list<{ run: Run }>({ prefix: 'run:' }), ([, { run }]) => [
        run.trigger,
        run.from,
        run.to,
      ]),
    )
  const recent = (to: number) => reconciler().plan('recent', 'production', to - 0.75 * HOUR_MS, to)

  it('is not kept twice while one of the same trigger is not over', async () => {
    await recent(NOON)
    await recent(NOON)
    await die()
    vi.setSystemTime(NOON + HOUR_MS)
    await recent(NOON + HOUR_MS)
    await reconciler().plan('daily', 'production', NOON - 48 * HOUR_MS, NOON)
    expect(await windows()).toEqual([
      ['recent', NOON - 0.75 * HOUR_MS, NOON],
      ['daily', NOON - 48 * HOUR_MS, NOON],
    ])
  })

  it('is planned once, also when it is over already', async () => {
    await reconciler().plan('daily', 'production', NOON - 48 * HOUR_MS, NOON)
    await alarm()
    await die()
    await reconciler().plan('daily', 'production', NOON - 48 * HOUR_MS, NOON)
    expect(await windows()).toEqual([])
  })

  it('goes back to where the last one ended', async () => {
    await recent(NOON)
    await alarm()
    vi.setSystemTime(NOON + 3 * HOUR_MS)
    await recent(NOON + 3 * HOUR_MS)
    expect(await windows()).toEqual([['recent', NOON, NOON + 3 * HOUR_MS]])
  })

  it('sets a lost alarm anew', async () => {
    await recent(NOON)
    await runInDurableObject(reconciler(), (_, { storage }) => storage.deleteAlarm())
    await recent(NOON)
    expect(await alarmAt()).toBeGreaterThan(NOON)
  })
})

describe('reports', () => {
  it('of the whole account are listed newest first, with those under way as far as they are', async () => {
    const first = await start()
    await alarm()
    vi.setSystemTime(NOON + HOUR_MS)
    const second = await start()
    await start({ merchantId })
    const { items, next } = await reconciler().reports(10, null)
    expect(items.map(({ id, state }) => [id, state])).toEqual([
      [second, 'running'],
      [first, 'complete'],
    ])
    expect(next).toBeNull()
    const page = await reconciler().reports(1, null)
    expect((await reconciler().reports(1, page.next)).items.map(({ id }) => id)).toEqual([first])
    vi.setSystemTime(NOON + 92 * 24 * HOUR_MS)
    await alarm()
    expect((await reconciler().reports(10, null)).items.map(({ id }) => id)).toEqual([])
  })

  it('of a merchant is told to him alone, also when nothing was found', async () => {
    script.advance = (run) =>
      Promise.resolve({ run: { ...run, reachedAt: run.to, isOver: true }, blockedBy: null })
    const id = await start({ merchantId })
    await alarm()
    expect(await told(id)).toMatchObject({ id, state: 'complete', counts: { upstream: 0 } })
    expect((await reconciler().reports(10, null)).items).toEqual([])
  })

  it('that a book could not be told is told later, whatever dies meanwhile', async () => {
    const reported = vi.spyOn(Book.prototype, 'reported').mockImplementation(() => {
      throw new Error('not now')
    })
    const id = await start({ merchantId })
    await alarm()
    await die()
    expect(await reconciler().report(id)).toMatchObject({ id, state: 'complete' })
    expect(await told(id)).toBeNull()
    reported.mockRestore()
    expect(await alarm()).toBe(true)
    expect(await told(id)).toMatchObject({ id, state: 'complete', counts: { upstream: PARTS } })
    expect(await alarmAt()).toBeNull()
  })

  it('of an account that is shared tells no merchant its balance, nor opens a book for a name that is nobody’s', async () => {
    const shared = reconcilerByName(env, 'operator')
    const stranger = `nobody${count}`
    script.advance = (run) => {
      const ends = { firstCentimes: 100, lastCentimes: 50, movedCentimes: -50 }
      const chain = { ...run.chain, ...ends, loose: { 100: -1, 50: 1 } }
      const tallies = new Map([merchantId, stranger].map((one) => [one, EMPTY_TALLY]))
      return Promise.resolve({
        run: { ...withTallies(run, tallies), chain, reachedAt: run.to, isOver: true },
        blockedBy: null,
      })
    }
    const started = await shared.start(wanted())
    await runDurableObjectAlarm(shared)
    const id = started.kind === 'started' ? started.report.id : ''
    expect((await shared.report(id))?.balance).toMatchObject({ openingCentimes: 100, differenceCentimes: 0 })
    expect(await told(id)).toMatchObject({ id, balance: null })
    const tables = await runInDurableObject(bookOf(env, stranger), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'reconciliations'").toArray(),
    )
    expect(tables).toEqual([])
  })
})
