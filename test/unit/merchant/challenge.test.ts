import { describe, expect, it } from 'vitest'
import { echoes } from '../../../src/merchant/challenge'

describe('the proof of an endpoint', () => {
  it('is its JSON answer with the challenge in it', () => {
    expect(echoes('{"challenge":"c-1"}', 'c-1')).toBe(true)
    expect(echoes(' {"ok":true,"challenge":"c-1"} ', 'c-1')).toBe(true)
  })

  it.each([
    '',
    'c-1',
    '"c-1"',
    '["c-1"]',
    'null',
    '1',
    '{"challenge":"c-2"}',
    '{"challenge":["c-1"]}',
    '{"data":{"challenge":"c-1"}}',
    '{"Challenge":"c-1"}',
    '<html>c-1</html>',
    '{"challenge":"c-1"',
  ])('is not %j', (answer) => {
    expect(echoes(answer, 'c-1')).toBe(false)
  })
})
