/** Refuses bodies that are too large, announced or not, before anything else is looked at. */
import type { MiddlewareHandler } from 'hono'
import type { Caller } from './auth'
import { LARGER_BODY_BYTES, MAX_BODY_BYTES } from './contract'
import { ApiError } from './envelope'

/** Read to the end, so that a client who is still writing gets his answer; beyond this he is cut off. */
const MAX_DRAINED_BYTES = 8 * 1024 * 1024

export const limitBody: MiddlewareHandler<Caller> = async (c, next) => {
  const limit = LARGER_BODY_BYTES[c.req.path] ?? MAX_BODY_BYTES
  if (Number(c.req.header('Content-Length') ?? 0) > limit) throw tooLarge(limit)
  if (c.req.raw.body !== null && c.req.header('Content-Length') === undefined) {
    c.req.raw = new Request(c.req.raw, { body: await readBytes(c.req.raw.body, limit) })
  }
  await next()
}

async function readBytes(body: ReadableStream<Uint8Array>, limit: number): Promise<Blob> {
  const kept: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size <= limit) kept.push(chunk)
    if (size > MAX_DRAINED_BYTES) break
  }
  if (size > limit) throw tooLarge(limit)
  return new Blob(kept)
}

function tooLarge(limit: number): ApiError {
  return new ApiError('PAYLOAD_TOO_LARGE', `body must NOT be larger than ${limit} bytes`)
}
