import { describe, expect, it } from 'vitest'
import { isOperators, sealOperator } from '../../../src/console/operator-session'
import { openSession, SESSION_SECONDS, sealSession } from '../../../src/console/session'
import { sha256Hex } from '../../../src/platform/crypto'

const NOW = Date.UTC(2026, 10, 25)
const MASTER = 'a master key'
const TOKEN = 'an admin token'
const sealed = await sealOperator(MASTER, TOKEN, NOW)

describe('the operator’s session', () => {
  it('is good for eight hours, and not a moment longer', async () => {
    const until = NOW + SESSION_SECONDS * 1_000
    expect(await isOperators(MASTER, TOKEN, sealed, until - 1)).toBe(true)
    expect(await isOperators(MASTER, TOKEN, sealed, until)).toBe(false)
  })

  it('ends when the admin token is another', async () => {
    expect(await isOperators(MASTER, 'another token', sealed, NOW)).toBe(false)
    expect(await isOperators(MASTER, '', sealed, NOW)).toBe(false)
  })

  it('is nothing under another master key, cut short, or sealed for a merchant', async () => {
    const merchants = await sealSession(
      MASTER,
      { id: 'x', hash: await sha256Hex(TOKEN), keyId: 'key_1' },
      NOW,
    )
    for (const wrong of ['', 'x', sealed.slice(0, -4), merchants])
      expect(await isOperators(MASTER, TOKEN, wrong, NOW), wrong).toBe(false)
    expect(await isOperators('guessed', TOKEN, sealed, NOW)).toBe(false)
  })

  it('opens nothing of a merchant’s, and shows nothing of the token', async () => {
    expect(await openSession(MASTER, sealed, NOW)).toBeNull()
    expect(sealed).not.toContain((await sha256Hex(TOKEN)).slice(0, 8))
  })
})
