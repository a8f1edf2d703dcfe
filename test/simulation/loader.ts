/**
 * Loads the gateway's own source in plain Node: extensionless imports as the bundler takes them, the platform's
 * module as an empty form, and, for one run, a mutant planted in the text of one file.
 */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A bug to plant: `find` is there exactly once. */
export interface Planted {
  /** From the root of the project. */
  readonly file: string
  readonly find: string
  readonly put: string
}

/** What the simulation never runs, or what only the platform has. */
const FORMS: Readonly<Record<string, string>> = {
  'cloudflare:workers':
    'export class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env } }',
  '../sandbox/sandbox':
    'export const sandboxFetch = () => () => Promise.reject(new Error("no sandbox here"))',
}

const ROOT = new URL('../../', import.meta.url)

let planted: Planted | null = null

/** For the rest of this process; before its file is loaded. */
export function plant(bug: Planted): void {
  planted = bug
}

/** Before any import that is not relative to a file with its extension. */
export function loadSource(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier in FORMS) return { url: `form:${specifier}`, format: 'module', shortCircuit: true }
      const isOurs = specifier.startsWith('.') && context.parentURL?.startsWith(ROOT.href)
      if (isOurs && !context.parentURL?.includes('/node_modules/')) {
        const file = new URL(`${specifier}.ts`, context.parentURL)
        if (existsSync(fileURLToPath(file.href))) return next(file.href, context)
      }
      return next(specifier, context)
    },
    load(url, context, next) {
      if (url.startsWith('form:')) {
        return { format: 'module', source: FORMS[url.slice('form:'.length)] ?? '', shortCircuit: true }
      }
      const loaded = next(url, context)
      if (planted === null || url !== new URL(planted.file, ROOT).href) return loaded
      const parts = String(loaded.source).split(planted.find)
      if (parts.length !== 2) {
        throw new Error(
          `the mutant no longer applies: ${planted.file} has its text ${parts.length - 1} times`,
        )
      }
      return { ...loaded, source: parts.join(planted.put) }
    },
  })
}
