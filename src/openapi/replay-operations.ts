/** `/v1/replays`: many deliveries again. */
import * as z from 'zod'
import { replayBody } from '../api/contract'
import { time, whole } from './answers'
import { pageOf } from './merchant-answers'
import type { Operation, Parameter } from './operation'
import { body, named, said } from './words'

const DAY_OR_TIME = 'ISO 8601, a date or a time; included.'
body(
  'ReplayBody',
  'Which deliveries; conditions are combined with "and", none means all. Other fields are refused: a condition that was mistyped is no condition.',
  replayBody,
)
const asked = replayBody.shape
said(asked.from, `Events made at or after this. ${DAY_OR_TIME}`)
said(asked.to, `Events made at or before this. ${DAY_OR_TIME}`)
said(asked.status, 'Deliveries in this state now.')
said(asked.endpoint_id, 'To this endpoint.')
said(asked.refs, 'Of these orders.')
said(asked.event_type, 'Of events of this type.')
said(asked.dry_run, 'Only count.')

const matched = () => said(whole(), 'Deliveries that fitted when it was made.')

const replay = named(
  'Replay',
  'A bulk replay and how far it has come.',
  z.strictObject({
    id: z.string(),
    state: z.enum(['running', 'complete', 'cancelled']),
    matched: matched(),
    done: said(whole(), 'Made again; from there on they follow the schedule.'),
    skipped: said(
      z.record(z.string(), whole()),
      'How many by reason: `paused`, `disabled`, `unverified` (the endpoint), `endpoint_deleted`, `unreachable`.',
    ),
    created_at: time(),
    finished_at: time().nullable(),
  }),
)

const replayList = named('ReplayList', 'The newest fifty, newest first.', pageOf(replay))

const replayCount = named('ReplayCount', 'What a replay would match.', z.strictObject({ matched: whole() }))

const replayId: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the replay.',
  example: 'rpl_0mibt0w00_0f1e2d3c4b5a6978',
}

export const replayOperations: readonly Operation[] = [
  {
    id: 'createReplay',
    method: 'post',
    path: '/v1/replays',
    tag: 'Callbacks',
    summary: 'Have many deliveries again',
    description:
      'Those that fit at this moment, however many, oldest first, 50 a second; ids and bytes as ever, with `webhook-replay: true`. What comes later is not among them. One whose endpoint is not active is skipped and counted. One replay runs at a time in each environment.',
    access: 'write',
    body: { schema: replayBody, example: { status: 'failed', from: '2026-11-20' } },
    status: 202,
    answer: 'It is running.',
    content: { kind: 'data', schema: replay },
    alternative: {
      name: 'dryRun',
      status: 200,
      answer: 'With `dry_run`: nothing is sent.',
      content: { kind: 'data', schema: replayCount },
    },
    errors: ['REPLAY_RUNNING'],
  },
  {
    id: 'listReplays',
    method: 'get',
    path: '/v1/replays',
    tag: 'Callbacks',
    summary: 'Your replays',
    description: 'The newest fifty of the key’s environment.',
    access: 'read',
    status: 200,
    answer: 'All of them.',
    content: { kind: 'data', schema: replayList },
    errors: [],
  },
  {
    id: 'getReplay',
    method: 'get',
    path: '/v1/replays/{id}',
    tag: 'Callbacks',
    summary: 'How far a replay has come',
    description: 'It is over when `finished_at` is not null.',
    access: 'read',
    parameters: { id: replayId },
    status: 200,
    answer: 'The replay.',
    content: { kind: 'data', schema: replay },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'cancelReplay',
    method: 'post',
    path: '/v1/replays/{id}/cancel',
    tag: 'Callbacks',
    summary: 'Stop a replay',
    description:
      'No further delivery is made again. What was made due by then is attempted. A replay that is over stays as it is.',
    access: 'write',
    parameters: { id: replayId },
    status: 200,
    answer: 'The replay as it is now.',
    content: { kind: 'data', schema: replay },
    errors: ['NOT_FOUND'],
  },
]
