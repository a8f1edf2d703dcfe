// Reads a secret from standard input: an argument would be seen by every user of the machine, in `ps`.
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Ctrl-C, or the end of input, in place of a secret. */
export class Interrupted extends Error {
  /** @override */
  name = 'Interrupted'
}

/**
 * Without echo on a terminal; from a pipe or a file, everything up to its end.
 * @param {string} question
 * @returns {Promise<string>} without the white space around it
 */
export async function readSecret(question) {
  if (process.stdin.isTTY) return (await typed(question)).trim()
  const chunks = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8').trim()
}

/**
 * @param {string} question
 * @returns {Promise<string>}
 */
function typed(question) {
  // As a terminal, readline takes over the echo, and here it has nowhere to go.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 })
  process.stderr.write(question)
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => {
      process.stderr.write('\n')
      reject(new Interrupted())
    })
  })
}
