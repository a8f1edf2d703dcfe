import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { ADMIN_TOKEN, eventually, startGateway } from './harness'
import { startMerchant } from './merchant'

/** Rejects with what was printed. Not synchronous: connections that end meanwhile must be noticed. */
const run = promisify(execFile)

/** Inside the project, so that the generated code finds its way; ignored by git. */
const out = resolve('test-results', `client-${process.pid}`)
afterAll(() => rmSync(out, { recursive: true, force: true }))

const gateway = await startGateway()
const { sdk, createClient } = await generated()
const connect = (key: string) =>
  createClient({
    baseUrl: gateway.url,
    auth: (wanted: { type: string; key?: string }) => {
      if (wanted.key === 'operator') return ADMIN_TOKEN
      return wanted.type === 'apiKey' ? key : undefined
    },
  })

/** From the document as the gateway serves it, in a process of its own: the generator prints and exits as it likes. */
async function generated() {
  const document = await gateway.call('GET', '/openapi.json')
  mkdirSync(resolve('test-results'), { recursive: true })
  writeFileSync(`${out}.json`, document.text)
  await run(process.execPath, ['scripts/generate-client.mjs', `${out}.json`, out])
  rmSync(`${out}.json`)
  const [sdk, { createClient }] = [await import(`${out}/index.ts`), await import(`${out}/client/index.ts`)]
  return { sdk, createClient }
}

/** A client's program. Each expected error is one that the compiler must see. */
const PROGRAM = `
import { type Failure, listOrders, sendTopup } from './index'

export async function program(): Promise<string | null | undefined> {
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0600010099', amount: 500, ref: 'order-1' }
  const { data, error } = await sendTopup({ body })
  if (error !== undefined) {
    const failure: Failure = error
    return failure.error.code === 'DUPLICATED_REF' ? 'sent before' : failure.error.message
  }
  const isFinal: boolean = data.data.gateway.final
  // @ts-expect-error there is no such field
  data.data.gateway.finished
  // @ts-expect-error the number is missing
  await sendTopup({ body: { plan_code: 'PREPAID_MOBILIS' } })
  // @ts-expect-error there is no such condition
  await listOrders({ query: { cursors: '' } })
  const page = await listOrders({ query: { status: isFinal ? 'FULFILLED' : 'PENDING', limit: 2, cursor: '' } })
  return page.data?.data.next_cursor
}
`

it('has types that hold a program to the document', async () => {
  writeFileSync(`${out}/program.ts`, PROGRAM)
  // The generated code is not written for the project's own, stricter options.
  const options = '--ignoreConfig --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler'
  const library = '--target es2024 --lib es2024,dom,dom.iterable'
  const args = ['node_modules/typescript/bin/tsc', ...`${options} ${library}`.split(' '), `${out}/program.ts`]
  expect(await run(process.execPath, args)).toEqual({ stdout: '', stderr: '' })
})

/** The `data` of an answer that must be a success. */
async function dataOf(answer: Promise<{ data?: { data: unknown }; error?: unknown }>) {
  const { data, error } = await answer
  expect(error).toBeUndefined()
  // biome-ignore lint/suspicious/noExplicitAny: tests read deep into answers; the assertion is the type check.
  return data?.data as any
}

async function openShop() {
  const client = connect('')
  const { id } = await dataOf(sdk.createMerchant({ client, body: { name: 'Generated' } }))
  const body = { environment: 'sandbox', name: 'till' }
  const made = await dataOf(sdk.createKey({ client, path: { id }, body }))
  return { id, keyId: made.id, client: connect(made.key) }
}

const topup = (ref: string) => ({ plan_code: 'PREPAID_MOBILIS', MSSIDN: '0600010099', amount: 500, ref })

it('opens a shop, sends, checks by ref and by id, and is called back', async () => {
  const { client } = await openShop()
  const receiver = await startMerchant()
  const made = await dataOf(sdk.createEndpoint({ client, body: { url: receiver.url } }))
  expect(made).toMatchObject({ state: 'active', secret: expect.stringMatching(/^whsec_/) })

  const sent = await sdk.sendTopup({ client, body: topup('a/b ج') })
  expect(sent.response.headers.get('idempotent-replayed')).toBeNull()
  const { topupId } = sent.data.data
  await eventually('the top-up to be final', async () => {
    const status = await dataOf(sdk.checkRef({ client, path: { ref: 'a/b ج' } }))
    return status.gateway.final
  })
  expect(await dataOf(sdk.checkId({ client, path: { id: topupId } }))).toMatchObject({
    _id: topupId,
    ref: 'a/b ج',
    status: 'FULFILLED',
  })
  expect((await receiver.received(1)).body).toMatchObject({ type: 'topup.fulfilled' })
  const again = await sdk.sendTopup({ client, body: topup('a/b ج') })
  expect(again.response.headers.get('idempotent-replayed')).toBe('true')
  expect((await sdk.checkStatusV2({ client, path: { id: topupId } })).data).toMatchObject({
    topup: { _id: topupId, status: 'FULFILLED' },
  })
})

it('lists in numbered pages, and turns pages by cursor to the end', async () => {
  const { client } = await openShop()
  const refs = ['order-1', 'order-2', 'order-3', 'order-4', 'order-5']
  for (const ref of refs) await dataOf(sdk.sendTopup({ client, body: topup(ref) }))
  const { items, pagination } = await dataOf(sdk.listTopups({ client, query: { page: 1, pageSize: 2 } }))
  expect(items.map(({ ref }: { ref: string }) => ref)).toEqual(['order-5', 'order-4'])
  expect(pagination).toEqual({ page: 1, pageSize: 2, totalPages: 3, totalResults: 5 })

  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await dataOf(sdk.listOrders({ client, query: { limit: 2, cursor } }))
    seen.push(...page.items.map(({ ref }: { ref: string }) => ref))
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(refs.toReversed())
})

it('sees an error as the document describes it', async () => {
  const { client, id, keyId } = await openShop()
  await dataOf(sdk.sendTopup({ client, body: topup('once') }))
  const { data, error, response } = await sdk.sendTopup({ client, body: { ...topup('once'), amount: 600 } })
  expect(data).toBeUndefined()
  expect(response.status).toBe(403)
  expect(error).toMatchObject({
    success: false,
    error: { code: 'DUPLICATED_REF', details: { fields: ['amount'] } },
  })
  const path = { ref: 'never' }
  await expect(sdk.checkRef({ client, path, throwOnError: true })).rejects.toMatchObject({
    error: { code: 'NOT_FOUND' },
  })
  const change = { client: connect(''), path: { id, key: keyId }, body: { name: 'till 2' } }
  expect(await dataOf(sdk.changeKey(change))).toMatchObject({ id: keyId, name: 'till 2' })
})
