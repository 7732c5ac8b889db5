import { createServer, type IncomingMessage } from 'node:http'

export interface Page {
  readonly status: number
  readonly body: string
}

/** Serves pages until the container is stopped, and says each request on stdout as a web server would. */
export function serve(
  port: number,
  answer: (request: IncomingMessage, url: URL) => Promise<Page>,
): void {
  const server = createServer((request, response) => {
    const startMs = performance.now()
    const url = new URL(request.url ?? '/', 'http://localhost')
    request.resume()
    void respond(() => answer(request, url)).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
      response.end(body)
      const tookMs = (performance.now() - startMs).toFixed(1)
      console.log(
        `${new Date().toISOString()} ${request.method} ${url.pathname} ${status} ${tookMs}ms`,
      )
    })
  })
  server.listen(port, '0.0.0.0')
  stopOnSignal(() => server.close())
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
