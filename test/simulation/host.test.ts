/** The platform of the simulation must be as unkind as the real one, and no unkinder: crashes and alarms. */
import { beforeEach, describe, expect, it } from 'vitest'
import { alarms, bodies, disk, kernel, newPlatform, outcome, platform, stub } from './puppet'
import type { Storage } from './storage'

beforeEach(() => newPlatform())

describe('a crash', () => {
  it('after a commit keeps it, and the caller sees an error', async () => {
    newPlatform('1/crash_after_commit/1')
    bodies.handle = ({ kv }) => {
      kv.put('it', 1)
      return 'done'
    }
    expect(await outcome(stub().handle())).toContain('crashed')
    expect(await outcome(stub().read())).toBe(1)
  })

  it('ends the code of the instance where it waits', async () => {
    // A call is counted with the one that it is for.
    newPlatform('2/crash_after_call/1')
    let wentOn = false
    bodies.handle = async (_, call) => {
      await call('b')
      wentOn = true
      return null
    }
    expect(await outcome(stub().handle())).toContain('crashed')
    expect(wentOn).toBe(false)
  })

  it('of the callee is an exception at the caller, who lives', async () => {
    newPlatform('2/crash_before_reply/1')
    bodies.handle = async (_, call) => {
      try {
        return String(await call('b'))
      } catch {
        return 'heard of it'
      }
    }
    expect(await outcome(stub().handle())).toBe('heard of it')
  })

  it('of the whole platform puts alarms off until it is back', async () => {
    bodies.handle = (storage) => {
      void storage.setAlarm(kernel.wallNow + 1_000)
      return null
    }
    kernel.after(500, null, () => platform.goDown(60_000))
    await outcome(stub().handle())
    expect(alarms).toHaveLength(1)
    expect(alarms[0]).toBeGreaterThanOrEqual(60_500)
  })
})

describe('an alarm', () => {
  const setAlarm = (inMs: number) => (storage: Storage) => {
    void storage.setAlarm(kernel.wallNow + inMs)
    return null
  }

  it('fires once, at its time', async () => {
    bodies.handle = setAlarm(1_000)
    await outcome(stub().handle())
    expect(alarms).toHaveLength(1)
    expect(alarms[0]).toBeGreaterThanOrEqual(1_000)
    expect(disk()?.alarm).toBeNull()
  })

  it('that is replaced does not fire', async () => {
    bodies.handle = setAlarm(1_000)
    kernel.after(100, null, () => {
      bodies.handle = setAlarm(5_000)
      void stub().handle()
    })
    await outcome(stub().handle())
    expect(alarms).toHaveLength(1)
    expect(alarms[0]).toBeGreaterThanOrEqual(5_100)
  })

  it('set for now never fires, and stays to be seen', async () => {
    bodies.handle = setAlarm(0)
    await outcome(stub().handle())
    expect(alarms).toEqual([])
    expect(disk()?.alarm).not.toBeNull()
  })

  it('whose handler throws is tried again six times, and then gone', async () => {
    bodies.handle = setAlarm(1_000)
    bodies.alarm = () => {
      throw new Error('a bug')
    }
    await outcome(stub().handle())
    expect(alarms).toHaveLength(7)
    expect((alarms[6] ?? 0) - (alarms[0] ?? 0)).toBeGreaterThan(120_000)
  })

  it('whose handler sets another and then throws fires at that one', async () => {
    bodies.handle = setAlarm(1_000)
    bodies.alarm = (storage) => {
      if (alarms.length > 1) return
      void storage.setAlarm(kernel.wallNow + 30_000)
      throw new Error('a bug')
    }
    await outcome(stub().handle())
    expect(alarms).toHaveLength(2)
    expect((alarms[1] ?? 0) - (alarms[0] ?? 0)).toBeGreaterThanOrEqual(30_000)
  })

  it('whose instance dies in the handler comes again', async () => {
    newPlatform('1/crash_before_commit/2')
    bodies.handle = setAlarm(1_000)
    bodies.alarm = ({ kv }) => kv.put('it', 1)
    await outcome(stub().handle())
    expect(alarms).toHaveLength(2)
    expect(disk()?.kv.get('it')).toBe(1)
  })

  it('goes with everything else when all is deleted', async () => {
    bodies.handle = setAlarm(1_000)
    kernel.after(100, null, () => {
      bodies.handle = (storage) => {
        void storage.deleteAll()
        return null
      }
      void stub().handle()
    })
    await outcome(stub().handle())
    expect(alarms).toEqual([])
  })

  it('follows the clock when that is set forward', async () => {
    bodies.handle = setAlarm(600_000)
    kernel.after(1_000, null, () => platform.setClock(300_000))
    await outcome(stub().handle())
    expect(alarms).toHaveLength(1)
    expect(alarms[0]).toBeLessThan(301_000)
  })
})
