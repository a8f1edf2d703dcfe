import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { QUIET } from './quiet.mjs'

const run = promisify(execFile)
const WRANGLER = resolve(import.meta.dirname, '../node_modules/wrangler/bin/wrangler.js')

/**
 * Builds what a deployment of the project in `root` would upload (no account needed) into a fresh `outdir`.
 * @param {string} root
 * @param {string} outdir
 */
export async function bundle(root, outdir) {
  rmSync(outdir, { recursive: true, force: true })
  const command = [WRANGLER, 'deploy', '--dry-run', '--minify', '--outdir', outdir]
  try {
    await run(process.execPath, command, { cwd: root, env: { ...process.env, ...QUIET } })
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error)
    throw new Error(`The bundle failed:\n${stdout}${stderr}`, { cause: error })
  }
}
