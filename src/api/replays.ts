/** `/v1/replays`: many deliveries again, by what they are. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { bookOf, merchantById } from '../env'
import { type Replay, type ReplayFilter, replayView } from '../merchant/replay'
import { type Caller, withKey } from './auth'
import { replayBody } from './contract'
import { ApiError, success } from './envelope'
import { readBody } from './validation'

export const replays = new Hono<Caller>()

/** `dry_run` only counts. */
replays.post('/replays', withKey('READ-WRITE'), async (c) => {
  const body = await readBody(c, replayBody)
  const filter = toFilter(c, body)
  if (body.dry_run === true) {
    const matched = await bookOf(c.env, c.get('key').merchantId).countReplay(filter)
    return success(c, JSON.stringify({ matched }))
  }
  const replay = await merchantOf(c).makeReplay(filter)
  if (replay === null) {
    const message = 'Another replay is running in this environment; wait for it, or cancel it'
    throw new ApiError('REPLAY_RUNNING', message)
  }
  return success(c, JSON.stringify(replayView(replay)), 202)
})

replays.get('/replays', withKey('READ-ONLY'), async (c) => {
  const all = await merchantOf(c).replays(c.get('key').environment)
  return success(c, JSON.stringify({ items: all.map(replayView), next_cursor: null }))
})

replays.get('/replays/:id', withKey('READ-ONLY'), async (c) => {
  const id = c.req.param('id')
  return answer(c, await merchantOf(c).replay(c.get('key').environment, id), id)
})

/** One that is over stays as it is. */
replays.post('/replays/:id/cancel', withKey('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  return answer(c, await merchantOf(c).cancelReplay(c.get('key').environment, id), id)
})

function toFilter(c: Context<Caller>, body: z.output<typeof replayBody>): ReplayFilter {
  return {
    environment: c.get('key').environment,
    from: body.from === undefined ? null : Date.parse(body.from),
    to: body.to === undefined ? null : Date.parse(body.to),
    state: body.status ?? null,
    endpointId: body.endpoint_id ?? null,
    refs: body.refs ?? null,
    eventType: body.event_type ?? null,
  }
}

function merchantOf(c: Context<Caller>) {
  return merchantById(c.env, c.get('key').merchantId)
}

function answer(c: Context<Caller>, replay: Replay | null, id: string): Response {
  if (replay === null) throw new ApiError('NOT_FOUND', `Replay '${id}' not found`)
  return success(c, JSON.stringify(replayView(replay)))
}
