// The figures of bench/sweep.mjs as a table, and what must be said of them.
import { machineInWords } from './figures.mjs'

/** Of the asked rate; with less, or with answers this slow, the machine and not the sweep is what is measured. */
const LEAST_SHARE = 0.95
const SLOWEST_SEND_MS = 2_000

/** @typedef {import('./sweep.mjs').Row} Row */

/**
 * @param {readonly Row[]} rows
 * @param {number} seconds
 */
export function print(rows, seconds) {
  console.log(machineInWords())
  console.log(
    `Gateway: plain workerd, storage on disk, the provider its own sandbox (settles in 5 to 16 s); ${seconds} s a row`,
  )
  console.log()
  console.log(
    '                              upstream           settled -> callback     settled -> known   loop of 5 s, computed          send',
  )
  console.log(
    'orders/s  reads/min achieved  reads/order steady median    p99   most    median    p99       reads  median    p99  median    p99  errors  load',
  )
  for (const row of rows) console.log(line(row))
  console.log()
  console.log(
    'Times in ms. Reads are all that the wallet made: the sweep, the statement. Steady: from the 20th second to the last\n' +
      'send, without the beginning and the end of the row. The loop is not run, which would disturb the rest: a client that\n' +
      'asks every 5 s until it is final, over the same top-ups, from when each of them settled, without its network.',
  )
  for (const note of rows.flatMap(notesOn)) console.log(note)
}

/** @param {Row} row */
export function line({
  rate,
  readsPerMinute,
  achievedPerSecond,
  readsPerOrder,
  steadyReadsPerOrder,
  toldMs,
  seenMs,
  loop,
  sendMs,
  errors,
  load,
}) {
  const { notSent, notTold, toldAgain, notFulfilled, unknown } = errors
  return [
    String(rate).padStart(8),
    String(readsPerMinute).padStart(11),
    (achievedPerSecond?.toFixed(1) ?? '').padStart(9),
    (readsPerOrder?.toFixed(3) ?? '?').padStart(13),
    (steadyReadsPerOrder?.toFixed(3) ?? '').padStart(7),
    ...[toldMs.median, toldMs.p99, toldMs.most].map((each) => String(each).padStart(7)),
    ...[seenMs.median, seenMs.p99].map((each, at) => String(each).padStart(at === 0 ? 10 : 7)),
    loop.readsPerOrder.toFixed(2).padStart(12),
    ...[loop.noticedMs.median, loop.noticedMs.p99].map((each, at) => String(each).padStart(at === 0 ? 8 : 7)),
    ...[sendMs.median, sendMs.p99].map((each, at) => String(each).padStart(at === 0 ? 8 : 7)),
    String(notSent + notTold + toldAgain + notFulfilled + unknown).padStart(8),
    load.toFixed(1).padStart(6),
  ].join('')
}

/** @param {Row} row */
function notesOn({
  rate,
  readsPerMinute,
  orders,
  achievedPerSecond,
  sendMs,
  sandboxSendMs,
  errors,
  readsPerOrder: counted,
  isCutShort,
}) {
  const where = `! ${rate} with ${readsPerMinute} reads:`
  const notes = []
  const isSlow = achievedPerSecond !== null && achievedPerSecond < LEAST_SHARE * Number(rate)
  if (isSlow || isCutShort || sendMs.p99 > SLOWEST_SEND_MS) {
    const got = achievedPerSecond === null ? '' : ` (${achievedPerSecond.toFixed(1)} orders/s)`
    notes.push(
      `${where} this machine did not keep up${got}: a send took up to ${sendMs.most} ms, of which the sandbox's own answer up to` +
        ` ${sandboxSendMs.most} ms (median ${sandboxSendMs.median}); the row is of that rate, and of a machine that is behind`,
    )
  }
  const { notSent, notTold, toldAgain, notFulfilled, unknown, outlived, firstFailure } = errors
  const counts = [
    `${notSent} not sent${firstFailure === null ? '' : ` (the first: ${firstFailure})`}`,
    `${notTold} never told`,
    `${toldAgain} told again`,
    `${notFulfilled} not fulfilled`,
    `${unknown} of unknown times, left out`,
  ].filter((count) => !count.startsWith('0 '))
  if (counts.length > 0) notes.push(`${where} of ${orders} orders ${counts.join(', ')}`)
  if (outlived > 0) notes.push(`${where} ${outlived} were told after the sandbox may have dropped them`)
  if (counted === null) notes.push(`${where} the wallet restarted meanwhile: its reads are not known`)
  return notes
}
