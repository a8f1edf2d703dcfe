// The generator of load: so many connections, each asks again as soon as it was answered. The same for whoever is measured.
import { readFileSync } from 'node:fs'
import { Pool } from 'undici'

/** Linux counts processor time in these. */
const TICK_MS = 10
const DEADLINE_MS = 30_000

/**
 * @typedef {object} Question
 * @property {'GET' | 'POST'} method
 * @property {string} path
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 * @property {(answer: any) => boolean} isRight of the JSON that came with a 200
 */

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {{ url: string, pid: number }} server
 * @property {() => Question} next
 */

/**
 * @typedef {object} Round
 * @property {number} seconds
 * @property {number[]} latenciesMs of the right answers
 * @property {string[]} errors
 * @property {number | null} cpuMs of the server's process; null where it cannot be known
 */

/**
 * @param {Contender} contender
 * @param {{ connections: number, ms?: number, questions?: number }} limits the first that is reached ends it
 * @returns {Promise<Round>}
 */
export async function run({ server, next }, { connections, ms = Infinity, questions = Infinity }) {
  const pool = new Pool(server.url, { connections, headersTimeout: DEADLINE_MS, bodyTimeout: DEADLINE_MS })
  /** @type {number[]} */
  const latenciesMs = []
  /** @type {string[]} */
  const errors = []
  let asked = 0
  const cpuBefore = cpuMs(server.pid)
  const startedAt = performance.now()
  const ask = async () => {
    while (performance.now() - startedAt < ms && asked++ < questions) {
      const askedAt = performance.now()
      const wrong = await wrongWith(pool, next())
      if (wrong === null) latenciesMs.push(performance.now() - askedAt)
      else errors.push(wrong)
    }
  }
  await Promise.all(Array.from({ length: connections }, ask))
  const seconds = (performance.now() - startedAt) / 1_000
  const cpuAfter = cpuMs(server.pid)
  await pool.close()
  return {
    seconds,
    latenciesMs,
    errors,
    cpuMs: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
  }
}

/**
 * Null for the right answer.
 * @param {Pool} pool
 * @param {Question} question
 */
async function wrongWith(pool, { isRight, ...request }) {
  try {
    const { statusCode, body } = await pool.request(request)
    const text = await body.text()
    return statusCode === 200 && isRight(JSON.parse(text))
      ? null
      : `${request.path}: ${statusCode} ${text.slice(0, 200)}`
  } catch (error) {
    return `${request.path}: ${error}`
  }
}

/**
 * The processor time that a process has used so far; null where the system does not say.
 * @param {number} pid
 */
export function cpuMs(pid) {
  const fields = procFile(pid, 'stat')
    ?.replace(/^.*\) /s, '')
    .split(' ')
  return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/**
 * The memory that a process holds, MB; null where the system does not say.
 * @param {number} pid
 */
export function memoryMb(pid) {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(procFile(pid, 'status') ?? '')?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) / 1_024
}

/**
 * @param {number} pid
 * @param {string} name
 */
function procFile(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return null
  }
}
