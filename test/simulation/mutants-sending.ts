/** Mutants of sending and of the proof of absence: they cost money. */
import { type Mutant, mutant } from './mutant'

const MACHINE = 'src/order/machine.ts'
const CLASSIFY = 'src/provider/classify.ts'
const ORDER = 'src/order/order.ts'
const SUBMIT = 'src/order/submit.ts'
const SENDER = 'src/order/sender.ts'
const WALLET = 'src/provider/wallet.ts'
const LIST = 'src/provider/list-reading.ts'

export const SENDING: readonly Mutant[] = [
  mutant(
    'a send without an answer is sent again at once',
    SUBMIT,
    'return await walletByName(env, wallet).submit(tracked, request, terms)',
    `const submit = () => walletByName(env, wallet).submit(tracked, request, terms)
    const first = await submit()
    return first.outcome.kind === 'in_doubt' ? await submit() : first`,
  ),
  mutant(
    'a send that timed out is refused',
    CLASSIFY,
    "if (exchange.kind === 'failed') return { kind: 'in_doubt', reason: exchange.reason, refusal: null }",
    "if (exchange.kind === 'failed') return { kind: 'refused', refusal: { httpStatus: 400, code: 'TIMEOUT', message: '', detailsJson: null, retryAfterSeconds: null } }",
  ),
  mutant(
    'a wallet that fails means refused',
    SUBMIT,
    "return doubtful('wallet_failed')",
    "return { outcome: { kind: 'refused', refusal: { httpStatus: 403, code: 'WALLET', message: '', detailsJson: null, retryAfterSeconds: null } }, evidence: [], expected: null }",
  ),
  mutant(
    'a duplicate is a refusal',
    CLASSIFY,
    "if (DUPLICATE_CODES.has(refusal.code)) return { kind: 'found', topup: null }",
    "if (DUPLICATE_CODES.has(refusal.code)) return { kind: 'refused', refusal }",
  ),
  mutant(
    'a refusal is believed on a 5xx',
    CLASSIFY,
    'httpStatus < 400 || httpStatus > 499',
    'httpStatus < 400',
  ),
  mutant(
    'every 4xx is a refusal',
    CLASSIFY,
    'if (REFUSAL_CODES.has(refusal.code) || REFUSAL_STATUSES.has(httpStatus))',
    'if (httpStatus >= 400)',
  ),
  mutant(
    'a refusal after doubt frees the ref',
    MACHINE,
    'if (order.topupId === null) return {',
    'if (order.revision > 0) return {',
  ),
  mutant(
    'the intent is only in memory',
    SENDER,
    'this.#kept.commit(machine.begin(',
    'void ((next: unknown, _now: number) => this.#kept.remember(next as never))(machine.begin(',
  ),
  mutant(
    'every send has an upstream ref of its own',
    WALLET,
    'open.provider.send(tracked.upstreamRef, request)',
    "open.provider.send(tracked.upstreamRef.replace(/(r\\d+)$/, Date.now() + '-$1'), request)",
  ),
  mutant(
    'the second of two sends does not wait',
    ORDER,
    '      if (this.#sender.underWay !== null) {',
    '      if (this.#sender.underWay !== null && Date.now() < 0) {',
  ),
  mutant(
    'another amount is the same body',
    MACHINE,
    "  if ((a.amountDzd ?? 0) !== (b.amountDzd ?? 0)) fields.push('amount')\n",
    '',
  ),
  mutant(
    'an interrupted send is forgotten',
    ORDER,
    "if (record?.phase === 'sending' && this.#sender.underWay === null) {",
    "if (record?.phase === 'sending' && this.#sender.underWay === null && Date.now() < 0) {",
  ),
  mutant(
    'the id changes when the provider tells his',
    MACHINE,
    'topupId: order.topupId ?? topup.id,',
    'topupId: topup.id,',
  ),
]

export const ABSENCE: readonly Mutant[] = [
  mutant('one "not found" is absence', MACHINE, 'absence.count >= ABSENCE_LOOKS &&', 'absence.count >= 1 ||'),
  mutant(
    'absence needs no spread',
    MACHINE,
    'absence.lastAt - absence.firstAt >= ABSENCE_SPREAD_MS',
    'absence.lastAt >= absence.firstAt',
  ),
  mutant(
    'absence needs no list',
    ORDER,
    'const verdict = await wallet.isListed(intent, window)',
    "const verdict = 'absent' as 'absent' | 'listed' | 'unread'\n    void wallet.isListed(intent, window)",
  ),
  mutant(
    'absence needs no look-up',
    MACHINE,
    "absenceIsLikely(order) ? 'prove_absence' : 'look'",
    "'prove_absence'",
  ),
  mutant(
    'a list that was not read is empty',
    LIST,
    'if (read === null || ',
    'if (read === null) return refs\n    if (',
  ),
]
