import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { judge, readAddresses, resolve } from '../../../src/callback/resolve'
import { closeReceivers, rawReceiver, receiver } from './receiver'

afterEach(closeReceivers)

const [A, CNAME, AAAA] = [1, 5, 28]
const record = (type: number, data: string) => ({ name: 'shop.dz', type, TTL: 60, data })
const answer = (...records: object[]) => ({ Status: 0, TC: false, Answer: records })
const read = (value: unknown) => readAddresses(JSON.stringify(value))

describe('an answer', () => {
  it('is its addresses, however many aliases lead there', () => {
    expect(read(answer(record(CNAME, 'a.host.dz.'), record(CNAME, 'b.dz.'), record(A, '8.8.8.8')))).toEqual([
      '8.8.8.8',
    ])
    expect(read(answer(record(AAAA, '2606:4700::1111'), record(A, '10.0.0.1')))).toEqual([
      '2606:4700::1111',
      '10.0.0.1',
    ])
  })

  it('beside an error is judged all the same', () => {
    expect(read({ Status: 2, Answer: [record(A, '10.0.0.1')] })).toEqual(['10.0.0.1'])
  })

  it('may hold records of other kinds, which are no addresses', () => {
    const signature = record(46, 'a 8 2 300 20261201000000 20261124000000 1 shop.dz. AAAA')
    expect(read(answer(record(A, '8.8.8.8'), signature))).toEqual(['8.8.8.8'])
  })

  it.each([
    ['no such name', { Status: 3, TC: false }],
    ['a name without records', { Status: 0, TC: false }],
    ['an alias that leads nowhere', answer(record(CNAME, 'nowhere.dz.'))],
    ['servers of the name that fail', { Status: 2, TC: false }],
    ['servers of the name that refuse', { Status: 5 }],
  ])('without addresses is an answer: %s', (_, value) => {
    expect(read(value)).toEqual([])
  })

  it.each([
    ['cut off', { ...answer(record(A, '8.8.8.8')), TC: true }],
    ['records that are none', { Status: 0, Answer: ['8.8.8.8'] }],
    ['an address that is no text', { Status: 0, Answer: [{ type: A, data: 134_744_072 }] }],
    ['no status', { Answer: [record(A, '8.8.8.8')] }],
    ['a list', []],
    ['nothing', null],
  ])('that cannot be judged is none: %s', (_, value) => {
    expect(read(value)).toBeNull()
  })

  it('may be any text', () => {
    for (const text of ['', '<html>', '{"Status":0', 'null']) expect(readAddresses(text)).toBeNull()
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readAddresses(text)))
  })
})

describe('the judgement', () => {
  const special = { kind: 'special', address: '10.0.0.1', block: 'private use' }

  it.each([
    [[['8.8.8.8'], ['2606:4700::1111']], { kind: 'public' }],
    [[[], ['2606:4700::1111']], { kind: 'public' }],
    [[['8.8.8.8'], []], { kind: 'public' }],
    [[[], []], { kind: 'no_address' }],
    [[['10.0.0.1'], []], special],
    [[['8.8.8.8', '10.0.0.1'], ['2606:4700::1111']], special],
    [[['8.8.8.8'], ['fd00::1']], { kind: 'special', address: 'fd00::1', block: 'not global unicast' }],
    [[['127.1'], []], { kind: 'special', address: '127.1', block: 'not an address' }],
    [[['10.0.0.1'], null], special],
    [[['8.8.8.8'], null], { kind: 'unresolved' }],
    [[null, []], { kind: 'unresolved' }],
    [[null, null], { kind: 'unresolved' }],
  ])('of %j is %j', (answers, verdict) => {
    expect(judge(answers)).toEqual(verdict)
  })
})

describe('the resolver', () => {
  const ask = (dnsUrl: string) => resolve('shop.dz', { dnsUrl, fetch })

  it('is asked for both kinds of address of this very name', async () => {
    const asked: string[] = []
    const dnsUrl = await receiver((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://dns')
      asked.push([...searchParams].join(' '), request.headers.accept ?? '')
      const isV6 = searchParams.get('type') === 'AAAA'
      response.end(JSON.stringify(answer(isV6 ? record(AAAA, '2606:4700::1111') : record(A, '8.8.8.8'))))
    })
    expect(await ask(`${dnsUrl}?tenant=1`)).toEqual({ kind: 'public' })
    expect(asked.toSorted()).toEqual([
      'application/dns-json',
      'application/dns-json',
      'tenant,1 name,shop.dz type,A',
      'tenant,1 name,shop.dz type,AAAA',
    ])
  })

  it('has one of the two at fault: nothing is known', async () => {
    const dnsUrl = await receiver((request, response) => {
      response.writeHead(request.url?.endsWith('AAAA') ? 500 : 200)
      response.end(JSON.stringify(answer(record(A, '8.8.8.8'))))
    })
    expect(await ask(dnsUrl)).toEqual({ kind: 'unresolved' })
  })

  it.each([
    ['answers with an error', 500, answer(record(A, '8.8.8.8'))],
    ['redirects', 302, answer(record(A, '8.8.8.8'))],
    ['answers endlessly', 200, { ...answer(record(A, '8.8.8.8')), Comment: 'x'.repeat(70_000) }],
    ['answers with a page', 200, '<html>'],
  ])('that %s is none', async (_, status, value) => {
    const dnsUrl = await receiver((_request, response) => {
      response.writeHead(status, { location: '/dns-query' }).end(JSON.stringify(value))
    })
    expect(await ask(dnsUrl)).toEqual({ kind: 'unresolved' })
  })

  it('that is not there, breaks off, or has no address itself is none', async () => {
    const cut = await rawReceiver((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"Sta'),
    )
    const gone = await receiver(() => undefined)
    expect(await ask(cut)).toEqual({ kind: 'unresolved' })
    closeReceivers()
    expect(await ask(gone)).toEqual({ kind: 'unresolved' })
    expect(await ask('no url')).toEqual({ kind: 'unresolved' })
  })

  it('that stays silent is waited for three seconds', async () => {
    const delays: number[] = []
    const real = AbortSignal.timeout
    AbortSignal.timeout = (ms) => {
      delays.push(ms)
      return real.call(AbortSignal, 50)
    }
    try {
      expect(await ask(await receiver(() => undefined))).toEqual({ kind: 'unresolved' })
    } finally {
      AbortSignal.timeout = real
    }
    expect(delays).toEqual([3_000])
  })
})
