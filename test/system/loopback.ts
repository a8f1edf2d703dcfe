import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atEnd } from './cleanup'

export type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => Promise<void>

/** An HTTP server on 127.0.0.1 (port 0: a free one), closed (hanging connections too) after the test file. */
export async function listen(handler: Handler, port = 0): Promise<string> {
  const server = createServer((request, response) => {
    void read(request)
      .then((body) => handler(request, body, response))
      // The peer went away, or the handler is wrong: the peer sees a broken connection either way.
      .catch(() => request.socket.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
