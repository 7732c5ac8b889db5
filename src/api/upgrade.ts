import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Agents } from './agents.ts'
import { type Guard, type Refusal, refuseAgent, refuseViewer } from './guard.ts'
import type { Viewers } from './live.ts'

const agentBytesMax = 64 * 1024 * 1024
const viewerBytesMax = 64 * 1024

/** Turns WebSocket requests over to agents (`/api/v1/agents`) and viewers (`/api/v1/live`), past the guard. */
export function upgrader(guard: Guard, agents: Agents, viewers: Viewers) {
  const forAgents = new WebSocketServer({ noServer: true, maxPayload: agentBytesMax })
  const forViewers = new WebSocketServer({ noServer: true, maxPayload: viewerBytesMax })
  return (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const path = (request.url ?? '').split('?')[0]
    if (path === '/api/v1/agents') {
      const refusal = refuseAgent(guard, request.headers)
      if (refusal) return refuse(socket, refusal)
      const received = () => (socket instanceof Socket ? socket.bytesRead : 0)
      return forAgents.handleUpgrade(request, socket, head, agent => agents.accept(agent, received))
    }
    if (path === '/api/v1/live') {
      const refusal = refuseViewer(guard, request.headers)
      if (refusal) return refuse(socket, refusal)
      return forViewers.handleUpgrade(request, socket, head, viewer => viewers.accept(viewer))
    }
    refuse(socket, { status: 404, error: `There is no ${path} here.` })
  }
}

function refuse(socket: Duplex, { status, error }: Refusal | { status: 404; error: string }): void {
  const body = JSON.stringify({ error })
  const head = [
    `HTTP/1.1 ${status} Refused`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
