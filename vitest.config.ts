import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { QUIET } from './scripts/quiet.mjs'
import { LongestFirst } from './test/longest-first.ts'

// The names under [secrets] in wrangler.toml are read from the environment.
Object.assign(process.env, QUIET, {
  ADMIN_TOKEN: 'local-admin',
  ONECLICK_ACCESS_TOKEN: 'local-access-token',
  MASTER_KEY: 'local-master-key',
})

// Every send waits for its commit: on a busy machine's disk that is what would be tested. Memory, where there is some.
const MEMORY = '/dev/shm'
const NEEDED_BYTES = 2 * 1024 ** 3
const DISK = tmpdir()
/** A port on which nothing listens. */
const NOBODY = 'http://127.0.0.1:9'
try {
  const { bavail, bsize } = statfsSync(MEMORY)
  if (bavail * bsize >= NEEDED_BYTES) process.env.TMPDIR = MEMORY
} catch {
  // Only Linux has it.
}

export default defineConfig({
  test: {
    // The gateway's own log lines matter only beside a failure.
    silent: 'passed-only',
    // The long tests wait for clocks rather than for the processor.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      // The rules, in plain Node: no runtime, no network.
      // Far above what any takes: the machine may be busy with the browser's tests meanwhile.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      // Objects, alarms and evictions, one step at a time inside the Workers runtime.
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            // Orders outlive their test: what they ask once `fetch` is the real one must be refused at once.
            miniflare: {
              bindings: { LOCAL: 'true', ONECLICK_BASE_URL: NOBODY, DNS_URL: `${NOBODY}/dns-query` },
            },
          }),
        ],
        test: {
          name: 'worker',
          include: ['test/worker/**/*.test.ts'],
          // Far above what any takes, as above.
          testTimeout: 30_000,
          // itty-durable mixes CommonJS and ESM, which the runtime cannot load unbundled.
          deps: { optimizer: { ssr: { enabled: true, include: ['itty-durable', 'itty-router'] } } },
        },
      },
      // The whole gateway between a fake provider and fake merchants, real alarms.
      {
        test: {
          name: 'system',
          // Importing the tool that starts a gateway takes longer than many a file.
          isolate: false,
          setupFiles: 'test/system/setup.ts',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      // The real objects in plain Node, under virtual time and every fault; run as the processes a user runs.
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'browser',
          // The browser unpacks itself there and stays for the next run.
          env: { TMPDIR: DISK },
          isolate: false,
          globalSetup: 'test/browser/unpack.ts',
          setupFiles: 'test/system/setup.ts',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
