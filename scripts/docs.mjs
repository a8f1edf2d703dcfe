#!/usr/bin/env node
// Writes the documentation that the gateway serves under /docs. Run it through npm: it needs Node 24.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { documentation } from './docs/pages.mjs'

const HELP = `npm run docs -- [options]

Writes public/docs/ from public/openapi.json, the guides in docs/, and the sandbox numbers of README.md.

  --check   write nothing; say whether the pages are up to date
  --help    this text`

const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
})
if (options.help) {
  console.log(HELP)
  process.exit(0)
}

const root = resolve(import.meta.dirname, '..')
const directory = resolve(root, 'public/docs')
const files = documentation(root)
mkdirSync(directory, { recursive: true })
const stale = readdirSync(directory).filter((name) => !files.has(name))
const changed = [...files].filter(([name, text]) => contents(name) !== text)

if (!options.check) {
  for (const name of stale) rmSync(resolve(directory, name))
  for (const [name, text] of changed) writeFileSync(resolve(directory, name), text)
} else if (stale.length + changed.length > 0) {
  const names = [...stale, ...changed.map(([name]) => name)]
  console.error(`public/docs is out of date (${names.join(', ')}): run \`npm run docs\` and commit it.`)
  process.exit(1)
}

/** @param {string} name */
function contents(name) {
  try {
    return readFileSync(resolve(directory, name), 'utf8')
  } catch {
    return null
  }
}
