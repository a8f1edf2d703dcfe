// The gateway that is measured: the bundle that a deployment would upload, under plain workerd. The dev server would
// be what is measured.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSource } from '../test/simulation/loader.ts'

// Node calls it experimental at every start; whoever reads the figures need not know.
process.removeAllListeners('warning')
loadSource()
export const { build } = await import('../test/workerd/build.ts')
export const { serve } = await import('../test/workerd/serve.ts')

/**
 * A directory on disk for what `work` builds and stores; gone with it.
 * @template T
 * @param {(directory: string) => Promise<T>} work
 */
export async function inDirectory(work) {
  const { directory, clear } = makeDirectory()
  try {
    return await work(directory)
  } finally {
    clear()
  }
}

/** Its data is on disk, and gone with it. */
export async function startGateway() {
  const { directory, clear } = makeDirectory()
  try {
    const built = await build(join(directory, 'build'))
    const served = await serve({ build: built, storage: join(directory, 'data') })
    const end = async () => {
      await served.kill()
      clear()
    }
    return { url: served.url, logs: served.logs, end }
  } catch (error) {
    clear()
    throw error
  }
}

function makeDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'rasid-bench-'))
  return { directory, clear: () => rmSync(directory, { recursive: true, force: true }) }
}
