import { describe, expect, it } from 'vitest'
import { readEventCursor, writeEventCursor } from '../../../src/merchant/event-cursor'

describe('the cursor of the events feed', () => {
  it.each([0, 1, 1_795_457_581_878_000, Number.MAX_SAFE_INTEGER])('brings %s back', (position) => {
    expect(readEventCursor('shop', 'sandbox', writeEventCursor('shop', 'sandbox', position))).toBe(position)
  })

  it('is no cursor of another merchant or environment', () => {
    const cursor = writeEventCursor('shop', 'sandbox', 7)
    expect(readEventCursor('shop', 'production', cursor)).toBeNull()
    expect(readEventCursor('other', 'sandbox', cursor)).toBeNull()
  })

  it.each([
    '',
    'evc_',
    'evc_shop_s_',
    'evc_shop_s_-1',
    'evc_shop_s_zzzzzzzzzzz',
    'evc_shop_s_1 ',
    'EVC_shop_s_1',
  ])('is not "%s"', (cursor) => expect(readEventCursor('shop', 'sandbox', cursor)).toBeNull())
})
