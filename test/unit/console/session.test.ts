import { describe, expect, it } from 'vitest'
import { openSession, SESSION_SECONDS, sealSession } from '../../../src/console/session'
import { seal } from '../../../src/platform/vault'

const NOW = Date.UTC(2026, 10, 25)
const MASTER = 'a master key'
const session = { id: 'cd'.repeat(16), hash: 'ab'.repeat(32), keyId: 'key_1' }
const sealed = await sealSession(MASTER, session, NOW)

describe('a session', () => {
  it('names its key for eight hours, and not a moment longer', async () => {
    const until = NOW + SESSION_SECONDS * 1_000
    expect(await openSession(MASTER, sealed, until - 1)).toEqual({ ...session, until })
    expect(await openSession(MASTER, sealed, until)).toBeNull()
  })

  it('without an id, as they were made once, is none: its sign-out could not be remembered', async () => {
    const old = JSON.stringify({ hash: session.hash, keyId: session.keyId, until: NOW + 1 })
    expect(await openSession(MASTER, await seal(MASTER, 'console session', old), NOW)).toBeNull()
  })

  it('shows nothing of the key to who has the cookie', () => {
    expect(sealed).not.toContain(session.hash.slice(0, 8))
    expect(sealed).not.toContain(session.keyId)
  })

  it('is nothing when it was changed, sealed by others, or sealed for something else', async () => {
    const middle = Math.floor(sealed.length / 2)
    const other = sealed[middle] === 'A' ? 'B' : 'A'
    const changed = sealed.slice(0, middle) + other + sealed.slice(middle + 1)
    const elsewhere = await seal(MASTER, 'endpoint', JSON.stringify({ ...session, until: NOW * 2 }))
    for (const wrong of ['', 'x', changed, elsewhere, `${sealed}.`]) {
      expect(await openSession(MASTER, wrong, NOW)).toBeNull()
    }
    expect(await openSession('another master key', sealed, NOW)).toBeNull()
  })
})
