import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { type AttemptDeps, type AttemptResult, attempt } from '../../../src/callback/deliver'

const running: { close: () => void }[] = []

/** Ends every receiver; the connections to them too. */
export function closeReceivers(): void {
  for (const server of running.splice(0)) server.close()
}

/** A receiver on a free port of 127.0.0.1; its URL. */
export async function receiver(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.push({
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
  return urlOf(server)
}

/** A receiver that gives one fixed answer. */
export function answering(status: number, headers: Record<string, string> = {}, body = ''): Promise<string> {
  return receiver((_, response) => response.writeHead(status, headers).end(body))
}

/** A receiver that speaks bytes, for answers no HTTP library would write. */
export async function rawReceiver(answer: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => answer(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.push({
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  return urlOf(server)
}

function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('listens on no port')
  return `http://127.0.0.1:${address.port}/cb`
}

/** Long enough that only a hanging test meets it. */
export const UNUSED_DEADLINE_MS = 8_000
export const SHORT_DEADLINE_MS = 300

/** One attempt of a small callback. */
export function post(url: string, deps: Partial<AttemptDeps> = {}): Promise<AttemptResult> {
  const headers = { 'webhook-id': 'evt_1', 'webhook-signature': 'v1,abc' }
  const body = '{"type":"topup.fulfilled"}'
  return attempt({ url, headers, body }, { fetch, now: Date.now, deadlineMs: UNUSED_DEADLINE_MS, ...deps })
}
