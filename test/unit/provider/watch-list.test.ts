import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WatchList } from '../../../src/provider/watch-list'

const NOON = Date.UTC(2026, 1, 1, 12)
const at = (seconds: number) => NOON + seconds * 1_000
const item = (order: string) => ({ order })

let looked: string[]
let list: WatchList<{ order: string }>

beforeEach(() => {
  vi.useFakeTimers({ now: NOON })
  looked = []
  list = new WatchList(({ order }) => {
    looked.push(order)
    return Promise.resolve()
  })
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000)

describe('a watched order', () => {
  it('is looked at when its time comes, once', async () => {
    list.add(item('a'), at(5))
    await pass(4.9)
    expect(looked).toEqual([])
    await pass(0.2)
    expect(looked).toEqual(['a'])
    await pass(3_600)
    expect(looked).toEqual(['a'])
  })

  it('that is added again has the later word', async () => {
    list.add(item('a'), at(5))
    list.add(item('a'), at(10))
    await pass(6)
    expect(looked).toEqual([])
    await pass(5)
    expect(looked).toEqual(['a'])
  })

  it('that is removed is looked at no more, and the others are', async () => {
    list.add(item('a'), at(5))
    list.add(item('b'), at(6))
    list.remove(item('a'))
    list.remove(item('unknown'))
    await pass(10)
    expect(looked).toEqual(['b'])
    list.add(item('a'), at(20))
    await pass(15)
    expect(looked).toEqual(['b', 'a'])
  })

  it('that was the only one leaves nothing to wait for', async () => {
    list.add(item('a'), at(5))
    list.remove(item('a'))
    await pass(10)
    expect(looked).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('comes before one that is overdue for less, however they were added', async () => {
    list.add(item('late'), at(-1))
    list.add(item('early'), at(-5))
    await pass(1)
    expect(looked).toEqual(['early', 'late'])
  })
})

describe('looks', () => {
  it('are six at a time, and one that fails holds up no other', async () => {
    const waiting: (() => void)[] = []
    list = new WatchList(({ order }) => {
      looked.push(order)
      return new Promise((resolve, reject) => {
        waiting.push(order === 'o0' ? () => reject(new Error('no')) : resolve)
      })
    })
    for (let number = 0; number < 8; number++) list.add(item(`o${number}`), at(1))
    await pass(2)
    expect(looked).toHaveLength(6)
    for (const end of waiting.splice(0, 2)) end()
    await pass(0)
    expect(looked).toHaveLength(8)
    for (const end of waiting) end()
    list.add(item('next'), at(3))
    await pass(5)
    expect(looked.at(-1)).toBe('next')
  })
})
