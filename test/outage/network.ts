import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A network between agents and a server that a test can harm. */
export interface Network {
  readonly port: number
  /** Bytes that went towards the server. */
  readonly sent: number
  /** Nothing goes through, nobody is told: what is sent waits. */
  stall(): void
  /** All connections end at once, and none is made. */
  cut(): void
  /** At most so many bytes a second go towards the server. */
  slow(bytesPerSecond: number): void
  heal(): void
  close(): Promise<void>
}

/** Opens it; `serverPort` is asked at each connection. Port 0 takes a free one. */
export async function openNetwork(serverPort: () => number, port = 0): Promise<Network> {
  let mode: 'open' | 'stalled' | 'cut' = 'open'
  let bytesPerSecond = Number.POSITIVE_INFINITY
  let sent = 0
  const pairs = new Set<readonly [Socket, Socket]>()
  const flow = () => {
    for (const socket of [...pairs].flat()) {
      if (mode === 'stalled') socket.pause()
      else socket.resume()
    }
  }
  const server = createServer(client => {
    if (mode === 'cut') return client.destroy()
    const far = connect(serverPort(), '127.0.0.1')
    const pair = [client, far] as const
    pairs.add(pair)
    client.on('data', bytes => {
      sent += bytes.length
      far.write(bytes)
      if (bytesPerSecond === Number.POSITIVE_INFINITY) return
      client.pause()
      const waitMs = (bytes.length / bytesPerSecond) * 1000
      setTimeout(() => mode !== 'stalled' && client.resume(), waitMs)
    })
    far.on('data', bytes => client.write(bytes))
    for (const socket of pair) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        pairs.delete(pair)
        for (const end of pair) end.destroy()
      })
    }
    flow()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const harm = (next: typeof mode) => () => {
    mode = next
    bytesPerSecond = Number.POSITIVE_INFINITY
    if (mode === 'cut') for (const socket of [...pairs].flat()) socket.destroy()
    flow()
  }
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get sent() {
      return sent
    },
    stall: harm('stalled'),
    cut: harm('cut'),
    slow: most => {
      bytesPerSecond = most
    },
    heal: harm('open'),
    close: async () => {
      harm('cut')()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
