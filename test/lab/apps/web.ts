import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface Page {
  readonly status: number
  readonly body: string
}

export interface Listening {
  readonly port: number
  /** All IPv4 addresses unless told otherwise. */
  readonly address?: string
  /** Said in every answer: whoever calls an address learns who has it now. */
  readonly self?: string
  /** Path of a Unix socket on which it listens too: calls over it make no packets. */
  readonly socketPath?: string
}

/** Names the service that answers. */
export const selfHeader = 'lab-self'

type Answer = (request: IncomingMessage, url: URL) => Promise<Page>

/** Serves pages until the container is stopped, and says each request on stdout as a web server would. */
export function serve(listening: Listening, answer: Answer): void {
  const { port, address = '0.0.0.0', self, socketPath } = listening
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (self) response.setHeader(selfHeader, self)
    void reply(request, response, answer)
  }
  createServer(listener).listen(port, address)
  if (socketPath) createServer(listener).listen(socketPath)
  stopOnSignal(() => {})
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  const startMs = performance.now()
  const url = new URL(request.url ?? '/', 'http://localhost')
  request.resume()
  const { status, body } = await respond(() => answer(request, url))
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
  response.end(body)
  const tookMs = (performance.now() - startMs).toFixed(1)
  console.log(`${new Date().toISOString()} ${request.method} ${url.pathname} ${status} ${tookMs}ms`)
}

async function respond(answer: () => Promise<Page>): Promise<Page> {
  try {
    return await answer()
  } catch (error) {
    return { status: 503, body: `${error instanceof Error ? error.message : error}\n` }
  }
}

/** Process 1 of a container has no default action for signals. */
export function stopOnSignal(stop: () => void): void {
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      stop()
      process.exit(0)
    })
  }
}
