// A provider that accepts at once and settles nothing, in a thread of its own: neither its work nor what follows from a
// result is part of what a send costs the gateway.
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

/** More than any run spends. */
const BALANCE_DZD = 1e12

if (!isMainThread) {
  await import('./serve.mjs') // the tests' source can be imported from here on
  const { startProvider } = await import('../test/system/provider.ts')
  const provider = await startProvider()
  provider.setBalance(BALANCE_DZD)
  parentPort?.postMessage(provider.url)
}

/** Its address. It ends with the process. */
export async function startInstantProvider() {
  const worker = new Worker(fileURLToPath(import.meta.url))
  worker.unref()
  return await new Promise((/** @type {(url: string) => void} */ resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
