import { describe, expect, it } from 'vitest'
import {
  liveKeys,
  MAX_FORMER_KEYS,
  publicKeyView,
  rotatedKeys,
  type SealedKeys,
  withoutFormer,
} from '../../../src/merchant/endpoint-keys'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 1, 1)

const key = (name: string, expiresAt: number | null = null): SealedKeys => ({
  sealed: `v1.sealed.${name}`,
  publicKey: `whpk_${name}`,
  createdAt: NOW,
  expiresAt,
})
const names = (keys: readonly SealedKeys[] | null) => keys?.map(({ publicKey }) => publicKey.slice(5))

describe('the keys that sign', () => {
  it('are the current ones and, until their time, the former ones', () => {
    const keys = [key('now'), key('before', NOW + 1), key('long ago', NOW)]
    expect(names(liveKeys(keys, NOW - 1))).toEqual(['now', 'before', 'long ago'])
    expect(names(liveKeys(keys, NOW))).toEqual(['now', 'before'])
    expect(names(liveKeys(keys, NOW + 1))).toEqual(['now'])
  })

  it('are never none', () => {
    expect(names(liveKeys([key('now')], Number.MAX_SAFE_INTEGER))).toEqual(['now'])
  })
})

describe('a rotation', () => {
  it('puts the new keys first; the former end after the overlap', () => {
    const rotated = rotatedKeys([key('now')], key('next'), 24 * HOUR, NOW)
    expect(rotated).toEqual([key('next'), key('now', NOW + 24 * HOUR)])
  })

  it('without an overlap stops the former at once', () => {
    expect(rotatedKeys([key('now')], key('next'), 0, NOW)).toEqual([key('next')])
  })

  it('makes nothing live longer or shorter that was former already', () => {
    const keys = [key('now'), key('before', NOW + 2 * HOUR)]
    const former = (overlapMs: number) => rotatedKeys(keys, key('next'), overlapMs, NOW)?.at(-1)
    for (const overlapMs of [0, HOUR, 168 * HOUR]) expect(former(overlapMs)).toEqual(keys[1])
  })

  it('forgets what has expired', () => {
    const rotated = rotatedKeys([key('now'), key('before', NOW)], key('next'), HOUR, NOW)
    expect(names(rotated)).toEqual(['next', 'now'])
  })

  it('leaves one current key, whatever came before', () => {
    let keys: readonly SealedKeys[] = [key('0')]
    for (let count = 1; count <= MAX_FORMER_KEYS; count++) {
      keys = rotatedKeys(keys, key(String(count)), HOUR, NOW + count) ?? []
      expect(keys.filter(({ expiresAt }) => expiresAt === null)).toEqual([key(String(count))])
    }
    expect(names(keys)).toEqual(['5', '4', '3', '2', '1', '0'])
  })

  it('is refused when more than five former keys would sign', () => {
    const former = Array.from({ length: MAX_FORMER_KEYS }, (_, n) => key(`former ${n}`, NOW + HOUR))
    const full = [key('now'), ...former]
    expect(rotatedKeys(full, key('next'), HOUR, NOW)).toBeNull()
    expect(rotatedKeys(full, key('next'), 0, NOW)).toHaveLength(6)
    expect(rotatedKeys(withoutFormer(full), key('next'), HOUR, NOW)).toHaveLength(2)
    expect(rotatedKeys(full, key('next'), HOUR, NOW + HOUR)).toHaveLength(2)
  })
})

it('revoking leaves the newest alone', () => {
  expect(withoutFormer([key('now'), key('before', NOW + HOUR), key('older', NOW + 1)])).toEqual([key('now')])
  expect(withoutFormer([key('now')])).toEqual([key('now')])
})

it('a merchant sees when a key ends, and nothing that is sealed', () => {
  expect(publicKeyView(key('before', NOW + HOUR))).toEqual({
    public_key: 'whpk_before',
    created_at: '2026-02-01T00:00:00.000Z',
    expires_at: '2026-02-01T01:00:00.000Z',
  })
})
