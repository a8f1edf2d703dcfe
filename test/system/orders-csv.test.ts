import { expect, it } from 'vitest'
import { walletAt } from './accounts'
import { clientOf, expectError } from './client'
import { eventually, startGateway } from './harness'
import { startProvider } from './provider'
import { openShop, type Shop } from './shop'

const HEADER =
  'ref,_id,provider_id,status,phase,final,plan_code,MSSIDN,topup_amount,balance_amount,created_at,updated_at,settled_at,refund_message'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
// More than the budget lets out would wait in line.
await walletAt(gateway, 'operator').set({ sends_per_minute: 60_000 })

function csv(shop: Shop, query = '', accept = 'text/csv') {
  return gateway.call('GET', `/v1/orders?${query}`, { key: shop.key, headers: { Accept: accept } })
}

/** RFC 4180, as a spreadsheet reads it. */
function rows(text: string): string[][] {
  expect(text.endsWith('\r\n')).toBe(true)
  const read: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    read.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === '\r\n') read.push([])
  }
  return read.slice(0, -1)
}

it('is a file with a header, also without an order', async () => {
  const shop = await openShop(gateway, 'production')
  const answer = await csv(shop)
  expect(answer.status).toBe(200)
  expect(answer.text).toBe(`${HEADER}\r\n`)
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[^"]+\.csv"$/)
  expect(answer.headers.get('vary')).toMatch(/\bAccept\b/)
  expect(answer.headers.get('cache-control')).toMatch(/no-store/)
  expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
  expect((await csv(shop, 'ref=nobody')).text).toBe(`${HEADER}\r\n`)
})

it('is only for those who ask for it', async () => {
  const shop = await openShop(gateway, 'production')
  for (const accept of ['*/*', 'application/json', 'text/html']) {
    const answer = await csv(shop, '', accept)
    expect(answer.json.data).toEqual({ items: [], next_cursor: null })
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/)
    expect(answer.headers.get('vary')).toMatch(/\bAccept\b/)
  }
  expect((await csv(shop, '', 'text/csv, application/json;q=0.5')).text).toBe(`${HEADER}\r\n`)
  expectError(await csv(shop, 'status=DONE'), 400, 'ERR_VALIDATION')
  expectError(await csv({ ...shop, key: '' }), 401, 'MISSING_ACCESS_TOKEN')
})

it('has in its columns what the JSON has', async () => {
  const shop = await openShop(gateway, 'production')
  const id = (await shop.call('GET', '/v3/validate')).json.data.username
  const lost = ({ subject }: { subject: string | null }) => subject === `${id}.lost`
  provider.fault('send', { when: lost, ending: 'destroy' })
  await shop.send('lost', '0661234567')
  await shop.send('done', '0551234567')
  provider.settle(`${id}.lost`, 'REFUNDED', { refundMessage: 'عذرا, حاول "لاحقا"' })
  const items = await eventually('both as they will stay', async () => {
    const { data } = (await shop.call('GET', '/v1/orders')).json
    return (
      data.items.every(
        ({ ref, status }: Record<string, string>) => ref === 'done' || status === 'REFUNDED',
      ) && data.items
    )
  })
  const [header = [], ...lines] = rows((await csv(shop)).text)
  expect(header.join(',')).toBe(HEADER)
  const written = (value: unknown) => (value === null || value === undefined ? '' : String(value))
  expect(lines).toEqual(
    items.map((item: Record<string, unknown>) => header.map((column) => written(item[column]))),
  )
  expect(lines[1]?.at(-1)).toBe('عذرا, حاول "لاحقا"')
  expect(lines[0]?.[header.indexOf('MSSIDN')]).toBe('0551234567')
  expect(rows((await csv(shop, 'status=REFUNDED&limit=1')).text)).toEqual([header, lines[1]])
})

it('keeps a text a text, whatever a spreadsheet would make of it', async () => {
  const shop = await openShop(gateway, 'production')
  const refs: [ref: string, shown: string][] = [
    ['=1+1', "'=1+1"],
    ['+213', "'+213"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', "'\r=1"],
    ['=HYPERLINK("http://x.dz","y")', `'=HYPERLINK("http://x.dz","y")`],
    ['a,b', 'a,b'],
    ['say "hi"', 'say "hi"'],
    ['line\nbreak', 'line\nbreak'],
    ['1=1', '1=1'],
    ['طلب', 'طلب'],
  ]
  for (const [ref] of refs) await shop.send(ref, '0661234567')
  const { text } = await csv(shop)
  const [, ...lines] = rows(text)
  expect(lines.map(([ref]) => ref)).toEqual(refs.map(([, shown]) => shown).toReversed())
  for (const line of lines) expect(line).toHaveLength(HEADER.split(',').length)
  expect(text).toContain('"say ""hi"""')
})

it('is one stream of every order, however many pages that is', async () => {
  const shop = await openShop(gateway, 'production')
  const client = clientOf(gateway, shop.key)
  const refs = Array.from({ length: 510 }, (_, n) => `order ${n}`)
  for (let n = 0; n < refs.length; n += 30) {
    const answers = await Promise.all(refs.slice(n, n + 30).map((ref) => client.send(ref)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  }
  const [header, ...lines] = rows((await csv(shop, 'limit=5')).text)
  expect(header?.join(',')).toBe(HEADER)
  expect(lines.map(([ref]) => ref).sort()).toEqual(refs.toSorted())
  const times = lines.map((line) => line[10] ?? '')
  expect(times).toEqual(times.toSorted().toReversed())

  const { next_cursor } = (await shop.call('GET', '/v1/orders?limit=5')).json.data
  const [, ...rest] = rows((await csv(shop, `cursor=${next_cursor}`)).text)
  expect(rest).toEqual(lines.slice(5))
})
