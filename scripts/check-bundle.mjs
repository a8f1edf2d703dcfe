#!/usr/bin/env node
// Builds what a deployment would upload (no account needed) into dist/ and limits its size.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { QUIET } from './quiet.mjs'

/** What is loaded on a cold start. Far below the platform's limit: a jump means a wrong import. */
const LIMIT_KB = 150

const root = resolve(import.meta.dirname, '..')
const dist = resolve(root, 'dist')
rmSync(dist, { recursive: true, force: true })
const build = spawnSync(
  process.execPath,
  [
    resolve(root, 'node_modules/wrangler/bin/wrangler.js'),
    'deploy',
    '--dry-run',
    '--minify',
    '--outdir',
    dist,
  ],
  { cwd: root, env: { ...process.env, ...QUIET }, encoding: 'utf8' },
)
if (build.status !== 0) {
  process.stderr.write(build.stdout + build.stderr)
  process.exit(1)
}

const modules = readdirSync(dist).filter((name) => !name.endsWith('.map') && name !== 'README.md')
const kilobytes =
  modules.reduce((sum, name) => sum + gzipSync(readFileSync(resolve(dist, name))).length, 0) / 1024
console.log(`Bundle: ${kilobytes.toFixed(1)} KB gzip of ${LIMIT_KB} KB allowed`)
if (modules.length === 0 || kilobytes > LIMIT_KB) process.exit(1)
