/** The platform of the simulation must be as unkind as the real one, and no unkinder: time and storage. */
import { beforeEach, describe, expect, it } from 'vitest'
import { alarms, bodies, disk, kernel, newPlatform, outcome, platform, START, stub } from './puppet'

beforeEach(() => newPlatform())

describe('events', () => {
  it('run in the order of their times, and of their making at one time', async () => {
    const ran: string[] = []
    kernel.after(20, null, () => ran.push('late'))
    kernel.after(10, null, () => ran.push('first'))
    kernel.after(10, null, () => ran.push('second'))
    kernel.after(15, null, () => ran.push('cancelled')).cancelled = true
    await kernel.run(Number.POSITIVE_INFINITY)
    expect(ran).toEqual(['first', 'second', 'late'])
    expect(kernel.now).toBe(START + 20)
  })

  it('of a dead instance never run', async () => {
    const life = { name: 'dead', alive: true }
    let ran = false
    kernel.after(10, life, () => {
      ran = true
    })
    life.alive = false
    await kernel.run(Number.POSITIVE_INFINITY)
    expect(ran).toBe(false)
  })

  it('wait until every promise of the one before has run dry', async () => {
    const ran: string[] = []
    kernel.after(1, null, () => {
      let chain = Promise.resolve()
      for (let count = 0; count < 50; count++) chain = chain.then(() => undefined)
      void chain.then(() => ran.push('promises'))
    })
    kernel.after(1, null, () => ran.push('next event'))
    await kernel.run(Number.POSITIVE_INFINITY)
    expect(ran).toEqual(['promises', 'next event'])
  })
})

describe('writes', () => {
  it('are durable when the caller has his answer', async () => {
    bodies.handle = ({ kv }) => {
      kv.put('it', 1)
      return 'done'
    }
    expect(await outcome(stub().handle())).toBe('done')
    expect(disk()?.kv.get('it')).toBe(1)
  })

  it('without an await between them are lost together, and nobody hears of it', async () => {
    newPlatform('1/crash_before_commit/1')
    bodies.handle = (storage) => {
      storage.kv.put('it', 1)
      storage.kv.put('that', 2)
      void storage.setAlarm(kernel.wallNow + 1_000)
      return 'done'
    }
    expect(await outcome(stub().handle())).toContain('crashed')
    expect(disk()?.kv.size).toBe(0)
    expect(disk()?.alarm).toBeNull()
    expect(alarms).toEqual([])
  })

  it('with an await between them may be torn apart', async () => {
    newPlatform('1/crash_before_commit/2')
    bodies.handle = async ({ kv }) => {
      kv.put('it', 1)
      await Promise.resolve()
      kv.put('that', 2)
      return 'done'
    }
    expect(await outcome(stub().handle())).toContain('crashed')
    expect(Array.from(disk()?.kv ?? [])).toEqual([['it', 1]])
  })

  it('hold back a call until they are durable', async () => {
    const seen: unknown[] = []
    bodies.handle = async ({ kv }, call) => {
      kv.put('it', 1)
      const asked = call('b')
      seen.push(disk()?.kv.get('it') ?? null)
      await asked
      seen.push(disk()?.kv.get('it') ?? null)
      return null
    }
    await outcome(stub().handle())
    expect(seen).toEqual([null, 1])
  })

  it('that are lost take the calls with them that came after', async () => {
    newPlatform('1/crash_before_commit/1')
    bodies.handle = async ({ kv }, call) => {
      kv.put('it', 1)
      await call('b')
      return null
    }
    expect(await outcome(stub().handle())).toContain('crashed')
    expect(platform.hostOf('ORDER', 'b')?.life ?? null).toBeNull()
  })

  it('are undone when their transaction throws', async () => {
    bodies.handle = ({ kv }) => {
      kv.put('it', 1)
      return null
    }
    await outcome(stub().handle())
    bodies.handle = (storage) => {
      expect(() =>
        storage.transactionSync(() => {
          storage.kv.put('it', 2)
          throw new Error('no')
        }),
      ).toThrow('no')
      return null
    }
    await outcome(stub().handle())
    expect(disk()?.kv.get('it')).toBe(1)
  })

  it('are copies: what is changed afterwards is not stored', async () => {
    bodies.handle = ({ kv }) => {
      const value = { inner: [1] }
      kv.put('it', value)
      value.inner.push(2)
      return null
    }
    await outcome(stub().handle())
    expect(disk()?.kv.get('it')).toEqual({ inner: [1] })
  })
})
