// The gateway that is measured: the bundle that a deployment would upload, under plain workerd. The dev server would
// be what is measured.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSource } from '../test/simulation/loader.ts'

// Node calls it experimental at every start; whoever reads the figures need not know.
process.removeAllListeners('warning')
loadSource()
const { build } = await import('../test/workerd/build.ts')
const { serve } = await import('../test/workerd/serve.ts')

/** Its data is on disk, and gone with it. */
export async function startGateway() {
  const storage = mkdtempSync(join(tmpdir(), 'rasid-bench-'))
  const clear = () => rmSync(storage, { recursive: true, force: true })
  try {
    const built = await build(join(storage, 'build'))
    const served = await serve({ build: built, storage: join(storage, 'data') })
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
