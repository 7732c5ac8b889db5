// Seconds from `npm start` to the first link, on a machine where something talks: a local HTTP server that is called all
// the time. Needs root. The link is looked for where the page gets it: in the live stream's figures.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { decodeFrame } from '#wire/live.ts'
import { median, report } from './figures.ts'

const rounds = Number(process.argv[2] ?? 5)
const root = join(import.meta.dirname, '..')
const address = '127.0.0.1:7398'

const server = createServer((_, response) => response.end('ok'))
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const place = server.address()
const url = typeof place === 'object' ? `http://127.0.0.1:${place?.port}/` : ''
const caller = setInterval(() => fetch(url).then(answer => answer.text()), 20)
try {
  const took: number[] = []
  for (let i = 0; i < rounds; i++) took.push(await measure())
  report('start', { 'seconds from npm start to the first link (goal 10)': median(took) })
} finally {
  clearInterval(caller)
  server.close()
  server.closeAllConnections()
}

async function measure(): Promise<number> {
  const start = performance.now()
  const args = ['start', '--silent', '--', '--listen', address]
  const up = spawn('npm', args, { cwd: root, stdio: 'ignore', detached: true })
  try {
    await firstLink(start + 30_000)
    return (performance.now() - start) / 1000
  } finally {
    await stop(up)
  }
}

/** Until a frame of the live stream shows requests. */
async function firstLink(endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    const seen = await watch().catch(() => false)
    if (seen) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('no link within 30 seconds')
}

function watch(): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${address}/api/v1/live`)
    socket.on('error', reject)
    socket.on('close', () => resolve(false))
    socket.on('message', (bytes: Buffer, isBinary) => {
      if (!isBinary || !decodeFrame(new Uint8Array(bytes).buffer)?.ok.some(rate => rate > 0)) return
      resolve(true)
      socket.terminate()
    })
  })
}

function stop(up: ChildProcess): Promise<void> {
  process.kill(-up.pid!, 'SIGTERM')
  return new Promise(resolve => up.once('exit', () => resolve()))
}
