// Rounds in turn, so that a noisy machine is noisy for all, and what they come to.
import { at } from './figures.mjs'

/** @typedef {import('./closed-loop.mjs').Round} Round */
/** @typedef {import('./contenders.mjs').Comparison} Comparison */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} perSecond right answers, the median round
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number | null} cpuMicroseconds of the server for an answer
 * @property {number} answers
 * @property {number} errors
 * @property {string | null} firstError
 */

/** @typedef {Comparison & { ratio: number, lowest: number, highest: number, cpuRatio: number | null }} Ratio */

/**
 * @param {string} name
 * @param {readonly Round[]} rounds
 * @returns {Row}
 */
export function row(name, rounds) {
  const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs)
  const errors = rounds.flatMap(({ errors }) => errors)
  const cpuMs = rounds.map(({ cpuMs }) => cpuMs)
  const isKnown = cpuMs.every((ms) => ms !== null) && latencies.length > 0
  return {
    name,
    perSecond: at(rounds.map(rate), 0.5),
    p50Ms: at(latencies, 0.5),
    p99Ms: at(latencies, 0.99),
    cpuMicroseconds: isKnown ? (cpuMs.reduce((sum, ms) => sum + ms, 0) * 1_000) / latencies.length : null,
    answers: latencies.length,
    errors: errors.length,
    firstError: errors[0] ?? null,
  }
}

/**
 * Each round of ours is held against the limit's round beside it.
 * @param {Comparison} comparison
 * @param {ReadonlyMap<string, readonly Round[]>} rounds
 * @returns {Ratio}
 */
export function ratio(comparison, rounds) {
  const ours = rounds.get(comparison.ours) ?? []
  const limit = rounds.get(comparison.limit) ?? []
  const ratios = ours.map((round, index) => {
    const beside = limit[index]
    return beside === undefined ? Number.NaN : rate(round) / rate(beside)
  })
  const cpu = [row(comparison.limit, limit).cpuMicroseconds, row(comparison.ours, ours).cpuMicroseconds]
  const [limitCpu = null, oursCpu = null] = cpu
  return {
    ...comparison,
    ratio: at(ratios, 0.5),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    cpuRatio: limitCpu === null || oursCpu === null ? null : limitCpu / oursCpu,
  }
}

/** @param {Round} round */
function rate({ latenciesMs, seconds }) {
  return latenciesMs.length / seconds
}
