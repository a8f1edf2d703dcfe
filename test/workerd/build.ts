import { cpSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundle } from '../../scripts/bundle.mjs'
import { BUNDLE, readConfig, renderConfig, SERVICES } from './config'

const ROOT = resolve(import.meta.dirname, '../..')

/** What `serve` serves. */
export interface Build {
  /** The path of workerd's configuration, all that it needs beside it. */
  readonly config: string
  /** [vars] of wrangler.toml. */
  readonly vars: Readonly<Record<string, string>>
}

/** The Worker of the project in `root` as it would be deployed, into `directory`. */
export async function build(directory: string, root: string = ROOT): Promise<Build> {
  await bundle(root, join(directory, BUNDLE))
  cpSync(join(import.meta.dirname, SERVICES), join(directory, SERVICES), { recursive: true })
  const wrangler = readConfig(join(root, 'wrangler.toml'))
  const config = join(directory, 'config.capnp')
  writeFileSync(config, renderConfig(wrangler, directory))
  const vars = Object.entries(wrangler.vars).map(([name, value]) => [name, String(value)])
  return { config, vars: Object.fromEntries(vars) }
}
