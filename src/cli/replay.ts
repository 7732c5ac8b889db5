import { randomBytes, randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { eachSecond } from '#lib/clock.ts'
import type { Packet } from '#model/packet.ts'
import { Windows } from '#windows/windows.ts'
import { createLog } from '../log.ts'
import { Pipeline } from '../pipeline.ts'
import { Uplink } from '../uplink.ts'
import { version } from '../version.ts'
import { openCapture } from './captures.ts'
import { listenDefault, parseFactor, parseListen } from './options.ts'
import { checkExposure } from './server.ts'
import { aborted, untilStopped } from './stop.ts'

interface Options {
  readonly listen: { readonly host: string; readonly port: number }
  readonly speed: number
  readonly viewToken?: string
}

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('The live map, fed by capture files.')
    .argument('<file...>', 'capture files (pcap, pcapng, gzip), played one after the other')
    .option('--speed <factor>', 'how much faster than it happened', parseFactor, 1)
    .option('--listen <address:port>', 'where to listen', parseListen, parseListen(listenDefault))
    .option('--view-token <token>', 'what viewers must show (default: $INKLING_VIEW_TOKEN)')
    .action(runReplay)
}

async function runReplay(files: readonly string[], options: Options): Promise<void> {
  for (const file of files) openCapture(file).close()
  const viewToken = options.viewToken ?? process.env.INKLING_VIEW_TOKEN
  checkExposure(options.listen.host, viewToken)
  const signal = untilStopped()
  const log = createLog('info')
  const agentToken = randomBytes(16).toString('hex')
  const { startServer } = await import('../server.ts')
  const server = await startServer({ ...options.listen, agentToken, viewToken, log })
  process.stdout.write(`The map is at ${server.url}\n`)
  const node = basename(files[0]).replaceAll(/\s/g, '-')
  const hello = () => ({ ...helloOf(node), run })
  const run = randomUUID()
  const uplink = new Uplink({ server: new URL(server.url), token: agentToken, hello, log })
  for (const file of files) await play(file, options.speed, uplink, signal)
  if (!signal.aborted) process.stdout.write('The capture has ended; Ctrl-C ends the map.\n')
  await aborted(signal)
  uplink.close()
  await server.close()
}

function helloOf(node: string) {
  return { type: 'hello' as const, node, version, hostNamespace: '', addresses: [] }
}

/** Gives each second of the file's time, `speed` of them a second, to the server as if it were now. */
async function play(file: string, speed: number, uplink: Uplink, signal: AbortSignal) {
  const source = openCapture(file)
  const windows = new Windows({ namespaceName: () => '', tellsPortsApart: () => false })
  const fault = (protocol: string, reason: unknown) => {
    process.stderr.write(`inkling: the ${protocol} decoder failed: ${reason}\n`)
  }
  const pipeline = new Pipeline({ raw: false, windows, fault })
  let untilUs = 0
  const add = (packet: Packet) => {
    untilUs ||= packet.timeUs
    pipeline.add(packet)
    lastUs = packet.timeUs
  }
  let lastUs = 0
  await new Promise<void>(resolve => {
    const stop = eachSecond(0, () => {
      untilUs += speed * 1_000_000
      while (!source.ended && lastUs <= untilUs) source.drain(add, 64)
      if (source.ended) pipeline.flush()
      else pipeline.flows.tick(Math.min(lastUs, untilUs))
      pipeline.measure()
      uplink.windows(windows.take(Math.floor(Date.now() / 1000) * 1000 - 1000))
      if (!source.ended && !signal.aborted) return
      stop()
      resolve()
    })
  })
  source.close()
  if (source.fault !== undefined) process.stderr.write(`inkling: ${source.fault}\n`)
}
