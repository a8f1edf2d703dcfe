/** The receiver of docs/callbacks.md, run as a merchant would run it: the guide must not rot. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { generateSigningKeys, type SigningKeys, signatureHeaders } from '../../../src/callback/sign'

const GUIDE = await readFile(resolve(import.meta.dirname, '../../../docs/callbacks.md'), 'utf8')
/** The sample listens as it is written, but on a free port, which it tells. */
const ON_A_FREE_PORT = `data:text/javascript,${encodeURIComponent(`
  import { Server } from 'node:net'
  const { listen } = Server.prototype
  Server.prototype.listen = function () {
    return listen.call(this, 0, '127.0.0.1', () => process.send(this.address().port))
  }`)}`

const keys = await generateSigningKeys()
const foreign = await generateSigningKeys()
const directory = await mkdtemp(join(tmpdir(), 'guide-'))
const shop = new DatabaseSync(join(directory, 'shop.db'))
shop.exec('CREATE TABLE topups (ref TEXT PRIMARY KEY, status TEXT, state_version INTEGER)')
await writeFile(join(directory, 'receiver.mjs'), sample('receiver.mjs'))
let receiver: ChildProcess
let port: unknown
/** What it printed: its slow work, once for each piece of news. */
let printed = ''

beforeAll(async () => {
  receiver = fork(join(directory, 'receiver.mjs'), {
    cwd: directory,
    env: { ...process.env, WEBHOOK_SECRET: keys.secret },
    execArgv: [`--import=${ON_A_FREE_PORT}`],
    silent: true,
  })
  receiver.stdout?.on('data', (chunk) => {
    printed += chunk
  })
  port = (await once(receiver, 'message'))[0]
})

beforeEach(() => {
  shop.exec("DELETE FROM topups; INSERT INTO topups VALUES ('طلب-1', 'PENDING', 0)")
})

afterAll(async () => {
  const ended = once(receiver, 'exit')
  receiver.kill()
  await ended
  shop.close()
  await rm(directory, { recursive: true })
})

describe('the receiver of the guide', () => {
  const fulfilled = topup('FULFILLED', 2)

  it('takes a genuine event', async () => {
    expect(await deliver(fulfilled, await signed(fulfilled))).toEqual({ status: 204, text: '' })
    expect(order()).toEqual({ status: 'FULFILLED', state_version: 2 })
  })

  it.each([
    ['first', [keys, foreign]],
    ['last', [foreign, keys]],
  ])('takes one of several signatures during a rotation, its own the %s', async (_, all) => {
    expect(await deliver(fulfilled, await signed(fulfilled, { all }))).toMatchObject({ status: 204 })
    expect(order()).toEqual({ status: 'FULFILLED', state_version: 2 })
  })

  it('lets no late event take back a newer one, and answers it all the same', async () => {
    const unknown = topup('UNKNOWN_ERROR', 1)
    await deliver(fulfilled, await signed(fulfilled))
    expect(await deliver(unknown, await signed(unknown))).toMatchObject({ status: 204 })
    expect(order()).toEqual({ status: 'FULFILLED', state_version: 2 })
  })

  it('acts once on an event that comes twice', async () => {
    const later = topup('UNKNOWN_ERROR', 3)
    printed = ''
    for (const body of [fulfilled, fulfilled, fulfilled, later]) await deliver(body, await signed(body))
    await vi.waitUntil(() => printed.includes('UNKNOWN_ERROR'))
    expect(printed).toBe('طلب-1 FULFILLED\nطلب-1 UNKNOWN_ERROR\n')
  })

  it.each([
    ['another secret', {}, { all: [foreign] }],
    ['a timestamp too old', {}, { secondsFromNow: -310 }],
    ['a timestamp too far ahead', {}, { secondsFromNow: 310 }],
    ['a timestamp that is no number', { 'webhook-timestamp': 'now' }, {}],
    ['another id', { 'webhook-id': 'evt_other' }, {}],
    ['no signature', { 'webhook-signature': undefined }, {}],
    ['an empty signature', { 'webhook-signature': 'v1,' }, {}],
    [
      'no headers at all',
      { 'webhook-id': undefined, 'webhook-timestamp': undefined, 'webhook-signature': undefined },
      {},
    ],
  ])('refuses %s', async (_, changed, how) => {
    const headers = { ...(await signed(fulfilled, how)), ...changed }
    expect(await deliver(fulfilled, headers)).toMatchObject({ status: 400 })
    expect(order()).toEqual({ status: 'PENDING', state_version: 0 })
  })

  it.each([
    ['another number in it', fulfilled.replace('"state_version":2', '"state_version":3')],
    ['a newline after it', `${fulfilled}\n`],
    ['the same meaning in other bytes', JSON.stringify(JSON.parse(fulfilled), null, 1)],
  ])('refuses a body with %s', async (_, altered) => {
    expect(await deliver(altered, await signed(fulfilled))).toMatchObject({ status: 400 })
    expect(order()).toEqual({ status: 'PENDING', state_version: 0 })
  })

  it('proves its endpoint', async () => {
    const question = JSON.stringify({
      type: 'endpoint.verification',
      data: { challenge: '9f', endpoint_id: 'ep_1' },
    })
    const answer = await deliver(question, await signed(question))
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toEqual({ challenge: '9f' })
  })

  it('answers a type that it does not know', async () => {
    const other = JSON.stringify({ type: 'gateway.callback_health', data: { endpoint: 'ep_1' } })
    expect(await deliver(other, await signed(other))).toMatchObject({ status: 204 })
  })

  it('wants an event again that it could not save', async () => {
    shop.exec('ALTER TABLE topups RENAME TO lost')
    expect(await deliver(fulfilled, await signed(fulfilled))).toMatchObject({ status: 500 })
    shop.exec('ALTER TABLE lost RENAME TO topups')
    expect(await deliver(fulfilled, await signed(fulfilled))).toMatchObject({ status: 204 })
    expect(order()).toEqual({ status: 'FULFILLED', state_version: 2 })
  })
})

describe('the check of the guide with the public key', () => {
  const body = topup('FULFILLED', 2)

  it('believes the gateway alone, during a rotation too', async () => {
    vi.stubEnv('WEBHOOK_PUBLIC_KEY', keys.publicKey)
    const { isSignedByRasid } = await import(`data:text/javascript,${encodeURIComponent(sample('v1a.mjs'))}`)
    const holds = async (all: SigningKeys[], bytes = body) =>
      isSignedByRasid(await signed(body, { all }), Buffer.from(bytes))
    expect(await holds([keys])).toBe(true)
    expect(await holds([foreign, keys])).toBe(true)
    expect(await holds([foreign])).toBe(false)
    expect(await holds([keys], `${body}\n`)).toBe(false)
  })
})

/** The code block of the guide that begins with this file's name. */
function sample(file: string): string {
  const code = GUIDE.split('```js\n').find((block) => block.startsWith(`// ${file}\n`))
  if (code === undefined) throw new Error(`the guide has no ${file}`)
  return code.slice(0, code.indexOf('```'))
}

function topup(status: string, stateVersion: number): string {
  const type = status === 'FULFILLED' ? 'topup.fulfilled' : 'topup.unknown'
  return JSON.stringify({ type, data: { ref: 'طلب-1', status, state_version: stateVersion } })
}

async function signed(body: string, { all = [keys], secondsFromNow = 0 } = {}) {
  const timestampSeconds = Math.floor(Date.now() / 1_000) + secondsFromNow
  return await signatureHeaders({ id: 'evt_7f3a_2', timestampSeconds, body }, all)
}

async function deliver(body: string, headers: Record<string, string | undefined>) {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const answer = await fetch(`http://127.0.0.1:${port}/callback`, { method: 'POST', headers: given, body })
  return { status: answer.status, text: await answer.text() }
}

function order() {
  return { ...shop.prepare('SELECT status, state_version FROM topups').get() }
}
