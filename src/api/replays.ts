/** `/v1/replays`: many deliveries again, by what they are. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { bookOf, merchantById } from '../env'
import { type Replay, type ReplayFilter, type ReplayView, replayView } from '../merchant/replay'
import { type Caller, withKey } from './auth'
import { replayBody } from './contract'
import { ApiError, success } from './envelope'
import { readBody } from './validation'

export const replays = new Hono<Caller>()

type ReplayBody = z.output<typeof replayBody>

/** `dry_run` only counts. */
replays.post('/replays', withKey('READ-WRITE'), async (c) => {
  const body = await readBody(c, replayBody)
  if (body.dry_run === true) {
    return success(c, JSON.stringify({ matched: await countReplay(c, body) }))
  }
  return success(c, JSON.stringify(await makeReplay(c, body)), 202)
})

export async function countReplay(c: Context<Caller>, body: ReplayBody): Promise<number> {
  return await bookOf(c.env, c.get('key').merchantId).countReplay(toFilter(c, body))
}

export async function makeReplay(c: Context<Caller>, body: ReplayBody): Promise<ReplayView> {
  const replay = await merchantOf(c).makeReplay(toFilter(c, body))
  if (replay === null) {
    const message = 'Another replay is running in this environment; wait for it, or cancel it'
    throw new ApiError('REPLAY_RUNNING', message)
  }
  return replayView(replay)
}

replays.get('/replays', withKey('READ-ONLY'), async (c) => {
  return success(c, JSON.stringify({ items: await listReplays(c), next_cursor: null }))
})

export async function listReplays(c: Context<Caller>): Promise<ReplayView[]> {
  return (await merchantOf(c).replays(c.get('key').environment)).map(replayView)
}

replays.get('/replays/:id', withKey('READ-ONLY'), async (c) => {
  return success(c, JSON.stringify(await replayOf(c, c.req.param('id'))))
})

export async function replayOf(c: Context<Caller>, id: string): Promise<ReplayView> {
  return found(await merchantOf(c).replay(c.get('key').environment, id), id)
}

/** One that is over stays as it is. */
replays.post('/replays/:id/cancel', withKey('READ-WRITE'), async (c) => {
  return success(c, JSON.stringify(await cancelReplay(c, c.req.param('id'))))
})

export async function cancelReplay(c: Context<Caller>, id: string): Promise<ReplayView> {
  return found(await merchantOf(c).cancelReplay(c.get('key').environment, id), id)
}

function toFilter(c: Context<Caller>, body: ReplayBody): ReplayFilter {
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

function found(replay: Replay | null, id: string): ReplayView {
  if (replay === null) throw new ApiError('NOT_FOUND', `Replay '${id}' not found`)
  return replayView(replay)
}
