#!/usr/bin/env node
// Everything that is checked without running the gateway. Every step runs, so one look shows all that is wrong.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { QUIET } from './quiet.mjs'

const root = resolve(import.meta.dirname, '..')
/** @type {[name: string, command: string][]} */
const STEPS = [
  ['types of src', 'tsc'],
  ['types of test and scripts', 'tsc -p test'],
  ['types of test/worker', 'tsc -p test/worker'],
  ['lint, format, direction of imports', 'biome ci --error-on-warnings --colors=off --max-diagnostics=50'],
  ['unused files, exports, packages', 'knip'],
  ['binding types match wrangler.toml', 'wrangler types --check --include-runtime=false'],
  ['openapi.json is up to date', 'node scripts/openapi.mjs --check'],
  ['public/docs is up to date', 'node scripts/docs.mjs --check'],
  ['openapi.json is valid and has examples that fit', 'redocly lint public/openapi.json'],
  ['bundle', 'node scripts/check-bundle.mjs'],
]

const failed = STEPS.filter(([name, command]) => {
  const run = spawnSync(command, {
    cwd: root,
    shell: true,
    env: { ...process.env, ...QUIET },
    encoding: 'utf8',
  })
  console.log(`${run.status === 0 ? 'ok    ' : 'FAILED'}  ${name}`)
  if (run.status !== 0 || name === 'bundle')
    process.stdout.write(`${(run.stdout + run.stderr).replace(/^/gm, '        ').trimEnd()}\n`)
  return run.status !== 0
})
process.exit(failed.length > 0 ? 1 : 0)
