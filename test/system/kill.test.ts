/**
 * The real thing under faults: what would be deployed, under plain workerd, killed with -9 in the middle of the
 * sends, started again on the same storage, and once as another version of itself. What the provider, the
 * merchant and the gateway know in the end is compared by the checker that also judges the simulation.
 */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { check } from '../simulation/checker'
import { type Build, build } from '../workerd/build'
import { walletAt } from './accounts'
import { dice, makeFaulty, merchantProgram, ordersOf, settleAll, viewsOf } from './chaos'
import { DEMO_LIVE_KEY, eventually } from './harness'
import { type LocalGateway, ROOT, startWorkerdGateway, temporaryStorage } from './local'
import { startMerchant } from './merchant'
import { startProvider } from './provider'

const SENDS = Number(process.env.KILL_SENDS ?? 2_000)
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31))
const KILLS = 3
/** An order that was never accepted needs a minute of look-ups before it may go out again, perhaps twice. */
const FINAL_MS = 6 * 60_000

it(
  `${SENDS} sends survive ${KILLS} kills and a new version (seed ${SEED})`,
  async () => {
    console.log(`KILL_SENDS=${SENDS} KILL_SEED=${SEED}`)
    const roll = dice(SEED)
    const provider = await startProvider()
    const merchant = await startMerchant()
    const vars = { ONECLICK_BASE_URL: provider.url }
    const storage = temporaryStorage()
    const first = await build(temporaryStorage())
    const next = await anotherVersion()
    let gateway: LocalGateway | null = await startWorkerdGateway({ build: first, storage, vars })
    const { port } = gateway
    const endpoint = await gateway.call('POST', '/v1/endpoints', {
      key: DEMO_LIVE_KEY,
      body: { url: merchant.url },
    })
    expect(endpoint.status, endpoint.text).toBe(201)
    const endpointId: string = endpoint.json.data.id
    // Everything at once, also at the pace that a faulty provider is spoken to.
    const fast = { sends_per_minute: 60_000, reads_per_minute: 60_000 }
    expect((await walletAt(gateway, 'operator').set(fast)).status).toBe(200)
    await eventually('the endpoint to be proven', () => merchant.verifications.length > 0)

    const { calm } = makeFaulty(provider, roll)
    const { statuses, stop } = settleAll(provider, roll)
    const { sends, run } = merchantProgram(SENDS, () => gateway)
    const running = run()
    for (let kill = 1; kill <= KILLS; kill++) {
      const mark = Math.floor((SENDS * (kill - 0.5 * roll())) / (KILLS + 1))
      await eventually(
        `${mark} sends`,
        () => sends.filter(({ answer }) => answer.kind === 'ok').length >= mark,
        240_000,
      )
      const killed = gateway
      gateway = null
      await killed?.kill()
      gateway = await startWorkerdGateway({ build: kill === KILLS ? next : first, storage, port, vars })
    }
    await running
    calm()

    const last = gateway
    await eventually('every order to be final', () => isQuiet(last), FINAL_MS)
    await eventually(
      'every callback',
      async () =>
        (await last.call('GET', '/v1/deliveries?state=pending&limit=1', { key: DEMO_LIVE_KEY })).json.data
          .items.length === 0,
      FINAL_MS,
    )
    stop()
    const orders = await ordersOf(last)
    expect(orders).toHaveLength(SENDS)
    expect(provider.topups).toHaveLength(SENDS)
    expect(check(viewsOf({ provider, statuses, merchant, endpointId, sends, orders }))).toEqual([])
  },
  15 * 60_000,
)

async function isQuiet(gateway: LocalGateway): Promise<boolean> {
  await gateway.fetch('/cdn-cgi/handler/scheduled?cron=*+*+*+*+*')
  for (const phase of ['queued', 'sending', 'in_doubt', 'tracking', 'unknown']) {
    const open = await gateway.call('GET', `/v1/orders?phase=${phase}&limit=1`, { key: DEMO_LIVE_KEY })
    if (open.status !== 200 || open.json.data.items.length > 0) return false
  }
  return true
}

/** The same project with another word in its code: to the runtime, a new version of every object's class. */
async function anotherVersion(): Promise<Build> {
  const root = temporaryStorage()
  for (const name of ['src', 'public', 'wrangler.toml', 'tsconfig.json', 'package.json']) {
    cpSync(join(ROOT, name), join(root, name), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  const entry = join(root, 'src/index.ts')
  writeFileSync(entry, `${readFileSync(entry, 'utf8')}\nReflect.set(globalThis, 'version', 'the next one')\n`)
  return await build(temporaryStorage(), root)
}
